"""The serving image under SageMaker's contract for hosting."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from contract_runs import NOBODY, Host
from served_model import START_SECONDS, client, ready, serve

pytestmark = pytest.mark.docker

MEGABYTE = 1 << 20
# Asked from inside, where there is no way from outside.
PING = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:8080/ping', timeout=2).status)"


def test_answers_a_photo_as_sagemaker_asks(host: Host, champion: Path, photos: Path) -> None:
    """The image with the word "serve", a model it cannot write and a port of SageMaker's choice."""
    served = serve(
        host,
        champion,
        environment={"SAGEMAKER_BIND_TO_PORT": "9123"},
        ports={"9123/tcp": ("127.0.0.1", None)},
    )
    with client(served, "9123/tcp") as http:
        ready(served, lambda: http.get("/ping").status_code)
        photo = next(photos.glob("*/*.jpg")).read_bytes()

        answer = http.post("/invocations", content=photo, headers={"Content-Type": "image/jpeg"})
        large = http.post("/invocations", content=bytes(7 * MEGABYTE), headers={"Content-Type": "image/jpeg"})

    assert 200 == answer.status_code
    assert 10 == len(answer.json()["scores"])
    assert 413 == large.status_code


def test_a_request_under_way_at_sigterm_is_answered_and_the_program_ends_with_0(
    host: Host, champion: Path
) -> None:
    """SageMaker kills a container 30 seconds after SIGTERM; it is gone before."""
    served = serve(host, champion, ports={"8080/tcp": ("127.0.0.1", None)})
    with client(served, "8080/tcp") as http:
        ready(served, lambda: http.get("/ping").status_code)
        began = time.monotonic()

        served.stop(timeout=30)

    assert time.monotonic() - began < 30
    assert 0 == served.wait()["StatusCode"]


@pytest.mark.parametrize("user", ["0", str(NOBODY)])
def test_becomes_healthy_without_network_for_any_user(host: Host, champion: Path, user: str) -> None:
    """Network isolation is on wherever the classifier is deployed, and root is not needed."""
    if user == "0" and os.getuid() != 0:
        pytest.skip("pytest's own folders are closed to a root without capabilities")
    served = serve(host, champion, network_mode="none", user=user)

    ready(served, lambda: int(served.exec_run(["python", "-c", PING]).output[-4:] or 0))

    assert 0 != served.exec_run(["python", "-c", PING.replace("127.0.0.1:8080", "192.0.2.1")]).exit_code


def test_the_model_cannot_be_written(host: Host, champion: Path) -> None:
    """The folder is mounted as SageMaker does, and the program did not need to write into it."""
    served = serve(host, champion, network_mode="none")
    ready(served, lambda: int(served.exec_run(["python", "-c", PING]).output[-4:] or 0))

    tried = served.exec_run(["touch", "/opt/ml/model/new"])

    assert b"Read-only file system" in tried.output


def test_a_changed_model_is_refused_with_its_name(host: Host, champion: Path, tmp_path: Path) -> None:
    """One byte more in the labels: exit code 1 and a line that says which file."""
    shutil.copytree(champion / "model", tmp_path / "model")
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    changed = tmp_path / "model" / min(manifest["files"])
    changed.write_bytes(changed.read_bytes() + b" ")

    served = serve(host, tmp_path, network_mode="none")

    assert 1 == served.wait(timeout=START_SECONDS)["StatusCode"]
    assert f"{changed.name} was changed" in served.logs().decode()
