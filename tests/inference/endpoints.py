"""Endpoints as SageMaker runs them: the program as a process of its own, spoken to over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


class Endpoint:
    """One serving process.

    Parameters
    ----------
    folder
        Where its SAGEMAKER_BASE_DIR and its log go.
    artifact
        What it serves.
    environment
        Besides the contract's own variables.
    """

    def __init__(self, folder: Path, artifact: Path, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "model").exists():
            (folder / "model").symlink_to(artifact)
        self.port = free_port()
        self.log = folder / "stderr.txt"
        self.metrics = folder / "stdout.txt"
        contract = {"SAGEMAKER_BASE_DIR": str(folder), "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        with self.log.open("w") as errors, self.metrics.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "inference.serve", "serve"],
                cwd=ROOT,
                env={**os.environ, **contract, "BESTIARY_BIND": "127.0.0.1", **environment},
                stdout=output,
                stderr=errors,
            )
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)

    def ready(self) -> "Endpoint":
        """Wait until /ping answers 200."""
        until = time.monotonic() + START_SECONDS
        while self.ping() != 200:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, f"not ready: {self.log.read_text()}"
            time.sleep(0.05)
        return self

    def ping(self) -> int | None:
        """Return the status of /ping; None while nobody listens."""
        try:
            return self.http.get("/ping").status_code
        except httpx.TransportError:
            return None

    def invoke(self, body: bytes, content_type: str | None = "image/jpeg", **headers: str) -> httpx.Response:
        """Post a body to /invocations."""
        types = {"Content-Type": content_type} if content_type else {}
        return self.http.post("/invocations", content=body, headers={**types, **headers})

    def stop(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=35)

    def close(self) -> None:
        """End it, whatever state it is in."""
        self.http.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
