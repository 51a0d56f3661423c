"""Deploy a second version and roll back to the first, while clients ask the endpoint without a pause.

In a home of its own two small versions are trained on the sample, approved, and the first is deployed. Then
32 clients ask for a minute; meanwhile ``bestiary deploy 2`` shifts the traffic by canary, and ``bestiary
rollback 1`` goes back. Prints how many requests failed, which versions answered, how long service took to be
restored, and whether the answers after the rollback are the bytes of those before.

    python bench/rollout.py [--home DIR] [--folder DIR] [--clients 32] [--seconds 60]

``--home`` takes a home whose versions 1 and 2 are approved; ``--folder`` takes JPEGs instead of the sample.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bestiary import sample

SMALL = [
    "Epochs=2",
    "ImageSize=64",
    "TransferImageSize=64",
    "Weights=random",
    "AccuracyThreshold=0",
    "AllowedRegression=1",
]
ENDPOINT = "/endpoints/bestiary-classifier/invocations"
# The local SageMaker reads the service's name from it and checks no signature.
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/sagemaker/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


@dataclass
class Answers:
    """What the clients were answered; each append is one step for Python's lock."""

    versions: list[tuple[float, str]] = field(default_factory=list)
    failed: list[tuple[float, str]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bestiary-bench-") as scratch:
        home = options.home or Path(scratch) / "home"
        photos = photos_of(options.folder, Path(scratch))
        try:
            if options.home is None:
                train(home, Path(scratch) / "sample")
            measure(home, photos, options.clients, options.seconds)
        finally:
            bestiary(home, "local", "stop")


def measure(home: Path, photos: list[bytes], clients: int, seconds: float) -> None:
    """Print what became of the requests."""
    bestiary(home, "deploy", "1", "--strategy", "all-at-once", "--json", check=False)
    address = json.loads(bestiary(home, "local", "status", "--json"))["endpoint_url"]
    before = [ask(address, photo) for photo in photos[:20]]
    answers, done = Answers(), threading.Event()
    threads = [
        threading.Thread(target=client, args=(address, photos, number, answers, done))
        for number in range(clients)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    time.sleep(seconds / 12)
    deployed = json.loads(bestiary(home, "deploy", "2", "--wait", "5", "--json", check=False))
    time.sleep(seconds / 12)
    asked_back = time.monotonic()
    rolled = json.loads(bestiary(home, "rollback", "1", "--json", check=False))
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    done.set()
    for thread in threads:
        thread.join()
    last_new = max((moment for moment, version in answers.versions if version == "2"), default=asked_back)
    after = [ask(address, photo) for photo in photos[:20]]
    total = len(answers.versions) + len(answers.failed)
    ordered = sorted(answers.seconds)
    print(f"{clients} clients, {time.monotonic() - began:.0f} s, {total} requests")
    print(f"answers by version: {dict(Counter(version for _, version in answers.versions))}")
    print(f"failed: {len(answers.failed)} {Counter(why for _, why in answers.failed).most_common(5)}")
    print(f"latency: p50 {1000 * _at(ordered, 0.5):.0f} ms, p99 {1000 * _at(ordered, 0.99):.0f} ms")
    print(f"deploy 2: {deployed.get('seconds')} s, rolled back: {deployed.get('rolled_back')}")
    print(f"rollback 1: {rolled.get('seconds')} s (goal: under 10)")
    print(f"last answer of version 2: {max(0.0, last_new - asked_back):.1f} s after the rollback was typed")
    print(f"answers after it are those from before, to the byte: {before == after}")


def client(address: str, photos: list[bytes], number: int, answers: Answers, done: threading.Event) -> None:
    """Ask without a pause until it is done."""
    place = number
    while not done.is_set():
        began = time.monotonic()
        try:
            body = ask(address, photos[place % len(photos)])
            answers.versions.append((time.monotonic(), str(json.loads(body)["model_version"])))
        except (OSError, HTTPException, ValueError, KeyError) as error:
            answers.failed.append((time.monotonic(), f"{type(error).__name__}: {error}"[:120]))
        answers.seconds.append(time.monotonic() - began)
        place += 1


_local = threading.local()


def ask(address: str, photo: bytes) -> bytes:
    """Ask over a connection that is kept; anything but 200 is an error."""
    connection: HTTPConnection | None = getattr(_local, "connection", None)
    if connection is None:
        connection = _local.connection = HTTPConnection(urlsplit(address).netloc, timeout=70)
    try:
        connection.request("POST", ENDPOINT, photo, {"Content-Type": "image/jpeg", "Authorization": SIGNED})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, HTTPException):
        connection.close()
        _local.connection = None
        raise
    if answer.status != 200:
        raise ValueError(f"{answer.status} {body[:80].decode(errors='replace')}")
    return body


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def photos_of(folder: Path | None, scratch: Path) -> list[bytes]:
    """Read a folder's JPEGs, or draw some; the drawings are there for training either way."""
    drawn = scratch / "sample"
    drawn.mkdir()
    sample.draw(drawn, photos_per_species=20)
    return [file.read_bytes() for file in sorted((folder or drawn).rglob("*.jpg"))]


def train(home: Path, photos: Path, versions: int = 2) -> None:
    """Train, register and approve small versions in a home."""
    settings = [word for name in SMALL for word in ("--set", name)]
    for number in range(1, versions + 1):
        bestiary(home, "run", "--data", str(photos), *settings, "--set", f"Seed={number}", "--json")
        bestiary(home, "approve", str(number))


def bestiary(home: Path, *words: str, check: bool = True) -> str:
    """Run a command as an operator types it and return what it answers."""
    environment: dict[str, Any] = {**os.environ, "BESTIARY_HOME": str(home)}
    command = [sys.executable, "-m", "pipelines", *words]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=check, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
