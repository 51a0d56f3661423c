"""Posters as finished pages: real text, sharp pictures, and words that stay where they belong."""

from __future__ import annotations

from io import BytesIO
from itertools import product
from pathlib import Path

import matplotlib as mpl
import pytest
from PIL import Image
from poster_pages import URL, Box, Page, drawing, poster_of

from bestiary.poster import poster
from bestiary.poster.errors import PosterError
from bestiary.poster.page import LAYOUTS, PAGES, Cell, Layout
from bestiary.poster.poster import Poster, make
from bestiary.poster.wording import entry, languages, wording

ANIMALS = tuple(wording("en").names)
LONG_CALL = "Unterstützen Sie die Meeresschutzgesellschaft mit Ihrer Spende"


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put pictures in without making them fit for print, which is most of the work: words are looked at."""

    def filled(_picture: object, cell: Cell, _focus: object) -> tuple[bytes, int]:
        file = BytesIO()
        Image.new("RGB", (round(4 * cell.width), round(4 * cell.height)), "teal").save(file, "JPEG")
        return file.getvalue(), 100

    monkeypatch.setattr(poster, "framed", filled)


@pytest.mark.parametrize(("size", "layout"), list(product(PAGES, LAYOUTS)))
def test_every_size_and_layout_is_one_page_of_real_text_and_sharp_pictures(size: str, layout: Layout) -> None:
    made = make(poster_of("panda"), size, layout, "pdf")
    page = Page(made.data)
    assert page.size == pytest.approx((PAGES[size].width, PAGES[size].height), abs=0.1)
    for said in (
        "Giant panda",
        "Ailuropoda melanoleuca",
        "At the last census 1,864 lived in the wild.",
        "Vulnerable",
        "IUCN Red List, assessed 2016",
        "Every species counts. Help us protect them.",
        "example.org/help",
        "Drawing: Bestiary",
    ):
        assert said in page.text
    assert {URL} == page.links
    assert [300] == [round(dpi) for _, dpi in page.pictures]
    assert len(made.data) < 6_000_000
    assert b"pdfuaid" in made.data


def test_a_png_is_for_screens() -> None:
    made = make(poster_of("duck"), "square", "band", "png")
    assert (2160, 2160) == Image.open(BytesIO(made.data)).size


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize(("layout", "size"), list(product(LAYOUTS, ("a4", "square"))))
def test_no_word_leaves_its_place_in_any_language(layout: Layout, size: str) -> None:
    """The longest and the shortest name of each language, with more to say than usual."""
    for language in languages():
        by_length = sorted(ANIMALS, key=lambda label: len(entry(label, language).common))
        for label in {by_length[0], by_length[-1]} if language in {"en", "ru"} else {by_length[-1]}:
            wanted = poster_of(
                label, language=language, call=LONG_CALL if language == "de" else "", credits="Photo " * 12
            )
            page = Page(make(wanted, size, layout, "pdf").data)
            _assert_in_place(page, layout, size, joined=language == "ar")


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "title",
    [
        "Ox",
        "Donaudampfschiffkapitän",
        "Προστατέψτε τις θάλασσες και όλα τα πλάσματα που ζουν μέσα τους",
        "حماية الغابات القديمة وكل ما يعيش فيها",
        "森と海と、そこに生きるすべての動物たちのために",
    ],
)
def test_titles_of_any_script_fit(layout: Layout, title: str) -> None:
    for size in ("a4", "square"):
        wanted = poster_of("leopard", title=title)
        page = Page(make(wanted, size, layout, "pdf").data)
        _assert_in_place(page, layout, size, joined="حماية" in title)
        assert "Leopard" in page.text


def _assert_in_place(page: Page, layout: Layout, size: str, *, joined: bool = False) -> None:
    """All letters are inside the margins, none on another, and none on a picture that is framed."""
    paper = PAGES[size]
    margin = 3.5 * paper.unit
    inside = Box(margin, margin, paper.width - margin, paper.height - margin)
    out = [(letter, box) for letter, box in page.letters if not box.within(inside)]
    assert out == []
    # Arabic letters are joined, and its marks stand above them.
    assert joined or page.collisions == []
    if layout != "full":
        pictures = [box for box, _ in page.pictures]
        assert [] == [letter for letter, box in page.letters if any(map(box.touches, pictures))]


@pytest.mark.parametrize(
    ("layout", "count"), [("full", 2), ("plate", 3), ("band", 4), ("full", 5), ("plate", 6)]
)
def test_several_animals_share_a_poster(layout: Layout, count: int) -> None:
    """Each is named with its status; no picture covers another."""
    labels = ANIMALS[:count]
    for size in ("a4", "square"):
        page = Page(make(poster_of(*labels), size, layout, "pdf").data)
        assert "They live here too" in page.text
        for label in labels:
            animal = entry(label, "en")
            assert f"{animal.common} {animal.scientific} {animal.headline}" in page.text
        boxes = [box for box, _ in page.pictures]
        assert count == len(boxes)
        assert not any(one.touches(other) for one in boxes for other in boxes if one is not other)
        _assert_in_place(page, layout, size)


def test_two_photos_of_one_animal_make_a_poster_of_it() -> None:
    page = Page(make(poster_of("bear", "bear"), "a4", "band", "pdf").data)
    assert "Bear Ursidae Eight kinds of bear" in page.text


def test_the_same_poster_gives_the_same_bytes() -> None:
    first, second = (make(poster_of("crab"), "a4", "plate", "pdf").data for _ in range(2))
    assert first == second


def test_letters_without_a_font_are_refused_until_a_font_has_them() -> None:
    with pytest.raises(PosterError, match=r"can write .*ն: .*--font"):
        make(poster_of("cat", title="Պանդա 1"), "a4", "full", "pdf")
    font = Path(mpl.get_data_path(), "fonts/ttf/DejaVuSans.ttf")
    made = make(poster_of("cat", title="Պանդա 1", fonts=(font,)), "a4", "full", "pdf")
    assert "Պանդա 1" in Page(made.data).text


def test_what_cannot_be_printed_is_refused_in_one_line() -> None:
    for said, why in (
        ({"url": "ftp://example.org"}, "must be one of https"),
        ({"url": "not an address"}, "must be one of https"),
        ({"url": "https://example.org/" + "x" * 900}, "too long for a QR code"),
        ({"url": "https://example.org/" + "x" * 4000}, "too long for a QR code"),
        ({"title": "Donaudampfschifffahrtsgesellschaftskapitänsmütze"}, "the title is too long"),
        ({"call": "Please " * 80}, "the call is too long"),
        ({"credits": "A long name, " * 60}, "the credits is too long"),
    ):
        with pytest.raises(PosterError, match=why) as caught:
            make(poster_of("dog", **said), "square", "plate", "pdf")
        assert "\n" not in str(caught.value)
    with pytest.raises(PosterError, match="1 to 6 pictures, not 7"):
        make(poster_of(*(["dog"] * 7)), "a4", "full", "pdf")
    with pytest.raises(PosterError, match="10 x 200 pixels is too small"):
        make(Poster([drawing("dog")[:200, :10]], ["dog"]), "a4", "full", "pdf")


def test_typst_markup_in_words_is_only_words() -> None:
    """Nothing that a person types is run."""
    title = '#panic("no") *bold* $x$ <a> @b'
    assert title in Page(make(poster_of("duck", title=title), "a4", "band", "pdf").data).text
