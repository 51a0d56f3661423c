"""Traffic of an endpoint as SageMaker captures it: photos, real answers about them, and their lines."""

import base64
import csv
import io
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bestiary.images import read_header
from bestiary.images.statistics import MEASURED, Statistics, measure

LABELS = ("bear", "crab", "panda")
START = datetime(2026, 11, 22, 8, tzinfo=UTC)


def picture(seed: int, light: float = 1.0) -> bytes:
    """Return a JPEG of blurred patches, darker where `light` is less than 1."""
    draw = np.random.default_rng(seed)
    patches = draw.integers(20, 236, (5, 7, 3)) * (light * draw.uniform(0.7, 1.0))
    file = io.BytesIO()
    image = Image.fromarray(patches.astype(np.uint8)).resize((160, 120), Image.Resampling.BICUBIC)
    image.save(file, "JPEG", quality=88)
    return file.getvalue()


def measured(photo: bytes) -> Statistics:
    return measure(read_header(photo), MEASURED.from_bytes(photo))


def scores(seed: int) -> list[float]:
    drawn = np.random.default_rng(10_000 + seed).dirichlet([2.0, 1.0, 1.0])
    return [round(float(score), 6) for score in drawn]


def answer(seed: int, photo: bytes, version: str = "3", **changes: Any) -> dict[str, Any]:
    """Return what the classifier would answer, with invented scores."""
    found = dict(zip(LABELS, scores(seed), strict=True))
    species = max(found, key=found.__getitem__)
    return {
        "species": species,
        "common_name": species,
        "scientific_name": "",
        "confidence": found[species],
        "scores": found,
        "model_version": version,
        "image": asdict(measured(photo)),
        "embedding": embedding(seed).tolist(),
        **changes,
    }


def embedding(seed: int) -> np.ndarray:
    return np.random.default_rng(20_000 + seed).standard_normal(8).round(3)


def row(found: dict[str, Any]) -> str:
    """Return an answer as the row of CSV that the endpoint writes."""
    text = io.StringIO()
    names = [found["species"], found["common_name"], found["scientific_name"]]
    cells = [*names, found["confidence"], found["model_version"], "", *found["scores"].values()]
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def body(kind: str, data: bytes, encoding: str = "BASE64", mode: str = "OUTPUT") -> dict[str, str]:
    text = base64.b64encode(data).decode() if encoding == "BASE64" else data.decode()
    return {"observedContentType": kind, "mode": mode, "data": text, "encoding": encoding}


def line(
    said: dict[str, str] | None, moment: datetime = START, given: dict[str, str] | None = None, name: str = ""
) -> str:
    """Return a captured line."""
    sides = {"endpointInput": given, "endpointOutput": said}
    about = {
        "eventId": f"event-{name or moment.isoformat()}",
        "inferenceTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
    }
    return json.dumps(
        {
            "captureData": {side: value for side, value in sides.items() if value},
            "eventMetadata": {**about, **({"inferenceId": name} if name else {})},
            "eventVersion": "0",
        }
    )


def answered(seed: int, light: float = 1.0, *, photo_too: bool = False, **changes: Any) -> str:
    """Return the line of one photo, a minute after another."""
    photo = picture(seed, light)
    given = body("image/jpeg", photo, mode="INPUT") if photo_too else None
    said = body("application/json", json.dumps(answer(seed, photo, **changes)).encode())
    return line(said, START + timedelta(minutes=seed % 600), given, f"photo-{seed}.jpg")


def write(
    folder: Path, lines: list[str], hour: str = "2026/11/22/08", name: str = "00-00-000-a.jsonl"
) -> Path:
    """Write a captured file where SageMaker would."""
    file = folder / "bestiary-classifier" / "AllTraffic" / hour / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{one}\n" for one in lines), "utf-8")
    return folder
