"""A training on spot capacity: interrupted, begun again on another instance, and the same in the end."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest
from conftest import Learned
from contract_runs import JOBS, Host, training_base

pytestmark = pytest.mark.docker

TRAIN = ["python", "-m", "training_scripts.train"]
EPOCHS = 200
START_SECONDS = 120


@pytest.fixture(scope="module")
def view(learned: Learned) -> Path:
    """The photos that the small network is trained on."""
    return learned.preparing / "processing" / "output" / "train" / "custom_cnn"


def instance(folder: Path, view: Path, checkpoints: Path | None = None) -> Path:
    """Make what SageMaker gives a fresh instance: inputs, and what an earlier one left as checkpoints."""
    shutil.copytree(view, folder / "photos")
    base = training_base(folder / "base", folder / "photos", model="custom_cnn", epochs=str(EPOCHS))
    if checkpoints:
        shutil.copytree(checkpoints, base / "checkpoints")
    else:
        (base / "checkpoints").mkdir()
    return base


def test_interrupted_training_ends_with_the_weights_of_one_that_was_not(
    host: Host, view: Path, tmp_path: Path
) -> None:
    """SIGTERM in an epoch; another container has the checkpoint alone, and leaves the same bytes."""
    whole = instance(tmp_path / "whole", view)
    assert 0 == host.run(JOBS, TRAIN, whole).code
    first = instance(tmp_path / "first", view)
    interrupted = host.start(JOBS, first, entrypoint=TRAIN)
    deadline = time.monotonic() + START_SECONDS
    while b"epoch=3 " not in interrupted.logs():
        assert time.monotonic() < deadline, interrupted.logs().decode()
        time.sleep(0.1)
    interrupted.stop(timeout=100)
    assert 1 == interrupted.wait()["StatusCode"]
    assert not list((first / "model").iterdir())

    second = instance(tmp_path / "second", view, checkpoints=first / "checkpoints")
    ended = host.run(JOBS, TRAIN, second)

    assert 0 == ended.code, ended.log
    found = re.search(r"goes on from its checkpoint, after epoch (\d+)", ended.log)
    assert found, ended.log
    done = int(found[1])
    assert 1 <= done < EPOCHS
    assert f"epoch={done} " not in ended.log
    assert f"epoch={EPOCHS} " in ended.log
    names = sorted(path.name for path in (whole / "model").iterdir())
    assert names == sorted(path.name for path in (second / "model").iterdir())
    for name in names:
        assert (whole / "model" / name).read_bytes() == (second / "model" / name).read_bytes(), name
    history = [(base / "output" / "data" / "history.csv").read_bytes() for base in (whole, second)]
    assert history[0] == history[1]
