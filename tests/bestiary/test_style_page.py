"""What people look at: pages, contact sheets, plots."""

import json
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
from page_reader import Reader, squeezed
from PIL import Image
from style_models import photo, stripes

from bestiary.style import Losses, Record, Result, page, snapshots
from bestiary.style.page import Candidate, Painting, Row, Subject
from bestiary.style.wall import Hung, wall

WRITTEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HISTORY = tuple(Record(step, 64 if step < 6 else 128, 0.5, 2 / step, 3 / step) for step in range(1, 11))


def subject(name="The <Wave>"):
    return Subject("duck & goose", photo(), [Painting(name, stripes(), 1.0)], "small", WRITTEN)


def seen(html):
    """Return a page's text with its cells apart."""
    return squeezed(Reader(html.replace("<", " <")).text)


def candidate(name, seconds, style, *, history=(), warnings=(), memory=300_000_000):
    result = Result(photo(seed=4), tuple(history), seconds, memory, warnings)
    return Candidate(name, result, Losses(0.5, style, 1.0, 1.0))


def comparison(**options):
    candidates = [candidate("gatys", 61, 0.1, history=HISTORY, **options), candidate("fast", 0.2, 0.3)]
    return page.compare(subject(), candidates, Losses(0, 1.2, 1.0, 6))


def test_the_comparison_needs_nothing_but_itself():
    """All pictures are inside, each with words for those who cannot see it; nothing is fetched."""
    read = Reader(comparison())
    images = read.all("img")
    assert 4 == len(images)
    assert all(image["src"].startswith("data:image/jpeg") and image["alt"] for image in images)
    assert not read.all("script")
    assert 1 == len(read.all("svg"))


def test_names_from_strangers_are_escaped():
    """A file named like a tag is text."""
    read = Reader(comparison())
    assert "duck & goose in the manner of The <Wave>" in squeezed(read.text)
    assert not [tag for tag, _ in read.tags if tag == "wave"]


def test_the_best_of_each_row_is_marked():
    """Less loss and less time are better; equal figures have no best."""
    text = seen(comparison())
    assert "Style loss 1.2000 0.1000 best 0.3000" in text
    assert "Time models already open 61 s 0.2 s best" in text
    assert "Content loss 0.000 0.500 0.500" in text


def test_what_was_not_measured_says_so():
    """No system but Linux tells how much memory was taken."""
    assert "not measured 300 MB" in seen(comparison(memory=None))


def test_warnings_stand_above_the_pictures():
    """A person must not take random weights for a method's failure."""
    text = squeezed(Reader(comparison(warnings=("VGG19 has random weights",))).text)
    assert text.index("VGG19 has random weights") < text.index("What came out")


def test_the_report_goes_from_content_heavy_to_style_heavy():
    """A row a method, in the order given, and a drawing of the trade."""
    rows = [Row("gatys, Wave", [candidate(f"style {n}", 1, 1 / n) for n in (1, 2, 3)])]
    read = Reader(page.report(subject(), rows))
    text = squeezed(read.text)
    assert text.index("style 1") < text.index("style 2") < text.index("style 3")
    assert 5 == len(read.all("img"))
    assert 1 == len(read.all("svg"))


def test_a_wall_has_a_row_for_each_method_and_a_column_for_each_painting():
    """The photo and the paintings stand above; each result says what it is and how near."""
    paintings = [Painting(name, stripes(), 1.0) for name in ("Waves", "Nights")]
    rows = {name: [candidate(name, 61, 0.1), candidate(name, 61, 0.3)] for name in ("fast", "gatys")}
    html = wall([Hung("duck & goose", photo(), rows)], paintings, "small", WRITTEN)
    read, text = Reader(html), seen(html)
    assert 3 + 4 == len(read.all("img"))
    assert "duck & goose by gatys in the manner of Nights" in [image["alt"] for image in read.all("img")]
    assert "gatys 61 s a picture" in text
    assert "content 0.50, style 0.300" in text


def test_a_finished_run_leaves_a_sheet_a_plot_and_its_losses(tmp_path):
    """The sheet shows the snapshots and the finished picture; the losses are numbers again."""
    for step in range(1, 30):
        Image.fromarray(photo(48, 32, seed=step)).save(tmp_path / f"step-{step:05d}.png")
    snapshots.Snapshots(tmp_path, 1, "").finish(HISTORY, photo(48, 32))
    sheet = Image.open(BytesIO((tmp_path / "contact-sheet.png").read_bytes()))
    assert (4 * 328 + 8, 3 * (213 + 30) + 8) == sheet.size
    last = np.asarray(sheet)[2 * 243 + 8 :, 3 * 328 + 8 :][:213, :320]
    expected = np.asarray(Image.fromarray(photo(48, 32)).resize((320, 213), Image.Resampling.LANCZOS))
    assert np.abs(last.astype(int) - expected).mean() < 1
    assert Image.open(tmp_path / "losses.png").width > 400
    written = json.loads((tmp_path / "losses.json").read_text())
    assert {"step": 10, "side": 128, "content": 0.5, "style": 0.2, "total": 0.3} == written[-1]
