"""The sample is drawn the same every time, whatever is drawn beside it, and each drawing is another."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bestiary.sample import SPECIES, draw, draw_photo
from bestiary.species import known_species, species

TEN = ["bear", "cat", "crab", "dog", "dolphin", "duck", "hamster", "jellyfish", "leopard", "panda"]


def pixels(data: bytes) -> NDArray[np.int16]:
    return np.asarray(Image.open(BytesIO(data)), np.int16)


def test_it_draws_the_ten_species_of_the_original_report() -> None:
    assert sorted(SPECIES) == TEN
    assert sorted(known_species()) == TEN


def test_drawing_fills_a_folder_a_species(tmp_path: Path) -> None:
    draw(tmp_path, photos_per_species=2, size=64)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.jpg"))
    assert files == [f"{label}/{label}-{number:02d}.jpg" for label in TEN for number in (1, 2)]
    assert Image.open(tmp_path / files[0]).size == (64, 64)


def test_the_same_drawing_has_the_same_bytes_whatever_else_is_drawn(tmp_path: Path) -> None:
    draw(tmp_path / "few", photos_per_species=1, size=64)
    draw(tmp_path / "more", photos_per_species=3, size=64)
    for file in (tmp_path / "few").rglob("*.jpg"):
        again = tmp_path / "more" / file.relative_to(tmp_path / "few")
        assert file.read_bytes() == again.read_bytes() == draw_photo(file.parent.name, 1, 64)


@pytest.mark.parametrize("label", TEN)
def test_no_two_drawings_are_alike(label: str) -> None:
    drawings = [pixels(draw_photo(label, number, 96)) for number in range(1, 7)]
    apart = [np.abs(one - other).mean() for place, one in enumerate(drawings) for other in drawings[:place]]
    assert min(apart) > 12


def test_a_background_does_not_give_the_species_away() -> None:
    """The corners, where hardly any animal is, are alike in the mean for all species."""
    corners = {
        label: np.mean([pixels(draw_photo(label, number, 48))[:8, :8].mean() for number in range(1, 41)])
        for label in TEN
    }
    assert max(corners.values()) - min(corners.values()) < 30


def test_a_label_without_a_name_is_its_own_words() -> None:
    assert species("leopard").scientific == "Panthera pardus"
    assert species("snow_leopard").common == "snow leopard"
    assert species("snow_leopard").scientific == ""
