"""A retraining's data: the test photos of before stay, new ones are learnt from, leaks are closed."""

import json
from pathlib import Path
from typing import Any

import pytest

from bestiary.dataset import Dataset, UnusableDataset, assemble, read_pinned, write_side
from bestiary.images import Preprocessing
from bestiary.sample import draw_photo

SPECIES = ("bear", "crab")
VIEW = Preprocessing(32, equalize=False)


def fill(root: Path, species: str, numbers: range, folder: str = "") -> None:
    (root / species / folder).mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (root / species / folder / f"{number:02d}.jpg").write_bytes(draw_photo(species, number, 48))


def made(root: Path, scratch: Path, **changes: Any) -> Dataset:
    scratch.mkdir()
    return assemble(root, [VIEW], scratch, test_share=0.3, seed=1, **changes)


@pytest.fixture
def world(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Write a dataset, an earlier run's test side, and an inbox with a photo of a tested camera."""
    data, inbox, test = tmp_path / "data", tmp_path / "inbox", tmp_path / "test"
    for species in SPECIES:
        fill(data, species, range(10))
    (data / "metadata.csv").write_text(
        "file,group\nbear/00.jpg,north\nbear/01.jpg,north\nbear/02.jpg,north\n"
    )
    before = made(data, tmp_path / "before")
    assert {"north"} == {before.group_of.get(photo.file, "") for photo in before.split.test} - {""}
    write_side(test, before, before.split.test, {"view": VIEW})
    fill(inbox, "bear", range(20, 21), "south")
    fill(inbox, "crab", range(20, 21))
    fill(inbox, "bear", range(30, 31), "north")
    (inbox / "README.txt").write_text("one folder a species")
    return data, inbox, test


def test_the_test_photos_stay_and_new_ones_are_learnt_from(
    world: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """By their bytes, so that neither another seed nor another name moves them."""
    data, inbox, test = world
    (data / "crab" / "moved").mkdir()
    for path in (data / "crab").glob("*.jpg"):
        path.rename(data / "crab" / "moved" / path.name)
    pinned = read_pinned(test / "dataset.json")
    assert pinned is not None
    found = made(data, tmp_path / "now", inbox=inbox, pinned=pinned)
    assert set(pinned.photos) == {photo.sha256 for photo in found.split.test}
    train = {photo.file for photo in found.split.train}
    assert {"bear/inbox/south/20.jpg", "crab/inbox/20.jpg"} <= train
    write_side(tmp_path / "again", found, found.split.test, {"view": VIEW})
    digests = [
        json.loads((side / "dataset.json").read_text())["test_digest"] for side in (test, tmp_path / "again")
    ]
    assert digests[0] == digests[1]


def test_a_new_photo_of_a_camera_that_is_tested_on_is_on_neither_side(
    world: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    """It would tell the model what the test asks; a copy of a test photo is no new photo at all."""
    data, inbox, test = world
    pinned = read_pinned(test / "dataset.json")
    assert pinned is not None
    copied = next(name for name in pinned.photos.values() if name.startswith("crab/"))
    (inbox / "crab" / "copy.jpg").write_bytes((data / copied).read_bytes())
    found = made(data, tmp_path / "now", inbox=inbox, pinned=pinned)
    sides = {photo.file for photo in (*found.split.train, *found.split.test)}
    assert "bear/inbox/north/30.jpg" not in sides
    assert any("of a camera or burst that is tested on (1)" in warning for warning in found.warnings)
    assert not {photo.sha256 for photo in found.split.train} & set(pinned.photos)


def test_nothing_new_is_nothing_to_learn(world: tuple[Path, Path, Path], tmp_path: Path) -> None:
    data, _, test = world
    with pytest.raises(UnusableDataset, match="no photo is new"):
        made(data, tmp_path / "now", inbox=tmp_path / "empty", pinned=read_pinned(test / "dataset.json"))


def test_test_photos_that_are_gone_are_named_and_all_gone_is_refused(
    world: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    data, inbox, test = world
    pinned = read_pinned(test / "dataset.json")
    assert pinned is not None
    first, *others = pinned.photos.values()
    (data / first).unlink()
    found = made(data, tmp_path / "now", inbox=inbox, pinned=pinned)
    assert any(each.endswith(f"cannot be used any more (1): {first}") for each in found.warnings)
    for name in others:
        (data / name).unlink()
    with pytest.raises(UnusableDataset, match="none of the test photos"):
        made(data, tmp_path / "later", inbox=inbox, pinned=pinned)


def test_a_foreign_test_set_is_refused_and_none_is_none(tmp_path: Path) -> None:
    assert read_pinned(tmp_path / "dataset.json") is None
    (tmp_path / "dataset.json").write_text('{"data_digest": "0"}')
    with pytest.raises(UnusableDataset, match="cannot be read"):
        read_pinned(tmp_path / "dataset.json")
