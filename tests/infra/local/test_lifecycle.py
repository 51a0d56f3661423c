"""Starting and stopping: one server a home, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local import lifecycle
from infra.local.client import client
from infra.local.home import State, read_state, write_state
from infra.local.lifecycle import LifecycleError
from infra.local.processes import started


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Give a home whose server is stopped in the end."""
    yield tmp_path / "home"
    lifecycle.stop(tmp_path / "home")


@pytest.fixture(scope="module")
def two_starts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[lifecycle.Running]]:
    """Start a home twice at once, and let this module share its server."""
    home = tmp_path_factory.mktemp("shared")
    found: list[lifecycle.Running] = []
    threads = [threading.Thread(target=lambda: found.append(lifecycle.start(home))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield found
    lifecycle.stop(home)


@pytest.fixture
def running(two_starts: list[lifecycle.Running]) -> lifecycle.Running:
    """Return the shared server."""
    return two_starts[0]


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m infra.local``."""
    return subprocess.run(
        [sys.executable, "-m", "infra.local", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(lifecycle.__file__).parents[2],
    )


def taken_port() -> socket.socket:
    """Listen on some port."""
    other = socket.socket()
    other.bind(("127.0.0.1", 0))
    other.listen()
    return other


def test_it_starts_once_and_outlives_who_started_it(home: Path) -> None:
    """The command ends, the server stays: in a session of its own, with what AWS clients need set up."""
    done = command("start", "--home", str(home), "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["running"]
    assert os.getsid(said["pid"]) == said["pid"]
    running = lifecycle.start(home)
    assert (running.endpoint_url, running.pid) == (said["endpoint_url"], said["pid"])
    assert not running.outdated
    ssm = client("ssm", running.endpoint_url, "us-east-1")
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/bestiary/", Recursive=True)
    values = {each["Name"]: each["Value"] for page in pages for each in page["Parameters"]}
    assert values["/bestiary/bucket"] == "bestiary-123456789012-us-east-1"
    bucket, _, key = values["/bestiary/approved-none-uri"].removeprefix("s3://").partition("/")
    s3 = client("s3", running.endpoint_url, "us-east-1")
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"{}"
    role = values["/bestiary/role-arn"].rpartition("/")[2]
    assert client("iam", running.endpoint_url, "us-east-1").get_role(RoleName=role)["Role"]["Arn"]
    stopped = command("stop", "--home", str(home))
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert started(said["pid"]) is None
    assert command("status", "--home", str(home)).returncode == 1


def test_two_starts_at_once_give_one_server(two_starts: list[lifecycle.Running]) -> None:
    """Both return it."""
    assert len(two_starts) == 2
    assert two_starts[0] == two_starts[1]


def test_a_restart_keeps_the_port_and_the_bucket(home: Path) -> None:
    """Setting up again makes no new version of anything, after a kill as after a stop.

    That ``local.json`` still names a process, one that is not ours to harm, is got over.
    """
    with socket.create_server(("127.0.0.1", 0)) as own:
        # Not the usual one, which another test's server may take while this one is down.
        port = own.getsockname()[1]
    first = lifecycle.start(home, port)
    s3 = client("s3", first.endpoint_url, "us-east-1")
    bucket = s3.list_buckets()["Buckets"][0]["Name"]
    before = s3.list_object_versions(Bucket=bucket)["Versions"]
    os.kill(first.pid, signal.SIGKILL)
    while started(first.pid):
        time.sleep(0.01)
    assert lifecycle.status(home) is None
    write_state(home, State(os.getpid(), int(first.endpoint_url.rpartition(":")[2]), "long ago", ""))
    again = lifecycle.start(home)
    assert again.endpoint_url == first.endpoint_url
    state = read_state(home)
    assert state is not None
    assert state.pid == again.pid != os.getpid()
    assert s3.list_object_versions(Bucket=bucket)["Versions"] == before
    assert lifecycle.stop(home)
    assert not lifecycle.stop(home)
    assert lifecycle.start(home).endpoint_url == first.endpoint_url


def test_a_port_asked_for_that_is_taken_is_an_error_in_one_line(home: Path) -> None:
    """It names the port and what to do; without asking, another port is found."""
    with taken_port() as other:
        port = other.getsockname()[1]
        done = command("start", "--home", str(home), "--port", str(port))
        assert done.returncode == 1
        assert done.stdout == ""
        assert f"port {port} is used by another program" in done.stderr
        assert done.stderr.count("\n") == 1
        home.mkdir(exist_ok=True)
        write_state(home, State(0, port, "", ""))  # as if it had been used before
        assert lifecycle.start(home).endpoint_url != f"http://127.0.0.1:{port}"


def test_a_number_that_is_no_port_is_an_error_in_one_line(home: Path) -> None:
    """It names the number, and no log has to be read."""
    for number in (-1, 65536):
        done = command("start", "--home", str(home), f"--port={number}")
        assert (1, f"error: port {number} cannot be used: ports go to 65535\n") == (
            done.returncode,
            done.stderr,
        )


def test_a_port_of_another_home_names_that_home(running: lifecycle.Running, home: Path) -> None:
    """And a server that runs is not moved to another port."""
    port = int(running.endpoint_url.rpartition(":")[2])
    with pytest.raises(LifecycleError, match=f"the local SageMaker of {running.home}"):
        lifecycle.start(home, port)
    with pytest.raises(LifecycleError, match="stop it to change"):
        lifecycle.start(running.home, port + 1)
    assert lifecycle.start(running.home, port) == running


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"pid": "x", "port": 1, "started": "1", "version": ""}',
        json.dumps({"pid": "this", "port": 1, "started": "another process", "version": ""}),
        json.dumps({"pid": 2**22 + 1, "port": 1, "started": "1", "version": ""}),
    ],
    ids=["empty", "cut", "list", "words", "reused", "gone"],
)
def test_a_stale_or_broken_local_json_is_no_server(tmp_path: Path, text: str) -> None:
    """Neither found, nor does anything come to harm that has its process number now."""
    (tmp_path / "local.json").write_text(text.replace('"this"', str(os.getpid())))
    assert lifecycle.status(tmp_path) is None
    assert not lifecycle.stop(tmp_path)


@pytest.mark.parametrize("place", ["file/home", "x" * 300, "/proc/home"])
def test_a_home_that_cannot_be_is_an_error_in_one_line(tmp_path: Path, place: str) -> None:
    """Nothing is started, and the line names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LifecycleError) as caught:
        lifecycle.start(tmp_path / place)
    assert str(tmp_path / place) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pushing_code_reaches_a_server_that_runs(home: Path, tmp_path: Path) -> None:
    """And is remembered over a restart; the same code changes nothing."""
    source = tmp_path / "source"
    for package in ("bestiary", "training_scripts", "inference", "pipelines", "infra"):
        (source / package).mkdir(parents=True)
        (source / package / "__init__.py").write_text("")
    running, was_started = lifecycle.ensure_running(home, source)
    assert was_started

    def image() -> str:
        ssm = client("ssm", lifecycle.start(home).endpoint_url, "eu-west-1")  # any region will do
        return str(ssm.get_parameter(Name="/bestiary/images/jobs")["Parameter"]["Value"])

    first = image()
    assert lifecycle.ensure_running(home, source) == (running, False)
    assert image() == first
    (source / "inference" / "__init__.py").write_text("X = 1\n")
    lifecycle.ensure_running(home, source)
    assert image() == first  # the jobs' image has no serving code in it
    (source / "training_scripts" / "__init__.py").write_text("X = 1\n")
    assert lifecycle.ensure_running(home, source) == (running, False)
    second = image()
    assert second != first
    lifecycle.stop(home)
    assert image() == second


def test_a_web_page_cannot_reach_it(running: lifecycle.Running) -> None:
    """Neither from another site, nor by a name that was made to lead here."""
    for name, value in (("Origin", "https://example.org"), ("Host", "example.org")):
        request = urllib.request.Request(  # noqa: S310 - our own server
            running.endpoint_url, data=b"{}", headers={name: value, "X-Amz-Target": "SageMaker.ListPipelines"}
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=10)  # noqa: S310 - our own server
        assert caught.value.code == 403
        caught.value.close()


def test_the_exports_lead_a_shell_there(running: lifecycle.Running, home: Path) -> None:
    """``eval "$(… env)"`` is all it takes."""
    exports = command("env", "--home", str(running.home)).stdout
    shown = subprocess.run(
        ["sh", "-c", f'{exports}echo "$AWS_ENDPOINT_URL ${{AWS_PROFILE-none}} $AWS_REGION"'],
        env={"AWS_PROFILE": "work", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == f"{running.endpoint_url} none us-east-1\n"
    done = command("env", "--home", str(home))
    assert (done.returncode, done.stdout) == (1, "")
