"""Files from the web within a time that is known beforehand."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PROBE_SECONDS = 5.0
DOWNLOAD_SECONDS = 600.0
STALL_SECONDS = 20.0
_CHUNK = 1 << 16


class Unreachable(Exception):  # noqa: N818 - it names what was found
    """A file cannot be had; the message says why in a few words."""


def fetch(
    url: str, md5: str, path: Path, *, probe: float = PROBE_SECONDS, whole: float = DOWNLOAD_SECONDS
) -> None:
    """Download `url` to `path` unless it is there already, and check its MD5.

    The environment's proxies are honoured, and nothing is tried twice.

    Parameters
    ----------
    md5
        As its publisher gives it, in hex. A file at `path` with another one is replaced.
    path
        Never holds a part of the file: it is renamed into place once it has been checked.
    probe, whole
        Seconds until the server has to have answered, and until the file has to be there.

    Raises
    ------
    Unreachable
        The server cannot be reached, is too slow, or sends another file.
    """
    if path.exists() and _md5(path) == md5:
        return
    within(probe, lambda: _open(url, "HEAD", probe).close())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
            part = Path(folder) / path.name
            with part.open("wb") as file:
                _receive(url, file.write, time.monotonic() + whole)
            if _md5(part) != md5:
                raise Unreachable(f"{url} is not the file that was published: its MD5 is not {md5}")
            part.replace(path)
    except OSError as error:
        raise Unreachable(f"{url} could not be downloaded: {error}") from error


def within(seconds: float, action: Callable[[], None]) -> None:
    """Do something that may hang, and give up on it after `seconds`.

    A name that does not resolve can block for minutes in the C library, which no time-out of Python's
    reaches: the attempt is left behind in a thread that does not keep the process alive.

    Raises
    ------
    Unreachable
        It failed, or was not done in time.
    """
    failures: list[Exception] = []
    done = threading.Event()

    def attempt() -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - told to the caller below
            failures.append(error)
        done.set()

    threading.Thread(target=attempt, daemon=True).start()
    if not done.wait(seconds):
        raise Unreachable(f"no answer in {seconds:g} seconds")
    for error in failures:
        raise Unreachable(str(getattr(error, "reason", error)) or type(error).__name__) from error


def _receive(url: str, write: Callable[[bytes], int], until: float) -> None:
    with _open(url, "GET", STALL_SECONDS) as answer:
        while chunk := answer.read(_CHUNK):
            if time.monotonic() > until:
                raise Unreachable(f"{url} took too long to download")
            write(chunk)


def _open(url: str, method: str, seconds: float) -> Any:  # noqa: ANN401 - urllib publishes no type for it
    request = urllib.request.Request(url, method=method)  # noqa: S310 - the caller's own constant addresses
    # A fresh opener: the shared one goes on using the proxies of its first call.
    return urllib.request.build_opener().open(request, timeout=seconds)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
