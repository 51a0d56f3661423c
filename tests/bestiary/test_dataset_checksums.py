"""The published checksums of the Kaggle photos: all there, and as published."""

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from bestiary.species import known_species

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "kaggle_animals_sha256.csv"


def checksums() -> list[dict[str, str]]:
    text = files("bestiary").joinpath("kaggle_checksums.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_there_are_sixty_photos_of_each_of_the_ten_species() -> None:
    counts = Counter(row["path"].split("/")[0] for row in checksums())
    assert counts == dict.fromkeys(known_species(), 60)


def test_each_row_has_a_sha256_and_a_size() -> None:
    for row in checksums():
        assert len(bytes.fromhex(row["sha256"])) == 32
        assert int(row["size"]) > 0


def test_they_are_the_published_ones() -> None:
    if not PUBLISHED.is_file():
        pytest.skip("needs ../shared/data")
    with PUBLISHED.open(encoding="utf-8") as file:
        published = {(row["path"], row["sha256"], row["bytes"]) for row in csv.DictReader(file)}
    assert published == {(row["path"], row["sha256"], row["size"]) for row in checksums()}
