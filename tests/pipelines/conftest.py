"""A clone's command line with a home of its own, and one small run that several tests look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import SMALL, CommandLine, QuickCommandLine
from toy_versions import Account

from bestiary import sample
from bestiary.classifiers import reproducible


@pytest.fixture(scope="session")
def new_command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], CommandLine]]:
    """Give homes of their own to tests that break things; all are stopped at the end."""
    made: list[CommandLine] = []

    def make() -> CommandLine:
        made.append(CommandLine(tmp_path_factory.mktemp("home")))
        return made[-1]

    yield make
    for command_line in made:
        command_line("local", "stop")


@pytest.fixture(scope="session")
def bestiary(new_command_line: Callable[[], CommandLine]) -> CommandLine:
    """Return the home that the small run lives in."""
    return new_command_line()


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Draw ten species, eight drawings each."""
    folder = tmp_path_factory.mktemp("photos")
    sample.draw(folder, photos_per_species=8)
    return folder


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a backbone of a few layers: real, and fast."""
    reproducible.begin(1)
    import keras

    image = keras.Input((None, None, 3))
    out = keras.layers.Rescaling(1 / 127.5, offset=-1)(image)
    for filters in (8, 16, 32):
        out = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(out)
        out = keras.layers.BatchNormalization()(out)
        out = keras.layers.ReLU()(out)
    path = tmp_path_factory.mktemp("backbone") / "small.keras"
    keras.Model(image, out).save(path)
    return path


@pytest.fixture(scope="session")
def run_words(photos: Path, backbone: Path) -> list[str]:
    """Words of the small run."""
    return ["run", "--data", str(photos), "--backbone", str(backbone), "--set", "AccuracyThreshold=0", *SMALL]


@pytest.fixture(scope="session")
def first_run(bestiary: CommandLine, run_words: list[str]) -> dict[str, Any]:
    """Run it once; several tests look at what came out."""
    return bestiary.json(*run_words)


@pytest.fixture(scope="module")
def account(new_command_line: Callable[[], CommandLine], tmp_path_factory: pytest.TempPathFactory) -> Account:
    """Give each file of tests an account of its own, where versions are toys and deploys are quick."""
    opened = Account.open(QuickCommandLine(new_command_line().home), tmp_path_factory.mktemp("toys"))
    opened.setting("wait-seconds", 1)
    return opened
