"""What a dataset is like: one page, its figures, and the same as JSON."""

import json
from dataclasses import asdict
from pathlib import Path

from bestiary.dataset import Dataset
from bestiary.explore import figures
from bestiary.explore.examples import choose, contact_sheet
from bestiary.explore.measures import Pixels, histograms, summarize
from bestiary.explore.page import render

__all__ = ["explore"]


def explore(dataset: Dataset, images: Pixels, folder: Path) -> None:
    """Write ``index.html``, ``exploration.json``, a sample sheet and the figures as PNGs.

    Parameters
    ----------
    dataset
        What to describe.
    images
        Its photos, uint8 (rows, size, size, 3), not equalized; `Photo.row` points into it.
    folder
        Where to write; made if it is missing. The same dataset gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before, after = histograms(dataset.photos, images)
    summaries = summarize(dataset.photos, images, dataset.classes)
    examples = choose(dataset.photos, images, dataset.classes)
    top = max(max(channel) for channel in (*before, *after))
    colours = {
        "Colour histograms of all photos as they are": figures.colours("as they are", before, top),
        "Colour histograms of all photos, equalized": figures.colours("equalized", after, top),
    }
    (folder / "sample_sheet.jpg").write_bytes(contact_sheet(examples))
    figures.save(folder / "colours.png", list(colours.values()), width=8, height=2.8)
    classes = figures.counts(dataset.counts)
    figures.save(folder / "classes.png", [classes], width=5, height=1 + 0.25 * len(dataset.classes))
    (folder / "index.html").write_text(render(dataset, summaries, examples, colours), encoding="utf-8")
    described = {
        "classes": list(dataset.classes),
        "data_digest": dataset.digest,
        "counts": dataset.counts,
        "quarantined": [asdict(one) for one in dataset.quarantined],
        "duplicates": [asdict(one) for one in dataset.duplicates],
        "warnings": list(dataset.warnings),
        "histograms": {"before": before, "after": after},
        "measures": {label: asdict(summary) for label, summary in summaries.items()},
        "sample_sheet": "sample_sheet.jpg",
    }
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    (folder / "exploration.json").write_text(text, encoding="utf-8")
