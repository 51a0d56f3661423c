"""A stylizer is registered, deployed, asked, rolled back and removed like the classifier."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pypdfium2
import pytest
from command_line import CommandLine, QuickCommandLine
from fronts import ended, served, upload
from PIL import Image
from toy_versions import until

sys.path.append(str(Path(__file__).parents[1] / "bestiary"))
from style_models import network, photo, saved_pair, stripes

LAYERS = ("--content-layers", "three", "--style-layers", "one,two")
OF = ("--of", "stylizer")
INSTANT, QUEUED = "bestiary-stylizer", "bestiary-stylizer-async"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo, a painting, a feature network and two TFLite pairs."""
    made = tmp_path_factory.mktemp("stylizer")
    Image.fromarray(photo(120, 80)).save(made / "duck.png")
    Image.fromarray(stripes()).save(made / "stripes.png")
    network().save(made / "small.keras")
    for name, side in (("pair", 32), ("other", 8)):
        (made / name).mkdir()
        saved_pair(made / name, side)
    return made


@pytest.fixture(scope="module")
def bestiary(new_command_line: Callable[[], CommandLine]) -> QuickCommandLine:
    command_line = QuickCommandLine(new_command_line().home)
    assert 0 == command_line("local", "start").returncode
    ssm = command_line.client("ssm")
    for name, value in (("wait-seconds", "0"), ("alarm-period-seconds", "10")):
        ssm.put_parameter(Name=f"/bestiary/deploy/{name}", Value=value, Overwrite=True)
    ssm.put_parameter(Name="/bestiary/hosting-role-arn", Value=ROLE, Type="String", Overwrite=True)
    return command_line


ROLE = "arn:aws:iam::123456789012:role/bestiary-hosting"


@pytest.fixture(scope="module")
def first(bestiary: QuickCommandLine, folder: Path) -> dict[str, Any]:
    """Register a version that paints both ways, and put it live."""
    words = ["register-stylizer", "--model", str(folder / "pair"), "--features", str(folder / "small.keras")]
    registered: dict[str, Any] = bestiary.json(*words, *LAYERS, "--steps", "6")
    again = bestiary.json(*words, *LAYERS, "--steps", "6")
    assert (1, True, 1, False) == (
        registered["version"],
        registered["new"],
        again["version"],
        again["new"],
    )
    refused = bestiary("deploy", *OF)
    assert "bestiary approve N --of stylizer" in refused.stderr
    assert "Approved" == bestiary.json("approve", "1", *OF)["approval"]
    deployed = bestiary.json("deploy", *OF, "--why", "the first")
    assert [("succeeded", QUEUED), ("succeeded", INSTANT)] == [
        (one["status"], one["endpoint"]) for one in deployed["endpoints"]
    ], deployed
    return registered


def painted(bestiary: QuickCommandLine, folder: Path, out: str, *more: str) -> bytes:
    """Let an endpoint paint, and return the picture."""
    words = ["stylize", str(folder / "duck.png"), str(folder / "stripes.png"), "--endpoint", "--size", "64"]
    answer = bestiary.json(*words, "--out", str(folder / out), *more)
    assert str(folder / out) == answer["out"]
    return (folder / out).read_bytes()


def test_a_registered_version_says_what_it_is_and_where(
    bestiary: QuickCommandLine, first: dict[str, Any]
) -> None:
    """Its archive lies in versioned S3 under its own digest; no figure is made up for it."""
    (known,) = bestiary.json("versions", *OF)
    assert (1, "Approved", True, ["fast", "gatys"]) == (
        known["version"],
        known["approval"],
        known["live"],
        known["methods"],
    )
    assert known["accuracy"] is None
    assert first["artifact_version_id"] == known["artifact_version_id"] != "null"
    assert known["sha256"][:24] in known["artifact"]
    assert [] == bestiary.json("versions")
    sagemaker = bestiary.client("sagemaker")
    for model in sagemaker.list_models()["Models"]:
        told = sagemaker.describe_model(ModelName=model["ModelName"])
        assert (ROLE, True) == (told["ExecutionRoleArn"], told["EnableNetworkIsolation"])


