"""The local SageMaker with its Docker runtime: the operator's commands, and containers doing the work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract_runs import Host
from docker.models.containers import Container

pytestmark = pytest.mark.docker

ROOT = Path(__file__).parents[2]
SMALL = ["Epochs=1", "ImageSize=32", "TransferImageSize=32", "AccuracyThreshold=0"]
G4DN_GIB = 16


class Operator:
    """Types commands for a home of its own."""

    def __init__(self, host: Host, home: Path) -> None:
        self.host, self.home = host, home

    def type(self, *words: str) -> Any:
        """Run one command and return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "pipelines", *words, "--json"],
            env={**os.environ, "BESTIARY_HOME": str(self.home)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert 0 == done.returncode, done.stdout + done.stderr
        return json.loads(done.stdout)

    def containers(self) -> list[Container]:
        """All containers of the home."""
        mine = {"label": f"bestiary.home={self.home.resolve()}"}
        return list(self.host.engine.containers.list(all=True, filters=mine, ignore_removed=True))


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a backbone of a few layers."""
    import keras

    keras.utils.set_random_seed(1)
    image = keras.Input((None, None, 3))
    out = keras.layers.Conv2D(8, 3, strides=4)(keras.layers.Rescaling(1 / 255)(image))
    path = tmp_path_factory.mktemp("backbone") / "small.keras"
    keras.Model(image, keras.layers.ReLU()(out)).save(path)
    return path


@pytest.fixture(scope="module")
def operator(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Give a home that runs everything in Docker."""
    found = Operator(host, tmp_path_factory.mktemp("home"))
    found.type("local", "start", "--runtime", "docker")
    yield found
    found.type("local", "stop")
    assert [] == found.containers()


@pytest.fixture(scope="module")
def run(operator: Operator, photos: Path, backbone: Path) -> dict[str, Any]:
    """Run the whole training pipeline."""
    settings = [word for pair in SMALL for word in ("--set", pair)]
    return dict(operator.type("run", "--data", str(photos), "--backbone", str(backbone), *settings))


@pytest.fixture(scope="module")
def deployed(operator: Operator, run: dict[str, Any]) -> dict[str, Any]:
    """Put the version that came out behind the endpoint."""
    operator.type("approve", str(run["version"]))
    return dict(operator.type("deploy"))


def test_whole_pipeline_in_containers_registers_a_version(operator: Operator, run: dict[str, Any]) -> None:
    """Prepare, three trainings, evaluation and the gate; the version names the image by its id."""
    steps = {step["name"]: step["status"] for step in run["steps"]}
    versions = operator.type("versions")

    assert ("Succeeded", 1) == (run["status"], run["version"])
    assert {"Succeeded"} == {steps[name] for name in ("prepare", "train-custom-cnn", "evaluate", "register")}
    assert [1] == [version["version"] for version in versions]
    assert [] == operator.containers()


def test_deployed_version_answers_a_photo(operator: Operator, deployed: dict[str, Any], photos: Path) -> None:
    """The answer comes out of a container that has no network."""
    (answer,) = operator.type("classify", str(next(photos.glob("*/*.jpg"))))

    assert (1, False) == (deployed["version"], deployed["rolled_back"])
    assert ("1", 10) == (answer["model_version"], len(answer["scores"]))


def test_endpoints_container_is_locked_up(operator: Operator, deployed: dict[str, Any]) -> None:
    """No network, no capabilities, the memory of its instance type, a model that it cannot write."""
    containers = operator.containers()
    assert 2 == len(containers)
    settings = containers[0].attrs["HostConfig"]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    tried = containers[0].exec_run(["touch", "/opt/ml/model/new"])

    assert b"Read-only file system" in tried.output
    assert ("none", ["ALL"]) == (settings["NetworkMode"], settings["CapDrop"])
    assert min(G4DN_GIB << 30, memory) == settings["Memory"] == settings["MemorySwap"]
    assert min(4, os.cpu_count() or 1) * 10**9 == settings["NanoCpus"]


def test_killed_server_leaves_containers_that_the_next_one_ends(
    operator: Operator, deployed: dict[str, Any], photos: Path
) -> None:
    """After `kill -9` the endpoint comes back in containers of the new server; the old ones are gone."""
    before = {container.id for container in operator.containers()}
    os.kill(operator.type("local", "status")["pid"], signal.SIGKILL)

    operator.type("local", "start")
    (answer,) = operator.type("classify", str(next(photos.glob("*/*.jpg"))))

    assert "1" == answer["model_version"]
    assert before.isdisjoint({container.id for container in operator.containers()})


def test_runtime_is_kept_and_shown(operator: Operator) -> None:
    """A home keeps its runtime until it is told another, which takes a stop."""
    assert "docker" == operator.type("local", "status")["runtime"]
    with pytest.raises(AssertionError, match="stop it to change its runtime"):
        operator.type("local", "start", "--runtime", "process")
