"""The parts of a poster: words, statuses, colours and crops."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from poster_pages import drawing

from bestiary.poster.colour import contrast, from_oklch
from bestiary.poster.conservation import CATEGORIES, known_conservation
from bestiary.poster.errors import PosterError
from bestiary.poster.framing import framed, window
from bestiary.poster.page import PAGES, Cell
from bestiary.poster.palette import WHITE, palette_of
from bestiary.poster.text import clean, pieces, shown_address, tightens
from bestiary.poster.wording import entry, label_of, languages, wording
from bestiary.species import known_species


def test_every_known_animal_has_a_status_with_a_source() -> None:
    assert set(known_species()) == set(known_conservation())
    for status in known_conservation().values():
        assert status.source
        assert status.url.startswith("https://")
        assert list(status.categories) == [one for one in CATEGORIES if one in status.categories]
        assert bool(status.categories) == (status.extent in {"species", "group"}) == bool(status.year)


def test_only_a_species_has_one_category() -> None:
    """Families, whose species differ, are not passed off as one; pets are not passed off as wild."""
    two_words = {label for label, animal in known_species().items() if " " in animal.scientific}
    for label, status in known_conservation().items():
        assert (label in two_words) == (status.extent in {"species", "domestic"})
        if status.extent == "species":
            assert 1 == len(status.categories)
    assert "Varies by species" == entry("duck", "en").headline
    assert "Domestic animal" == entry("cat", "en").headline


@pytest.mark.parametrize("language", languages())
def test_every_language_has_words_for_everything(language: str) -> None:
    words = wording(language)
    assert set(known_species()) == set(words.names) == set(words.lines)
    assert set(CATEGORIES) == set(words.categories)
    assert all(asdict(words).values())
    for label in words.names:
        animal = entry(label, language)
        assert animal.common
        assert animal.line
        assert animal.headline
        assert animal.note
        assert "{" not in animal.note


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(PosterError, match="ar, de, el, en"):
        wording("tlh")


def test_an_unknown_animal_keeps_its_name_and_has_no_status() -> None:
    animal = entry("red_panda", "en")
    assert ("Red panda", "", "", "Status not on file", ()) == (
        animal.common, animal.scientific, animal.line, animal.headline, animal.categories,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "language"),
    [("Panda", "en"), ("giant panda", "en"), ("Ailuropoda melanoleuca", "de"), ("Großer  Panda", "de")],
)
def test_people_may_name_an_animal_as_they_do(name: str, language: str) -> None:
    assert "panda" == label_of(name, language)
    assert "Red Panda" == label_of(" Red Panda ", language)


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_words_can_be_read_on_whatever_colours_a_picture_has(colours: list[tuple[int, int, int]]) -> None:
    picture = np.repeat(np.array(colours, np.uint8)[None], 8, axis=0)
    palette = palette_of([picture])
    assert contrast(WHITE, palette.deep) >= 12
    assert contrast(WHITE, palette.field) >= 7
    assert contrast(palette.ink, palette.paper) >= 7
    assert contrast(palette.accent, palette.paper) >= 4.5
    assert min(contrast(palette.glow, palette.deep), contrast(palette.glow, palette.field)) >= 4.5


def test_contrast_and_colours_are_those_of_the_standards() -> None:
    assert 21 == pytest.approx(contrast("#000000", "#ffffff"))
    assert 4.48 == pytest.approx(contrast("#777777", "#ffffff"), abs=0.01)
    assert "#ff0000" == from_oklch(0.62796, 0.25768, np.radians(29.234))


def test_the_accent_is_of_the_hue_that_the_picture_is() -> None:
    sea = np.full((64, 64, 3), (20, 90, 170), np.uint8)
    field = palette_of([sea]).field
    red, green, blue = (int(field[start : start + 2], 16) for start in (1, 3, 5))
    assert blue > green > red


@given(st.integers(64, 700), st.integers(64, 700), st.floats(0.3, 3), st.sampled_from([None, 0.0, 1.0]))
@settings(max_examples=40, deadline=None)
def test_a_crop_stays_inside_its_picture(height: int, width: int, aspect: float, focus: float | None) -> None:
    top, left, tall, wide = window(np.zeros((height, width, 3), np.uint8), aspect, focus)
    assert 0 <= top <= top + tall <= height
    assert 0 <= left <= left + wide <= width
    assert aspect == pytest.approx(wide / tall)


@pytest.mark.parametrize("place", [0, 300, 480])
def test_a_crop_holds_what_there_is_to_see(place: int) -> None:
    """A checked animal in a plain field, wherever it stands."""
    picture = np.full((200, 600, 3), 120, np.uint8)
    checks = (np.indices((120, 120)).sum(axis=0) // 10 % 2 * 255).astype(np.uint8)
    picture[40:160, place : place + 120] = checks[..., None]
    top, left, height, width = window(picture, 1.0)
    assert (0, 200, 200) == (top, height, width)
    assert left <= place + 12
    assert left + width >= place + 108


def test_a_person_may_say_where_to_look() -> None:
    wide, tall = np.zeros((200, 600, 3), np.uint8), np.zeros((600, 200, 3), np.uint8)
    assert [0, 400] == [round(window(wide, 1.0, focus)[1]) for focus in (0, 1)]
    assert [0, 200] == [round(window(tall, 1.0, focus)[0]) for focus in (0, 0.5)]


def test_a_crop_has_the_shape_of_its_cell_at_300_dpi() -> None:
    from bestiary.images import decode

    data, dpi = framed(drawing("bear", 300), Cell(0, 0, 50.8, 25.4))
    assert (300, 600, 3) == decode(data).shape
    assert 150 == dpi


def test_addresses_are_shown_as_people_say_them() -> None:
    assert "example.org" == shown_address("https://www.example.org/")
    assert "example.org/help?a=1" == shown_address("https://example.org/help?a=1")
    assert "example.org/…" == shown_address("https://example.org/" + "very/" * 12)


def test_text_is_taken_apart_where_lines_may_break() -> None:
    assert ["Red", "well-", "known", "panda"] == pieces("Red well-known panda")
    assert ["ジャイアントパンダ", "森を守", "る"] == pieces("ジャイアントパンダ森を守る")
    assert "one line" == clean(" one\n\tline\x07 ")
    assert tightens("Über Ωμέγα Ёж")
    assert not tightens("دب")


def test_the_data_files_say_each_thing_once() -> None:
    folder = files("bestiary.poster").joinpath("words")
    keys = {tuple(json.loads(file.read_text(encoding="utf-8"))) for file in folder.iterdir()}
    assert 1 == len(keys)


def test_pages_have_the_sizes_they_are_named_for() -> None:
    assert (210, 297) == (PAGES["a4"].width, PAGES["a4"].height)
    assert (297, 420) == (PAGES["a3"].width, PAGES["a3"].height)
    assert 2160 == round(PAGES["square"].width / 25.4 * 300)
