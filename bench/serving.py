"""Serve EfficientNetB3 over HTTP, against the textbook container and against the network alone, in one run.

The textbook container is Flask under gunicorn with one worker that calls ``model.predict`` for each request;
it prepares photos by the same function as the endpoint. The network alone gets ready batches of 8 and does
nothing else. Weights are random (speed does not depend on them), photos are noise with the spectrum of
natural scenes.

Prints requests a second, latencies and CPU time by number of clients, then cold starts and memory. The
clients run on the same cores and cost both sides alike (0.1 ms a request). On a machine that others use too,
only the ratio of CPU times holds.

    python bench/serving.py [--size 128] [--seconds 5] [--folder DIR]
"""

import argparse
import json
import os
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

ROOT = Path(__file__).parents[1]
CLIENTS = (1, 8, 32)
ROUNDS = 3
LABELS = [f"species {number}" for number in range(10)]


def build(folder: Path, size: int) -> None:
    """Write the artifact; run in a process of its own, so that TensorFlow is not in this one."""
    from bestiary.classifiers import artifact, reproducible, transfer
    from bestiary.classifiers.efficientnet import build as backbone
    from bestiary.classifiers.recipe import Trained
    from bestiary.images import Preprocessing

    reproducible.begin(42)
    network = transfer.build(backbone("random", size, 42)[0], len(LABELS))
    artifact.save(
        folder, "efficientnetb3", Trained(network, Preprocessing(size), (), {}), tuple(LABELS), None
    )


def textbook() -> Any:  # noqa: ANN401 - a Flask application
    """Return the textbook container's application."""
    from flask import Flask, jsonify, request

    from bestiary.classifiers import artifact
    from bestiary.container import model_dir

    classifier = artifact.load(model_dir())
    app = Flask("textbook")

    @app.post("/invocations")
    def invocations() -> Any:  # noqa: ANN401 - Flask's
        image = classifier.preprocessing.from_bytes(request.get_data())
        scores = classifier.network.predict(image[np.newaxis].astype(np.float32), verbose=0)[0]
        return jsonify(dict(zip(classifier.classes, scores.tolist(), strict=True)))

    return app


def alone(file: Path, size: int, seconds: float) -> tuple[float, float]:
    """Return photos a second of the converted network on ready batches, and CPU ms a photo."""
    from inference.runtimes import litert

    network = litert.load(file, len(os.sched_getaffinity(0)), 8)
    batch = np.random.default_rng(0).integers(0, 256, (8, size, size, 3), np.uint8)
    network(batch)
    started, cpu, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - started < seconds:
        network(batch)
        count += len(batch)
    cpu = 1000 * (time.process_time() - cpu)
    return count / (time.perf_counter() - started), cpu / count


@dataclass
class Server:
    """A serving process."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]

    def start(self, photo: bytes) -> float:
        """Start it and return the seconds until its first right answer."""
        self.port = free_port()
        command = [part.replace("PORT", str(self.port)) for part in self.command]
        environment = {**os.environ, **self.environment, "SAGEMAKER_BIND_TO_PORT": str(self.port)}
        started = time.perf_counter()
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        while not load(self.port, 1, 0, [post(photo)]).get(200):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended")
            time.sleep(0.01)
        return time.perf_counter() - started

    def processes(self) -> list[psutil.Process]:
        """Return it and its children."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def cpu(self) -> float:
        """Return the CPU seconds it has taken."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes())

    def memory(self) -> float:
        """Return what it holds, in MB; pages that processes share count once."""
        return sum(process.memory_full_info().pss for process in self.processes()) / 1e6

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Answers(dict[int, int]):
    """Counts by status, and the latencies in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.latencies: list[float] = []
        self.seconds = 0.0

    def rate(self) -> float:
        """Return right answers a second."""
        return self.get(200, 0) / self.seconds

    def quantile(self, share: float) -> float:
        """Return a quantile of the latencies, in ms."""
        return 1000 * sorted(self.latencies)[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def load(port: int, clients: int, seconds: float, requests: Sequence[bytes]) -> Answers:
    """Let clients ask without a pause, each the next when it has its answer; at least one request each."""
    answers, selector, sent = Answers(), selectors.DefaultSelector(), 0

    def ask(connection: socket.socket | None = None) -> None:
        nonlocal sent
        connection = connection or socket.create_connection(("127.0.0.1", port))
        begun = time.perf_counter()
        connection.sendall(requests[sent % len(requests)])
        sent += 1
        selector.register(connection, selectors.EVENT_READ, [begun, b""])

    started = time.perf_counter()
    try:
        for _ in range(clients):
            ask()
        while selector.get_map():
            for key, _ in selector.select():
                key.data[1] += key.fileobj.recv(1 << 16)
                status, whole, stays = parse(key.data[1])
                if not whole:
                    continue
                selector.unregister(key.fileobj)
                answers[status] = answers.get(status, 0) + 1
                answers.latencies.append(time.perf_counter() - key.data[0])
                if not stays:
                    key.fileobj.close()
                if time.perf_counter() - started < seconds:
                    ask(key.fileobj if stays else None)
    except ConnectionError:
        answers[0] = answers.get(0, 0) + 1
    answers.seconds = time.perf_counter() - started
    return answers


def parse(data: bytes) -> tuple[int, bool, bool]:
    """Return an answer's status, whether it is whole, and whether the connection stays."""
    if not data:
        raise ConnectionResetError
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        return 0, False, True
    lines = head.lower().split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines[1:])
    whole = len(body) >= int(headers[b"content-length"])
    return int(lines[0].split()[1]), whole, headers.get(b"connection") != b"close"


