"""A Docker engine, the two images, and one small training that several tests look at."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from contract_runs import JOBS, OPERATOR, SERVING, Ended, Host, open_to_nobody, training_base

from bestiary import sample


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    """Give a machine with an engine and the images, or skip with the reason."""
    try:
        engine = docker.from_env(timeout=600)
        engine.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker engine")
    for image in (JOBS, SERVING, OPERATOR):
        try:
            engine.images.get(image)
        except docker.errors.ImageNotFound:
            pytest.skip(f"no image {image}: make images")
    machine = Host(engine)
    yield machine
    machine.close()
    engine.close()


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Remove the containers of every test when it is over, not those of all at the end."""
    yield
    if "host" in request.fixturenames:
        request.getfixturevalue("host").close()


@dataclass(frozen=True)
class Learned:
    """What three jobs left, each in a container of its own.

    Attributes
    ----------
    prepared, trained, evaluated
        How they ended.
    preparing, training, evaluating
        Their base folders.
    """

    prepared: Ended
    trained: Ended
    evaluated: Ended
    preparing: Path
    training: Path
    evaluating: Path


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw ten species, six drawings each."""
    folder = tmp_path_factory.mktemp("photos")
    sample.draw(folder, photos_per_species=6)
    return folder


@pytest.fixture(scope="session")
def learned(host: Host, photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """Prepare, train and evaluate, handing the files on as SageMaker does."""
    preparing = tmp_path_factory.mktemp("preparing")
    shutil.copytree(photos, preparing / "processing" / "input" / "data")
    sizes = ["--image-size", "32", "--transfer-image-size", "32"]
    prepared = host.run(JOBS, ["python", "-m", "training_scripts.prepare", *sizes], preparing)
    assert prepared.code == 0, prepared.log
    outputs = preparing / "processing" / "output"

    # As a user who owns nothing in the image: no part of a job needs root.
    view = tmp_path_factory.mktemp("view") / "train"
    shutil.copytree(outputs / "train" / "custom_cnn", view)
    training = training_base(tmp_path_factory.mktemp("training"), view, model="custom_cnn", epochs="2")
    trained = host.run(
        JOBS, ["python", "-m", "training_scripts.train"], open_to_nobody(training), user="65534"
    )
    assert trained.code == 0, trained.log

    evaluating = tmp_path_factory.mktemp("evaluating")
    inputs = evaluating / "processing" / "input"
    for name in ("test", "exploration"):
        shutil.copytree(outputs / name, inputs / name)
    archived(training / "model", inputs / "models" / "custom_cnn" / "model.tar.gz")
    archived(training / "output" / "data", inputs / "training" / "custom_cnn" / "output.tar.gz")
    (inputs / "approved").mkdir()
    evaluated = host.run(
        JOBS, ["python", "-m", "training_scripts.evaluate", "--accuracy-threshold", "0"], evaluating
    )
    assert evaluated.code == 0, evaluated.log
    return Learned(prepared, trained, evaluated, preparing, training, evaluating)


@pytest.fixture(scope="session")
def champion(learned: Learned, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the champion as SageMaker does for an endpoint; returns the folder with ``model`` in it."""
    base = tmp_path_factory.mktemp("champion")
    archive = learned.evaluating / "processing" / "output" / "champion" / "model.tar.gz"
    with tarfile.open(archive) as tar:
        tar.extractall(base / "model", filter="data")
    return base


def archived(folder: Path, archive: Path) -> None:
    """Pack a folder's contents."""
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
