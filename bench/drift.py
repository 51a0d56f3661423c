"""How often the monitor raises a false alarm, and which changes it finds in how many windows of 100 photos.

    python bench/drift.py DATA BACKBONE.keras [--splits 60] [--quiet 240] [--seed 1] [--cache FILE.npz]

DATA has a folder of photos for each of some ten species, BACKBONE answers with a feature map. The photos are
split anew again and again: half of them train a linear head on the backbone's pooled features (the recipe
``tuned`` without its views), a quarter are tested, and what the model says of these is the baseline; the last
quarter are what an endpoint is sent, 100 at a time, as they are or changed; of a change that is not found
further windows are drawn, up to five: of the same photos, so that later ones hold less news than a camera's
would. Beside the monitor stands what a
monitor of confidences alone does on the same windows: the population stability index of ten bins, alarming
above 0.2 as is usual, and above the threshold that gives it the false alarms it would need to be compared.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bestiary.classifiers.embedding import _projection
from bestiary.drift.answers import Answer
from bestiary.drift.comparing import compare
from bestiary.drift.gathering import Counts, Gathered
from bestiary.drift.making import of_training
from bestiary.drift.sample import of_answers
from bestiary.images import decode, read_header, resize
from bestiary.images.statistics import MEASURED, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STRENGTHS = ("slight", "medium", "strong")
WINDOW, LATEST = 100, 5
NEW_SPECIES, RARE_SPECIES = (0.2, 0.4, 0.48), (0.1, 0.25, 0.39)


def night(image: Image.Image, step: int) -> Image.Image:
    """Darker by 25, 50 and 75 %, and paler."""
    pixels = np.asarray(image, np.float32)
    grey = pixels.mean(axis=2, keepdims=True)
    return _image((pixels + (grey - pixels) * 0.3 * step) * (1 - 0.25 * step))


def fog(image: Image.Image, step: int) -> Image.Image:
    """20, 40 and 60 % of a light grey over it."""
    return _image(np.asarray(image, np.float32) * (1 - 0.2 * step) + 200 * 0.2 * step)


def smear(image: Image.Image, step: int) -> Image.Image:
    """Blurred with a radius of 0.25, 0.5 and 1 % of the longer side."""
    return image.filter(ImageFilter.GaussianBlur(0.0025 * 2 ** (step - 1) * max(image.size)))


def cast(image: Image.Image, step: int) -> Image.Image:
    """Red up and blue down by 10, 20 and 40 %."""
    share = 0.1 * 2 ** (step - 1)
    return _image(np.asarray(image, np.float32) * [1 + share, 1, 1 - share])


CHANGES = {"night": night, "fog": fog, "smear": smear, "colour cast": cast}


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def look(data: Path, backbone: Path) -> dict[str, np.ndarray]:
    """Measure and look at every photo, as it is and changed."""
    import keras

    network = keras.models.load_model(backbone, compile=False, safe_mode=True)
    pool = keras.Model(network.inputs[0], keras.layers.GlobalAveragePooling2D()(network.outputs[0]))
    files = sorted(data.rglob("*.jpg"))
    found: dict[str, list] = defaultdict(list)
    views = [("as it is", 0), *((name, step) for name in CHANGES for step in (1, 2, 3))]
    for file in files:
        data_read = file.read_bytes()
        header, photo = (
            read_header(data_read),
            Image.fromarray(decode(data_read, at_least=MEASURED.decoded_side)),
        )
        seen = []
        for name, step in views:
            changed = CHANGES[name](photo, step) if step else photo
            found[f"{name} {step} statistics"].append(measure(header, resize(changed, MEASURED.size)))
            seen.append(resize(changed, 224))
        for (name, step), row in zip(
            views, pool.predict_on_batch(np.stack(seen).astype(np.float32)), strict=True
        ):
            found[f"{name} {step} features"].append(row)
    arrays = {key: np.array(value, object if "statistics" in key else None) for key, value in found.items()}
    return {"labels": np.array([file.parent.name for file in files]), **arrays}


class Split:
    """One division of the photos, a model trained on it, and its baseline."""

    def __init__(
        self, photos: dict[str, np.ndarray], order: np.ndarray, unknown: str = "", rare: str = ""
    ) -> None:
        of_it = photos["labels"][order] == rare
        known = order[(photos["labels"][order] != unknown) & ~of_it]
        train, self.test, self.live = np.split(known, [len(known) // 2, 3 * len(known) // 4])
        few = order[of_it]
        train, self.test = np.append(train, few[:6]), np.append(self.test, few[6:9])
        self.of_it = few[9:]
        self.photos = photos
        features = photos["as it is 0 features"]
        self.head = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
        self.head.fit(features[train], photos["labels"][train])
        self.labels = tuple(map(str, self.head.classes_))
        measured = photos["as it is 0 statistics"][np.concatenate([train, self.test])]
        self.baseline = of_training(list(measured), self.scores(features[self.test]), self.labels,
                                    embed(features[self.test]))  # fmt: skip

    def scores(self, features: np.ndarray) -> np.ndarray:
        """Answer as an endpoint does, with six digits."""
        return np.round(self.head.predict_proba(features), 6)

    def window(self, rows: np.ndarray, change: str = "as it is 0") -> Gathered:
        """Gather what an endpoint would have said of some photos, changed or not."""
        features, statistics = (
            self.photos[f"{change} features"][rows],
            self.photos[f"{change} statistics"][rows],
        )
        scores, seen = self.scores(features), embed(features)
        answers = [
            Answer(self.labels[row.argmax()], row.max(), named(self.labels, row), image, tuple(embedding))
            for row, image, embedding in zip(scores, statistics, seen, strict=True)
        ]  # fmt: skip
        unsure = sum(one.confidence < self.baseline.limits.confidence_floor for one in answers)
        return Gathered(
            Counts(photos=len(answers), unsure=unsure), of_answers(answers, self.labels), self.labels
        )


def named(labels: tuple[str, ...], scores: np.ndarray) -> dict[str, float]:
    return dict(zip(labels, scores.tolist(), strict=True))


def embed(features: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(features, axis=1, keepdims=True)
    return np.round(features / length @ _projection(features.shape[1]), 3)


def psi(before: np.ndarray, after: np.ndarray) -> float:
    edges = np.quantile(before, np.linspace(0, 1, 11))
    edges[0], edges[-1] = -np.inf, np.inf
    shares = [np.maximum(np.histogram(side, edges)[0] / len(side), 1e-4) for side in (before, after)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def windows(
    photos: dict[str, np.ndarray], split_number: int, draw: np.random.Generator, *, quiet: bool
) -> Iterator[tuple[str, str, Split, Callable[[], Gathered]]]:
    """Yield what happens and what draws a window of it, for one division of the photos."""
    order = draw.permutation(len(photos["labels"]))
    split = Split(photos, order)

    def seen(change: str = "as it is 0") -> Gathered:
        return split.window(draw.choice(split.live, WINDOW, replace=False), change)

    yield "nothing", "", split, seen
    if quiet:
        return
    for name in CHANGES:
        for step, strength in enumerate(STRENGTHS, start=1):
            yield name, strength, split, partial(seen, f"{name} {step}")
    favourite = split.labels[split_number % len(split.labels)]
    common = Split(photos, order, rare=favourite)
    without = Split(photos, order, unknown=favourite)
    strangers = np.flatnonzero(photos["labels"] == favourite)
    for what, of, animals, shares in (
        ("rare species", common, common.of_it, RARE_SPECIES),
        ("new species", without, strangers, NEW_SPECIES),
    ):
        for share, strength in zip(shares, STRENGTHS, strict=True):
            yield what, strength, of, partial(_joined, of, animals, share, draw)


def _joined(split: Split, animals: np.ndarray, share: float, draw: np.random.Generator) -> Gathered:
    new = min(round(WINDOW * share), len(animals))
    others = draw.permutation(split.live)[: WINDOW - new]
    return split.window(np.concatenate([draw.permutation(animals)[:new], others]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("backbone", type=Path)
    parser.add_argument("--splits", type=int, default=60)
    parser.add_argument("--quiet", type=int, default=240, help="further divisions in which nothing changes")
    parser.add_argument("--cache", type=Path, help="where photos that were looked at are kept")
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    if wanted.cache and wanted.cache.exists():
        photos = dict(np.load(wanted.cache, allow_pickle=True))
    else:
        photos = look(wanted.data, wanted.backbone)
        if wanted.cache:
            np.savez(wanted.cache, **photos)
    alarms, index, named = defaultdict(list), defaultdict(list), defaultdict(lambda: defaultdict(int))
    delays = defaultdict(list)
    draw = np.random.default_rng(wanted.seed)
    for number in range(wanted.splits + wanted.quiet):
        quiet = number >= wanted.splits
        for what, strength, split, seen in windows(photos, number, draw, quiet=quiet):
            window = seen()
            drifted = _drifted(split, window)
            alarms[what, strength].append(bool(drifted))
            confidences = (side.columns["confidence"] for side in (split.baseline.sample, window.sample))
            index[what, strength].append(psi(*confidences))
            for name in drifted:
                named[what, strength][name] += 1
            later = () if drifted or what == "nothing" else range(2, LATEST + 1)
            after = next((window for window in later if _drifted(split, seen())), LATEST + 1)
            delays[what, strength].append(1 if drifted else after)
    still = np.array(index["nothing", ""])
    fair = float(np.quantile(still, 1 - max(np.mean(alarms["nothing", ""]), 1 / len(still))))
    print(f"{'':24}{'windows':>8}{'found':>8}{'mean':>6}{'most':>6}{'PSI 0.2':>9}{f'PSI {fair:.2f}':>9}  by")
    for (what, strength), found in alarms.items():
        stability = np.array(index[what, strength])
        most = sorted(named[what, strength].items(), key=lambda item: -item[1])[:4]
        by = ", ".join(f"{name} {times / len(found):.0%}" for name, times in most)
        delay = delays[what, strength]
        when = f"{np.mean(delay):6.1f}{max(delay):6}" if what != "nothing" else " " * 12
        first = f"{what:14}{strength:10}{len(found):8}{np.mean(found):8.1%}"
        print(f"{first}{when}{(stability > 0.2).mean():9.1%}"
              f"{(stability > fair).mean():9.1%}  {by}")  # fmt: skip


def _drifted(split: Split, window: Gathered) -> list[str]:
    return [one.feature.name for one in compare(split.baseline, window) if one.drifted]


if __name__ == "__main__":
    main()
