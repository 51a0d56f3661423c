"""How fast the monitor reads what an endpoint captured, and in how much memory.

    python bench/capture.py [--records 100000] [--copies 1]

Lines of 2.2 kB as SageMaker captures the classifier's answers are written to a temporary folder and read to
their end, each way in a process of its own: as the monitor's job does it, and by a plain loop over the lines
with ``json`` that keeps the answers, as one would write it first. Records a second are of CPU time. Copies
are links to the same files: gigabytes without the disk, read by the monitor's job alone.
"""

from __future__ import annotations

import argparse
import base64
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from bestiary.drift.capture import read_capture
from bestiary.drift.gathering import gather
from bestiary.images import read_header
from bestiary.images.statistics import MEASURED, measure
from bestiary.sample import draw_photo

LABELS = [f"species {number}" for number in range(10)]
_PER_FILE = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--way", choices=sorted(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        _time(given.way, given.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        size = _write(Path(folder), given.records) * given.copies
        print(f"{given.records * given.copies} records, {size / 1e6:.0f} MB")
        for file in sorted(Path(folder).iterdir()):
            for copy in range(1, given.copies):
                file.with_name(f"{file.stem}-{copy}.jsonl").hardlink_to(file)
        for way in WAYS if given.copies == 1 else ["monitor"]:
            words = [sys.executable, __file__, "--way", way, "--folder", folder]
            subprocess.run(words, check=True)


def _write(folder: Path, records: int) -> int:
    draw = np.random.default_rng(0)
    photo = draw_photo("bear", 1, 128)
    image = asdict(measure(read_header(photo), MEASURED.from_bytes(photo)))
    size = 0
    for start in range(0, records, _PER_FILE):
        lines = [_line(draw, image, number) for number in range(start, min(start + _PER_FILE, records))]
        text = "".join(lines)
        (folder / f"{start:09d}.jsonl").write_text(text)
        size += len(text)
    return size


def _line(draw: np.random.Generator, image: dict[str, object], number: int) -> str:
    scores = draw.dirichlet(np.ones(len(LABELS))).round(6).tolist()
    answer = {
        "species": LABELS[int(np.argmax(scores))],
        "confidence": max(scores),
        "scores": dict(zip(LABELS, scores, strict=True)),
        "model_version": "1",
        "image": image,
        "embedding": draw.standard_normal(64).round(3).tolist(),
    }
    output = {
        "observedContentType": "application/json",
        "mode": "OUTPUT",
        "data": base64.b64encode(json.dumps(answer).encode()).decode(),
        "encoding": "BASE64",
    }
    about = {"eventId": str(number), "inferenceTime": "2026-11-22T08:00:00Z"}
    return (
        json.dumps({"captureData": {"endpointOutput": output}, "eventMetadata": about, "eventVersion": "0"})
        + "\n"
    )


def _monitor(folder: Path) -> int:
    return gather(read_capture(folder), version="1").counts.photos


def _plain(folder: Path) -> int:
    answers = []
    for path in sorted(folder.glob("*.jsonl")):
        for text in path.read_text().splitlines():
            line = json.loads(text)
            answers.append(json.loads(base64.b64decode(line["captureData"]["endpointOutput"]["data"])))
    return len(answers)


WAYS = {"monitor": _monitor, "plain": _plain}


def _time(way: str, folder: Path) -> None:
    before = time.process_time()
    records = WAYS[way](folder)
    seconds = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{way:8} {records / seconds:8,.0f} records a second of CPU, at most {peak:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
