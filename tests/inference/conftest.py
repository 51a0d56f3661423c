from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from endpoints import Endpoint
from serving_examples import write_classifier

Start = Callable[..., Endpoint]


@pytest.fixture(scope="session")
def classifier_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_classifier(tmp_path_factory.mktemp("artifact") / "model")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Converted networks, so that each artifact is converted once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def endpoint(
    classifier_folder: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endpoint]:
    """An endpoint that tests share and leave as it is."""
    folder = tmp_path_factory.mktemp("endpoint")
    running = Endpoint(folder, classifier_folder, BESTIARY_CACHE=str(cache), BESTIARY_MODEL_VERSION="7")
    yield running.ready()
    running.close()


@pytest.fixture
def start(classifier_folder: Path, cache: Path, tmp_path: Path) -> Iterator[Start]:
    """Start endpoints of one's own."""
    running: list[Endpoint] = []

    def begin(artifact: Path = classifier_folder, **environment: str) -> Endpoint:
        given = {"BESTIARY_CACHE": str(cache), **environment}
        running.append(Endpoint(tmp_path / f"endpoint-{len(running)}", artifact, **given))
        return running[-1]

    yield begin
    for one in running:
        one.close()
