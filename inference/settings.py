"""Everything that can be set, from the environment that SageMaker gives the container."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bestiary.container import model_dir

if TYPE_CHECKING:
    from collections.abc import Mapping

MEGABYTE = 1 << 20
RUNTIMES = ("auto", "litert", "tensorflow")


class SettingsError(ValueError):
    """A variable of the environment cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """How an endpoint serves.

    Attributes
    ----------
    model
        Folder of the artifact; only read.
    version
        The model version that answers name (``BESTIARY_MODEL_VERSION``); the artifact's digest where it is
        empty.
    host, port
        Where to listen (``BESTIARY_BIND``, ``SAGEMAKER_BIND_TO_PORT``).
    runtime
        One of `RUNTIMES` (``BESTIARY_RUNTIME``); ``auto`` is TensorFlow where there is a GPU, else LiteRT.
    cache
        Folder for converted networks (``BESTIARY_CACHE``).
    threads
        Threads for decoding, and for the network on a CPU (``BESTIARY_THREADS``).
    batch
        The most photos that the network is given at a time (``BESTIARY_BATCH``).
    wait
        Seconds for which a batch waits for photos that are being decoded (``BESTIARY_BATCH_WAIT_MS``).
    queue
        Requests that may be under way at a time; further ones get 503 (``BESTIARY_QUEUE``).
    body_bytes
        Size of the largest request (``SAGEMAKER_MAX_PAYLOAD_IN_MB``, as Batch Transform sets it).
    queue_bytes
        Bytes of request bodies that may be held at a time (``BESTIARY_QUEUE_MB``).
    seconds
        After which a request is given up (``BESTIARY_REQUEST_SECONDS``).
    methods
        What a stylizer is asked for, of what it can do (``BESTIARY_STYLE_METHODS``, such as ``fast``); empty
        for all of it.
    longest_side
        Longest side in pixels of what a stylizer paints (``BESTIARY_LONGEST_SIDE``).
    """

    model: Path
    version: str = ""
    host: str = "0.0.0.0"  # noqa: S104 - SageMaker reaches the container from outside
    port: int = 8080
    runtime: str = "auto"
    cache: Path = Path(tempfile.gettempdir()) / "bestiary"
    threads: int = os.cpu_count() or 1
    batch: int = 8
    wait: float = 0.003
    queue: int = 128
    body_bytes: int = 6 * MEGABYTE
    queue_bytes: int = 64 * MEGABYTE
    seconds: float = 50.0
    methods: tuple[str, ...] = ()
    longest_side: int = 1280


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises
    ------
    SettingsError
        Names the variable and says what it must be.
    """
    body = _number(environment, "SAGEMAKER_MAX_PAYLOAD_IN_MB", 6, 100) * MEGABYTE
    runtime = environment.get("BESTIARY_RUNTIME") or "auto"
    if runtime not in RUNTIMES:
        raise SettingsError(f"BESTIARY_RUNTIME must be one of {', '.join(RUNTIMES)}, not {runtime!r}")
    return Settings(
        model=model_dir(),
        version=environment.get("BESTIARY_MODEL_VERSION", ""),
        host=environment.get("BESTIARY_BIND") or Settings.host,
        port=_number(environment, "SAGEMAKER_BIND_TO_PORT", Settings.port, 65535, least=0),
        runtime=runtime,
        cache=Path(environment.get("BESTIARY_CACHE") or Settings.cache),
        threads=_number(environment, "BESTIARY_THREADS", _cores(), 256),
        batch=_number(environment, "BESTIARY_BATCH", Settings.batch, 64),
        wait=_number(environment, "BESTIARY_BATCH_WAIT_MS", round(1000 * Settings.wait), 1000, least=0)
        / 1000,
        queue=_number(environment, "BESTIARY_QUEUE", Settings.queue, 10_000),
        body_bytes=body,
        queue_bytes=max(body, _number(environment, "BESTIARY_QUEUE_MB", 64, 100_000) * MEGABYTE),
        seconds=_number(environment, "BESTIARY_REQUEST_SECONDS", round(Settings.seconds), 3600),
        methods=tuple(environment.get("BESTIARY_STYLE_METHODS", "").split()),
        longest_side=_number(environment, "BESTIARY_LONGEST_SIDE", Settings.longest_side, 8192, least=16),
    )


def _cores() -> int:
    """Count the cores this process may use, which in a container are fewer than the machine's."""
    return len(os.sched_getaffinity(0))


def _number(environment: Mapping[str, str], name: str, default: int, most: int, least: int = 1) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {text!r}")
    return int(text)
