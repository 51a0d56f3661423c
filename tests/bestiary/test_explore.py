"""The exploration: true figures, and a page that stands alone."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from image_files import encoded, photo
from PIL import Image

from bestiary.dataset import Photo, assemble
from bestiary.explore import explore
from bestiary.explore.measures import Summary, histograms, summarize
from bestiary.explore.page import outstanding
from bestiary.images import Header, Preprocessing

HEADER = Header("JPEG", 640, 480, "RGB", 1, animated=False)
EVIL = "cat<script>alert(1)</script>"


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exploration of a dataset with one file of each kind of trouble, and a class with a bad name."""
    root, scratch, folder = (tmp_path_factory.mktemp(name) for name in ("data", "scratch", "out"))
    for place, label in enumerate(("bear", EVIL.replace("/", "\u2215"))):
        (root / label).mkdir()
        for number in range(6):
            (root / label / f"{number}.jpg").write_bytes(photo(10 * place + number))
    (root / "bear" / "copy of 1.jpg").write_bytes(photo(1))
    (root / "bear" / "broken.jpg").write_bytes(b"no photo")
    dataset = assemble(root, [Preprocessing(48)], scratch)
    explore(dataset, dataset.images[0], folder)
    return folder


def test_the_json_says_what_the_report_needs(explored: Path) -> None:
    described = json.loads((explored / "exploration.json").read_text(encoding="utf-8"))
    assert described["counts"]["bear"] == {"train": 5, "test": 1}
    assert described["quarantined"] == [
        {"file": "bear/broken.jpg", "reason": "not an image (it looks like text)"}
    ]
    assert described["duplicates"] == [{"file": "bear/copy of 1.jpg", "same_as": "bear/1.jpg"}]
    for side in ("before", "after"):
        shares = np.array(described["histograms"][side])
        assert shares.shape == (3, 32)
        np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-4)
    assert set(described["measures"]) == set(described["classes"])
    with Image.open(explored / described["sample_sheet"]) as sheet:
        assert sheet.width == 6 * 112


def test_the_figures_are_there_as_png(explored: Path) -> None:
    for name in ("colours.png", "classes.png"):
        with Image.open(explored / name) as figure:
            assert figure.format == "PNG"
            assert np.asarray(figure.convert("L")).std() > 5


class _Links(HTMLParser):
    """Collects whatever a page would fetch, and its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in {"src", "href", "srcset"}]


def test_the_page_needs_nothing_else(explored: Path) -> None:
    page = (explored / "index.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert all(link.startswith(("data:", "#")) for link in links.fetched)
    assert "url(http" not in page
    assert "@import" not in page


def test_names_are_escaped(explored: Path) -> None:
    page = (explored / "index.html").read_text(encoding="utf-8")
    links = _Links()
    links.feed(page)
    assert "script" not in links.tags
    assert "cat&lt;script&gt;" in page


def test_the_page_shows_every_class_and_everything_left_out(explored: Path) -> None:
    page = re.sub(r"<wbr>", "", (explored / "index.html").read_text(encoding="utf-8"))
    assert "<h1>12 photos of 2 animals</h1>" in page
    for text in ("bear/broken.jpg", "not an image (it looks like text)", "bear/copy of 1.jpg"):
        assert text in page
    assert page.count('class="pair"') == 12


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("bear", "cat"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "data" / name / f"{number}.png").write_bytes(encoded(_flat(number, name), "PNG"))
    for run in ("one", "two"):
        (tmp_path / f"scratch {run}").mkdir()
        dataset = assemble(tmp_path / "data", [Preprocessing(32)], tmp_path / f"scratch {run}")
        explore(dataset, dataset.images[0], tmp_path / run)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def _flat(number: int, name: str) -> Image.Image:
    return Image.new("RGB", (20, 20), (40 * number, 90, 200 if name == "cat" else 10))


def test_measures_say_bright_dark_sharp_and_blurred() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    images = np.stack(
        [np.full((64, 64, 3), 255), np.zeros((64, 64, 3)), np.repeat(board[..., None], 3, axis=2)]
    )
    photos = [Photo(f"{label}/1.jpg", label, "", HEADER, row) for row, label in enumerate("abc")]
    summaries = summarize(photos, images.astype(np.uint8), "abc")
    assert (summaries["a"].brightness, summaries["b"].brightness) == (1, 0)
    assert (summaries["a"].contrast, summaries["a"].sharpness) == (0, 0)
    assert summaries["c"].contrast == pytest.approx(0.5, abs=0.01)
    assert summaries["c"].sharpness > 500
    assert (summaries["a"].width, summaries["a"].height) == (640, 480)


def test_histograms_count_colours() -> None:
    red = np.zeros((1, 32, 32, 3), np.uint8)
    red[..., 0] = 255
    before, _ = histograms([Photo("a/1.jpg", "a", "", HEADER, 0)], red)
    assert before[0][31] == before[1][0] == before[2][0] == 1


def test_a_class_that_stands_out_by_its_light_or_size_is_pointed_out() -> None:
    usual = Summary(0.5, 0.2, 20, 300, 200)
    notes = outstanding(
        {"a": usual, "b": usual, "c": Summary(0.2, 0.2, 20, 300, 200), "d": Summary(0.5, 0.2, 20, 4000, 3000)}
    )
    assert notes == [
        "c is much darker than the other classes",
        "the photos of d are much larger than the others",
    ]
