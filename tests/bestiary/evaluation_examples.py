"""A run as it could be: ten animals, drawn photos, three candidates with answers made up but plausible."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bestiary.classifiers.recipe import Epoch
from bestiary.evaluation import (
    Approved,
    Candidate,
    Evaluation,
    Lineage,
    Rules,
    TestData,
    choose,
    compare,
    decide,
    measure,
)
from bestiary.report.exploration import Exploration
from bestiary.report.page import Photos

ANIMALS = ("bear", "cat", "crab", "dog", "dolphin", "duck", "hamster", "jellyfish", "leopard", "panda")
PER_CLASS = 12
SKILL = {"custom_cnn": (0.52, 0.9), "efficientnetb3": (0.84, 1.6), "tuned": (0.95, 2.6)}
SIZES = {
    "custom_cnn": (15_400_000, 4_200_000),
    "efficientnetb3": (52_000_000, 12_700_000),
    "tuned": (41_000_000, 10_800_000),
}


def answers(
    skill: float, boldness: float, seed: int, classes: int = 10, each: int = PER_CLASS
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Make up true classes and scores of a model that is right about as often as `skill` says."""
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), each)
    scores = generator.dirichlet(np.full(classes, 0.4), len(labels))
    right = generator.random(len(labels)) < skill
    guess = np.where(right, labels, (labels + generator.integers(1, min(4, classes), len(labels))) % classes)
    scores[np.arange(len(labels)), guess] += boldness * generator.uniform(0.4, 2.5, len(labels))
    return labels, (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)


def candidate(
    name: str = "tuned", *, seed: int = 1, classes: Sequence[str] = ANIMALS, **changes: Any
) -> Candidate:
    """Make up one candidate."""
    labels, scores = answers(*SKILL[name], seed, len(classes))
    return rated(name, labels, scores, classes, **changes)


def rated(
    name: str,
    labels: NDArray[np.integer],
    scores: NDArray[np.floating],
    classes: Sequence[str] = ANIMALS,
    **changes: Any,
) -> Candidate:
    """Make a candidate of given answers."""
    skill, gap = SKILL.get(name, (0.9, 0.05))
    size, parameters = SIZES.get(name, (10_000_000, 2_500_000))
    known = {
        "size": size,
        "sha256": "0d6be69b2f4aa1c3" * 4,
        "parameters": parameters,
        "training_seconds": 4.0 + parameters / 4e5,
        "seconds_per_image": parameters / 3e8,
        "seconds_per_image_in_batches": parameters / 9e8,
        "image_size": 128 if name == "custom_cnn" else 224,
        "equalize": name == "custom_cnn",
        "recipe": {"epochs": 15, "batch_size": 32, "learning_rate": 0.001, "seed": 42, "augment": False},
        "history": tuple(
            Epoch(
                epoch,
                2.3 * 0.75**epoch + 0.05,
                min(1.0, skill + gap) * (1 - 0.7**epoch),
                2.3 * 0.82**epoch + (1 - skill),
                skill * (1 - 0.68**epoch),
            )
            for epoch in range(1, 16)
        ),
    }
    return Candidate(
        name=name,
        metrics=measure(labels, scores, classes),
        labels=labels,
        scores=scores,
        **{**known, **changes},
    )


def photos(count: int = 120, side: int = 96, file: str | None = None) -> Photos:
    """Draw round animals on coloured grounds."""
    generator = np.random.default_rng(5)
    images = []
    for _ in range(count):
        ground, fur = (tuple(int(v) for v in generator.integers(40, 220, 3)) for _ in range(2))
        image = Image.new("RGB", (side, side), ground)
        draw = ImageDraw.Draw(image)
        x, y = generator.integers(20, side - 50, 2)
        draw.ellipse((x, y, x + 40, y + 34), fill=fur)
        draw.ellipse((x + 24, y - 12, x + 46, y + 12), fill=fur)
        draw.ellipse((x + 36, y - 4, x + 40, y), fill="black")
        images.append(np.asarray(image))
    names = [
        file or f"{ANIMALS[index // PER_CLASS % 10]}/camera 3/IMG_{index:04}.jpg" for index in range(count)
    ]
    return Photos(np.stack(images), names)


def exploration() -> Exploration:
    """Make up what prepare found out."""
    light = np.linspace(0, 1, 32)
    before = [np.exp(-((light - middle) ** 2) / 0.06) for middle in (0.55, 0.45, 0.35)]
    after = [np.exp(-((light - middle) ** 2) / 0.4) for middle in (0.52, 0.5, 0.47)]
    sheet = Image.fromarray(np.concatenate(list(photos(10).images), axis=1))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return Exploration(
        before=[(each / each.sum()).tolist() for each in before],
        after=[(each / each.sum()).tolist() for each in after],
        sample_sheet=buffer.getvalue(),
    )


def run(
    candidates: Sequence[Candidate] | None = None,
    *,
    threshold: float = 0.3,
    approved: Approved | None = None,
    **changes: Any,
) -> Evaluation:
    """Make up a whole run."""
    backbone = {
        "name": "efficientnetb3",
        "weights": "imagenet",
        "warning": "",
        "sha256": "ab" * 32,
        "parameters": 10_783_535,
    }
    candidates = candidates or [
        candidate("custom_cnn", seed=1),
        candidate("efficientnetb3", backbone=backbone, seed=2),
        candidate("tuned", backbone=backbone, seed=3),
    ]
    champion = choose(candidates)
    gate = decide(
        Rules(threshold, 0.02),
        champion.name,
        champion.metrics.accuracy,
        champion.metrics.count,
        (approved.version, approved.accuracy) if approved else None,
    )
    known = {
        "candidates": candidates,
        "champion": champion,
        "verdicts": compare(candidates),
        "gate": gate,
        "approved": approved,
        "data": TestData(
            classes=tuple(champion.metrics.per_class),
            counts={name: {"train": 48, "test": PER_CLASS} for name in champion.metrics.per_class},
            digest="5f3c" * 16,
            quarantined=[
                {
                    "file": "bear/broken one.jpg",
                    "reason": "truncated: the file ends in the middle of the picture",
                }
            ],
        ),
        "lineage": Lineage(
            "5f3c" * 16,
            "8d1f0c2e9a7b",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/bestiary-jobs@sha256:" + "9e" * 32,
            {
                "DataUri": "s3://bestiary-123456789012-us-east-1/bestiary/data/sample/",
                "ImageSize": "128",
                "Epochs": "15",
            },
        ),
    }
    return Evaluation(**{**known, **changes})
