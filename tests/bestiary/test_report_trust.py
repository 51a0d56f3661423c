"""The page needs nothing but itself, believes no name, and can be read by everybody."""

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_examples import ANIMALS, candidate, photos, run
from page_reader import Reader, page

from bestiary.evaluation import Approved
from bestiary.report.exploration import read_exploration

RANDOM = {
    "name": "efficientnetb3",
    "weights": "random",
    "warning": "Random weights: no answer from the download host.",
}


@pytest.fixture(scope="module")
def usual() -> str:
    return page()


@pytest.fixture(scope="module")
def usual_reader(usual: str) -> Reader:
    return Reader(usual)


def test_it_needs_nothing_but_itself(usual: str, usual_reader: Reader) -> None:
    """No address is fetched, no script runs: the page may be sent by mail and opened in ten years."""
    assert not usual_reader.all("script")
    assert not [link for link in usual_reader.all("link") if link["href"] != "data:,"]
    addresses = [
        attributes.get(key) or ""
        for _, attributes in usual_reader.tags
        for key in ("src", "href", "xlink:href")
    ]
    assert {address[:5] for address in addresses if address and not address.startswith("#")} == {"data:"}
    assert "@import" not in usual
    assert not re.search(r"url\((?!#)", usual)
    assert not [name for _, attributes in usual_reader.tags for name in attributes if name.startswith("on")]


def test_it_is_light(usual: str) -> None:
    """24 mistakes, ten plates and three plots a model stay far below 3 MB, also with real photos."""
    generator = np.random.default_rng(0)
    noisy = photos(120, 224)
    noise = generator.integers(-40, 40, noisy.images.shape)
    worst = replace(noisy, images=(noisy.images.astype(int) + noise).clip(0, 255).astype(np.uint8))
    poor = run([candidate("custom_cnn")])

    assert len(usual) < 1_000_000
    assert len(page(poor, drawn=worst)) < 3_000_000


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; }</style><b>", "{{ 7*7 }}"]
)
def test_names_from_strangers_stay_text(hostile: str) -> None:
    """Files, classes, reasons, parameters and warnings are shown as they are, whatever they hold."""
    classes = (hostile, *ANIMALS[1:])
    one = candidate("custom_cnn", classes=classes, warnings=(hostile,), recipe={hostile: {hostile: hostile}})
    evaluation = run([one])
    evaluation = replace(
        evaluation,
        data=replace(
            evaluation.data, quarantined=[{"file": hostile, "reason": hostile}], warnings=(hostile,)
        ),
        lineage=replace(evaluation.lineage, parameters={hostile: hostile}, commit=hostile, image=hostile),
        approved=Approved(hostile, 0.5, 0.5, (hostile,)),
    )

    written = page(evaluation, drawn=photos(file=f"{hostile}/{hostile}.jpg"))
    reader = Reader(written)

    assert not reader.all("script")
    assert not [name for _, attributes in reader.tags for name in attributes if name.startswith("on")]
    assert len(reader.all("style")) == 1
    assert reader.text.count(hostile) > 10
    assert "49" not in reader.text.partition("Left out")[2].partition("Against")[0]


def test_it_can_be_read_without_seeing_it(usual: str, usual_reader: Reader) -> None:
    """Language, headings in order, names for every picture and plot, headers for every table."""
    assert usual_reader.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in usual_reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(image["alt"] for image in usual_reader.all("img"))
    assert all(plot["aria-label"] and plot["role"] == "img" for plot in usual_reader.all("svg"))
    assert all("scope" in header for header in usual_reader.all("th"))
    assert all("scope" in table for table in re.findall(r"<table.*?</table>", usual, flags=re.DOTALL))
    identifiers = [attributes["id"] for _, attributes in usual_reader.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    anchors = {link["href"][1:] for link in usual_reader.all("a")}
    assert anchors <= set(identifiers)


def test_plots_take_their_colours_from_the_page(usual: str) -> None:
    """A fixed colour in a plot would vanish in dark mode."""
    for plot in re.findall(r'<svg class="plot".*?</svg>', usual, flags=re.DOTALL):
        assert not re.search(r"(fill|stroke): #", plot)


def test_a_sample_sheet_outside_its_folder_is_not_read(tmp_path: Path) -> None:
    """The page is shown to strangers: it may hold nothing but what prepare put there."""
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (tmp_path / "exploration").mkdir()
    described = {"histograms": {"before": [], "after": []}, "sample_sheet": "../secret.jpg"}
    (tmp_path / "exploration" / "exploration.json").write_text(json.dumps(described), encoding="utf-8")

    with pytest.raises(FileNotFoundError):
        read_exploration(tmp_path / "exploration")