def post(photo: bytes) -> bytes:
    """Return the bytes of a request."""
    head = (
        f"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: {len(photo)}"
    )
    return head.encode() + b"\r\n\r\n" + photo


def synthesize(seed: int) -> bytes:
    """Return a JPEG of 500 by 350 pixels whose amplitude falls with the frequency, as in natural scenes."""
    random = np.random.default_rng(seed)
    noise = np.fft.rfft2(random.standard_normal((350, 500)).astype(np.float32))
    frequency = np.hypot(np.fft.fftfreq(350)[:, None], np.fft.rfftfreq(500)[None])
    scene = np.fft.irfft2(noise / np.maximum(frequency, 1 / 500) ** 1.2, s=(350, 500))
    pixels = np.clip((128 + 50 * scene / scene.std())[..., None] * random.uniform(0.7, 1.2, 3), 0, 255)
    file = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=80)
    return file.getvalue()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def compare(servers: Sequence[Server], requests: Sequence[bytes], seconds: float) -> dict[str, float]:
    """Print a table of both servers, taking turns, and return the rates with most clients."""
    rates = {}
    for clients in CLIENTS:
        medians = {}
        taken: dict[str, list[tuple[float, ...]]] = {server.name: [] for server in servers}
        for _ in range(ROUNDS):
            for server in servers:
                cpu = server.cpu()
                answers = load(server.port, clients, seconds, requests)
                if set(answers) != {200}:
                    sys.exit(f"{server.name} answered {dict(answers)}")
                cpu = 1000 * (server.cpu() - cpu) / answers[200]
                taken[server.name].append(
                    (answers.rate(), answers.quantile(0.5), answers.quantile(0.99), cpu)
                )
        for name, rows in taken.items():
            medians[name] = [statistics.median(column) for column in zip(*rows, strict=True)]
            rate, middle, late, cpu = medians[name]
            print(f"{clients:2} clients  {name:9} {rate:6.1f}/s  p50 {middle:7.1f} ms  p99 {late:7.1f} ms  "
                  f"CPU {cpu:6.1f} ms a request")  # fmt: skip
        ours, theirs = (medians[server.name] for server in servers)
        print(f"{'':11}ratio     {ours[0] / theirs[0]:6.1f}x   p99 1/{theirs[2] / ours[2]:.1f}  "
              f"CPU 1/{theirs[3] / ours[3]:.1f}")  # fmt: skip
        rates = {name: row[0] for name, row in medians.items()}
    return rates


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--size", type=int, default=128, help="side of the network's photos in pixels")
    parser.add_argument("--seconds", type=float, default=5, help="of load for each figure")
    parser.add_argument("--folder", type=Path, help="JPEGs to send, instead of synthesized ones")
    parser.add_argument("--build", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        build(arguments.build, arguments.size)
        return
    with tempfile.TemporaryDirectory(prefix="bestiary-bench-") as place:
        run(Path(place), arguments)


def run(place: Path, arguments: argparse.Namespace) -> None:
    """Build the model, start both servers, and compare."""
    command = [sys.executable, __file__, "--build", str(place / "model"), "--size", str(arguments.size)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    files = sorted(arguments.folder.rglob("*.jpg"))[:200] if arguments.folder else []
    photos = [file.read_bytes() for file in files] or [synthesize(seed) for seed in range(32)]
    environment = {
        "SAGEMAKER_BASE_DIR": str(place),
        "BESTIARY_CACHE": str(place / "cache"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    gunicorn = [
        "gunicorn",
        "--chdir",
        "bench",
        "--bind",
        "127.0.0.1:PORT",
        "--log-level",
        "error",
        "serving:textbook()",
    ]
    servers = [
        Server("bestiary", [sys.executable, "-m", "inference.serve"], environment),
        Server("textbook", [sys.executable, "-m", *gunicorn], {**environment, "PYTHONPATH": str(ROOT)}),
    ]
    print(f"{os.cpu_count()} cores, EfficientNetB3 at {arguments.size} px, {len(photos)} photos of "
          f"{statistics.mean(map(len, photos)) / 1000:.0f} kB, medians of {ROUNDS} rounds")  # fmt: skip
    first = servers[0].start(photos[0])
    servers[0].stop()
    starts = [server.start(photos[0]) for server in servers]
    rates = compare(servers, [post(photo) for photo in photos], arguments.seconds)
    memory = [server.memory() for server in servers]
    for server in servers:
        server.stop()
    (file,) = (place / "cache").glob("*.tflite")
    ready, cpu = alone(file, arguments.size, arguments.seconds)
    print(f"the network alone on ready batches of 8: {ready:.1f}/s, CPU {cpu:.1f} ms a photo; the endpoint "
          f"reaches {rates['bestiary'] / ready:.0%} of it")  # fmt: skip
    faster = starts[1] / starts[0]
    print(f"start to first answer: {starts[0]:.2f} s against {starts[1]:.2f} s, 1/{faster:.1f} "
          f"(with nothing in the cache, once for each model: {first:.1f} s)")  # fmt: skip
    print(f"memory: {memory[0]:.0f} MB against {memory[1]:.0f} MB, 1/{memory[1] / memory[0]:.1f}")
    print(json.dumps({"ready": ready, "rates": rates, "starts": starts, "memory": memory}))


if __name__ == "__main__":
    main()
