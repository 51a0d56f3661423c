"""Converted networks, kept between starts: an endpoint that has served a model before needs no TensorFlow.

Conversion takes seconds and the whole of TensorFlow, so it happens in a process of its own, once for each
artifact; that a network cannot be converted is kept as well.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import ModelUnusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inference.model_folder import ModelFolder

KEPT = 16
"""Networks of which the outcome stays in the cache; the ones used least recently go."""

FORM = "scores and embedding"
"""What converted networks answer: those of an older form are not used."""

LEFT_SECONDS = 3600
"""After which a file that is not finished is one that a killed conversion left."""

NEVER = 3
"""Exit status of a conversion that would end the same way again: no disk was full, no file damaged."""


class NotConvertible(ModelUnusable):
    """LiteRT has no form of the network."""


def converted(folder: ModelFolder, cache: Path) -> Path:
    """Return the file of an artifact's network for LiteRT, made now where the cache does not have it.

    A file is named for the artifact, the versions that converted it, and its own sha256, which is checked: a
    cache that was damaged is as good as none.

    Parameters
    ----------
    folder
        The artifact.
    cache
        Made where it is missing; if it cannot be written, a temporary folder is used.

    Raises
    ------
    NotConvertible
        The last line of what the conversion said.
    """
    name = _name(folder)
    place = _writable(cache)
    with _alone(place / f"{name}.lock"):
        for file in place.glob(f"{name}.*.tflite"):
            if _sha256(file) == file.name.split(".")[1]:
                file.touch()
                return file
            file.unlink()
        never = place / f"{name}.never"
        if never.exists():
            never.touch()
            raise NotConvertible(never.read_text("utf-8"))
        # An endpoint that does not come up in time shows its last line.
        sys.stderr.write("converting the network for LiteRT, once for each version\n")
        scratch = place / f"{name}.{os.getpid()}.new"
        try:
            _convert(folder, scratch, never)
            kept = place / f"{name}.{_sha256(scratch)}.tflite"
            scratch.rename(kept)
        finally:
            scratch.unlink(missing_ok=True)
        _prune(place)
        return kept


def _convert(folder: ModelFolder, file: Path, never: Path) -> None:
    command = [sys.executable, "-m", "inference.runtimes.convert", str(folder.path), str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        # An endpoint that is told to stop does not wait for it.
        atexit.register(process.kill)
        _, said = process.communicate()
        atexit.unregister(process.kill)
    if process.returncode != 0:
        last = (said.strip().splitlines() or [f"exit status {process.returncode}"])[-1]
        why = f"the network cannot be converted for LiteRT: {last}"
        if process.returncode == NEVER:
            with contextlib.suppress(OSError):
                never.write_text(why, "utf-8")
        raise NotConvertible(why)


def _name(folder: ModelFolder) -> str:
    about = [
        FORM,
        folder.digest,
        *(_version(package) for package in ("tensorflow", "keras", "ai-edge-litert")),
    ]
    return hashlib.sha256("\0".join(about).encode()).hexdigest()[:32]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _writable(cache: Path) -> Path:
    try:
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=cache):
            return cache
    except OSError as error:
        sys.stderr.write(
            f"warning: {cache} cannot be written ({error.strerror}): nothing is kept for the next start\n"
        )
        return Path(tempfile.mkdtemp(prefix="bestiary-"))


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process at a time convert an artifact; the others then find it done."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prune(place: Path) -> None:
    known = [*place.glob("*.tflite"), *place.glob("*.never")]
    by_use = sorted(known, key=lambda file: file.stat().st_mtime, reverse=True)
    left = [file for file in place.glob("*.new") if file.stat().st_mtime < time.time() - LEFT_SECONDS]
    for file in by_use[KEPT:] + left:
        file.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
