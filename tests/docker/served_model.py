"""A model behind the serving image, and a client of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import httpx
from contract_runs import SERVING, Host
from docker.models.containers import Container

START_SECONDS = 180


def serve(host: Host, base: Path, **settings: object) -> Container:
    """Start the image with a model, open to every user."""
    for path in (base, *base.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for parent in (base.parent, base.parent.parent):
        parent.chmod(0o755)
    return host.start(
        SERVING, base, read_only_model=True, **{"command": ["serve"], "network_mode": "bridge", **settings}
    )


def client(served: Container, port: str) -> httpx.Client:
    """Speak to the port of this machine that leads into a container."""
    served.reload()
    at = served.ports[port][0]["HostPort"]
    return httpx.Client(base_url=f"http://127.0.0.1:{at}", timeout=60, trust_env=False)


def ready(served: Container, status: Callable[[], int]) -> None:
    """Wait until /ping answers 200."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if status() == 200:
                return
        except (httpx.TransportError, ValueError):
            pass
        served.reload()
        assert "running" == served.status, served.logs().decode()
        assert time.monotonic() < deadline, served.logs().decode()
        time.sleep(0.1)