def test_an_idle_queue_costs_nothing(bestiary: QuickCommandLine, first: dict[str, Any]) -> None:
    """Down to no instance by what waits, and up from none by an alarm."""
    scaling = bestiary.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (f"endpoint/{QUEUED}/variant/AllTraffic", 0) == (target["ResourceId"], target["MinCapacity"])
    policies = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    assert {f"{QUEUED}-backlog", f"{QUEUED}-first"} == {policy["PolicyName"] for policy in policies}
    (step,) = [policy for policy in policies if policy["PolicyType"] == "StepScaling"]
    (alarm,) = bestiary.client("cloudwatch").describe_alarms(AlarmNames=[f"{QUEUED}-waiting"])["MetricAlarms"]
    assert [step["PolicyARN"]] == alarm["AlarmActions"]
    assert "HasBacklogWithoutCapacity" == alarm["MetricName"]
    (age,) = bestiary.client("cloudwatch").describe_alarms(AlarmNames=[f"{QUEUED}-age"])["MetricAlarms"]
    assert ("ApproximateAgeOfOldestRequest", []) == (age["MetricName"], age["AlarmActions"])
    assert "Next: bestiary status" in age["AlarmDescription"]


def test_pictures_after_a_rollback_are_those_from_before_to_the_byte(
    bestiary: QuickCommandLine, folder: Path, first: dict[str, Any]
) -> None:
    """By `fast` at once and by `gatys` through the queue; another version's are others."""
    gatys = ("--method", "gatys", "--seed", "3", "--start", "noise")
    before = painted(bestiary, folder, "a.png"), painted(bestiary, folder, "b.png", *gatys)
    other = bestiary.json("register-stylizer", "--model", str(folder / "other"), "--no-gatys")
    assert (2, ["fast"]) == (other["version"], other["methods"])
    bestiary.json("approve", "2", *OF)
    assert "succeeded" == bestiary.json("deploy", *OF)["status"]
    assert before[0] != painted(bestiary, folder, "c.png")
    words = ["stylize", str(folder / "duck.png"), str(folder / "stripes.png"), "--endpoint"]
    refused = bestiary(*words, "--method", "gatys", "--out", str(folder / "never.png"))
    assert 1 == refused.returncode
    assert "this endpoint paints by fast, not by gatys" in refused.stderr
    back = bestiary.json("rollback", *OF, "--why", "second thoughts")
    assert [("succeeded", 1), ("succeeded", 1)] == [
        (one["status"], one["version"]) for one in back["endpoints"]
    ], back
    assert before == (painted(bestiary, folder, "d.png"), painted(bestiary, folder, "e.png", *gatys))
    events = bestiary.json("history", *OF)
    assert {"rollback", "deploy"} == {event["action"] for event in events}
    assert {INSTANT, QUEUED} == {event["endpoint"] for event in events}
    assert [] == bestiary.json("history")
    assert "there is no earlier version" in bestiary("rollback", *OF).stderr


def test_a_painting_in_the_queue_can_be_followed_and_given_up(
    bestiary: QuickCommandLine, folder: Path, first: dict[str, Any]
) -> None:
    """Its log says how far it is; given up, it ends at its next step, and says so to whoever waits."""
    shell = CommandLine(bestiary.home)
    words = ["stylize", str(folder / "duck.png"), str(folder / "stripes.png"), "--endpoint"]
    words += ["--method", "gatys", "--size", "256", "--steps", "5000", "--out", str(folder / "long.png")]
    process = shell.start(*words)
    assert process.stderr is not None
    told = []
    while not told or "step 1 of 5000" not in told[-1]:
        told.append(process.stderr.readline())
        assert told[-1], told
    name = next(line.split()[1] for line in told if line.startswith("painting "))
    assert "cancelled" == bestiary.json("painting", name, "--cancel")["status"]
    _, err = process.communicate(timeout=60)
    assert 1 == process.returncode
    assert f"{name} was cancelled" in err
    assert not (folder / "long.png").exists()
    done = bestiary.json(
        "stylize", *words[1:4], "--method", "gatys", "--size", "64", "--out", str(folder / "s.png")
    )
    assert done["losses"][0]["step"] == 1
    again = bestiary.json("painting", done["id"], "--out", str(folder / "t.png"))
    assert (folder / "s.png").read_bytes() == Path(again["out"]).read_bytes()
    assert "no painting nobody" in bestiary("painting", "nobody").stderr


@pytest.fixture(scope="module")
def front(bestiary: QuickCommandLine, first: dict[str, Any]) -> Iterator[httpx.Client]:
    with served(bestiary) as client:
        yield client


