"""The public front as ``bestiary front`` serves it, asked over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
from command_line import CommandLine
from waitress.server import create_server

from pipelines.front.gateway import THREADS, Gateway
from pipelines.front.handler import Front
from pipelines.front.limits import Limits
from pipelines.front.routes import A_DAY, A_SECOND, JOBS_A_SECOND
from pipelines.place import Place
from pipelines.settings import Settings

KEY, PAGE = "the key", "https://page.example"


@contextmanager
def served(bestiary: CommandLine) -> Iterator[httpx.Client]:
    """Serve the front of a home; the client has the key."""
    session = boto3.Session("local", "local", region_name="us-east-1")
    place = Place(Settings("local", bestiary.home, "us-east-1"), session, bestiary.endpoint_url)
    limits = Limits(A_SECOND, 10_000, A_DAY), Limits(JOBS_A_SECOND, 10_000, A_DAY)
    gateway = Gateway(Front(place, [PAGE]), KEY, *limits)
    server = create_server(gateway, host="127.0.0.1", port=0, threads=THREADS)
    thread = threading.Thread(target=server.run)
    thread.start()
    base = f"http://127.0.0.1:{server.effective_port}"
    with httpx.Client(base_url=base, timeout=30, headers={"x-api-key": KEY}) as client:
        yield client
    server.close()
    thread.join()


def upload(front: httpx.Client, picture: bytes, kind: str = "image/png") -> str:
    """Put a picture where the front says, and return what it is called."""
    told = front.post("/uploads", json={"content_type": kind}).json()
    put = httpx.post(told["url"], data=told["fields"], files={"file": picture})
    assert put.status_code == 204, put.text
    return str(told["upload"])


def ended(front: httpx.Client, job: str) -> dict[str, Any]:
    """Wait until a job has ended, and return how."""
    until = time.monotonic() + 60
    while True:
        told: dict[str, Any] = front.get(f"/jobs/{job}").json()
        if told["status"] not in {"queued", "working"}:
            return told
        assert time.monotonic() < until, told
        time.sleep(0.1)