def test_a_poster_of_an_uploaded_photo_comes_back_through_its_job(front: httpx.Client, folder: Path) -> None:
    """As a PDF, at an address that needs no key; what cannot be laid out is told with the reason."""
    duck, style = (upload(front, (folder / name).read_bytes()) for name in ("duck.png", "stripes.png"))
    asked = {"photos": [{"upload": duck}], "species": ["duck"], "language": "de"}
    painted = {"styles": [{"upload": style, "weight": 2}], "painting": {"size": 128}}
    begun = front.post("/posters", json={**asked, **painted, "url": "https://example.org/help"})
    assert (202, f"jobs/{begun.json()['job']}") == (begun.status_code, begun.headers["location"])
    done = ended(front, begun.json()["job"])
    assert ("done", "") == (done["status"], done.get("reason", ""))
    fetched = httpx.get(done["result"]["url"])
    assert "application/pdf" == fetched.headers["content-type"]
    (page,) = pypdfium2.PdfDocument(fetched.content)
    text = page.get_textpage().get_text_range()
    assert "Ente" in text
    assert "example.org/help" in text
    again = front.delete(f"/jobs/{done['job']}")
    assert (200, "done") == (again.status_code, again.json()["status"])
    parts = [("photo", (folder / "duck.png").read_bytes()), ("settings", json.dumps(TOO_LONG).encode())]
    begun = front.post("/posters", files=[(name, (name, data)) for name, data in parts])
    failed = ended(front, begun.json()["job"])
    assert ("failed", True) == (failed["status"], "the title is too long" in failed["reason"])
    unnamed = front.post("/posters", json={"photos": [{"upload": duck}]})
    assert (502, True) == (unnamed.status_code, "bestiary-classifier" in unnamed.json()["message"])


TOO_LONG = {"species": ["duck"], "format": "png", "title": "W" * 290}


def test_a_picture_that_takes_long_is_a_job_that_says_how_far_it_is_and_can_be_given_up(
    front: httpx.Client, folder: Path
) -> None:
    """One that does not is answered at once."""
    duck, style = (upload(front, (folder / name).read_bytes()) for name in ("duck.png", "stripes.png"))
    asked = {"content": {"upload": duck}, "styles": [{"upload": style}], "size": 64}
    at_once = front.post("/stylize", json=asked)
    assert (200, "image/jpeg") == (at_once.status_code, at_once.headers["content-type"])
    begun = front.post("/stylize", json={**asked, "method": "gatys", "size": 256, "steps": 5000})
    assert 202 == begun.status_code
    job = begun.json()["job"]
    until(lambda: front.get(f"/jobs/{job}").json().get("progress", {}).get("steps") == 5000)
    told = front.delete(f"/jobs/{job}")
    assert (202, "working") == (told.status_code, told.json()["status"])
    assert "cancelled" == ended(front, job)["status"]


@pytest.mark.parametrize(
    "case",
    [
        (["--out", "x.webp"], 1, "endpoints answer .jpg and .png"),
        (["--out", "no/such/folder/x.png"], 2, "there is no folder"),
        (["--optimizer", "lbfgs"], 2, "--optimizer does not go with --endpoint"),
        (["--compare"], 2, "--compare does not go with --endpoint"),
        (["--style-weight", "-1", "--method", "gatys"], 1, "style_weight: input should be greater"),
        (["--of", "stylizer"], 2, "No such option"),
    ],
)
def test_what_an_endpoint_does_not_do_is_one_line(
    bestiary: QuickCommandLine, folder: Path, first: dict[str, Any], case: tuple[list[str], int, str]
) -> None:
    more, code, said = case
    words = ["stylize", str(folder / "duck.png"), str(folder / "stripes.png"), "--endpoint"]
    done = bestiary(*words, "--out", str(folder / "never.png"), *more)
    assert (code, True) == (done.returncode, said in done.stderr), done.stderr
    assert not (folder / "never.png").exists()


def test_down_takes_away_both_endpoints_and_their_scaling(
    bestiary: QuickCommandLine, folder: Path, first: dict[str, Any]
) -> None:
    """It is the last of this file: nothing answers afterwards, and what was registered is still there."""
    removed = bestiary.json("down", "--yes")["removed"]
    assert {INSTANT, QUEUED} == set(removed["endpoints"])
    assert [] == bestiary.client("sagemaker").list_endpoints()["Endpoints"]
    assert [] == bestiary.client("sagemaker").list_models()["Models"]
    assert [] == bestiary.client("cloudwatch").describe_alarms(AlarmNamePrefix="bestiary-")["MetricAlarms"]
    scaling = bestiary.client("application-autoscaling")
    assert [] == scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert bestiary.json("versions", *OF)
    assert json.loads(bestiary("down", "--json").stdout)["removed"]["endpoints"] == []
    words = ["stylize", str(folder / "duck.png"), str(folder / "stripes.png"), "--endpoint"]
    done = bestiary(*words, "--out", str(folder / "never.png"))
    assert (1, True) == (done.returncode, "bestiary deploy --of stylizer" in done.stderr)
