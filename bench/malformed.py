"""Send nonsense to the serving program and see that it stands: no 5xx but 503, no restart, memory flat.

Tampered pictures, JSON and lines, headers that contradict each other, bodies that are cut, connections that
drip or break off, decompression bombs, bodies beyond the limit; 16 clients at once. Prints what was answered
by kind, the memory every tenth of the way, and whether a good photo still gets its answer, to the byte.

    python bench/malformed.py [--requests 5000] [--seed 1]
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PIL import Image
from serving import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 16
KINDS = ["image/jpeg", "image/png", "image/webp", "application/json", "application/jsonlines"]
ODD_HEADERS = [
    "Content-Length: -1",
    "Content-Length: ten",
    "Content-Length: 99999999999999999999",
    "Content-Length: 3\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked",
    "Expect: 200-maybe",
    "Accept: text/klingon",
    "Content-Type: \x00",
    "X: " + "a" * 70_000,
    "X-Amzn-SageMaker-Custom-Attributes: \xff\xfe",
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bestiary-bench-") as scratch:
        folder = Path(scratch)
        # In a process of its own: TensorFlow's memory is not to be in this one's way.
        program = "import sys, pathlib, serving; serving.build(pathlib.Path(sys.argv[1]), 64)"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-c", program, str(folder / "model")]
        subprocess.run(command, cwd=ROOT / "bench", env=environment, check=True)
        soak(folder, options.requests, options.seed)


def soak(folder: Path, requests: int, seed: int) -> None:
    """Serve the model in `folder`, send the requests, print."""
    port = free_port()
    environment = {
        **os.environ,
        "SAGEMAKER_BASE_DIR": str(folder),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "BESTIARY_BIND": "127.0.0.1",
        "BESTIARY_CACHE": str(folder / "cache"),
    }
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "inference.serve", "serve"],
            cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log,
        )  # fmt: skip
    try:
        whole = [picture(number, kind) for number in range(3) for kind in ("JPEG", "PNG", "WEBP")]
        good = _until_ready(port, whole[0])
        seen: Counter[str] = Counter()
        memory = psutil.Process(server.pid)
        for tenth in range(10):
            with ThreadPoolExecutor(CLIENTS) as clients:
                share = max(1, requests // 10 // CLIENTS)
                seeds = [seed * 10_007 + tenth * CLIENTS + number for number in range(CLIENTS)]
                for counted in clients.map(lambda one: _client(port, whole, one, share), seeds):  # noqa: B023 - it ends in the loop
                    seen += counted
            used = memory.memory_info().rss / 1e6
            print(f"{(tenth + 1) * 10:3} %  {used:.0f} MB  {sum(seen.values())} sent", flush=True)
        print("\n".join(f"{count:8}  {what}" for what, count in sorted(seen.items())))
        time.sleep(1)
        print(f"the same process still runs: {server.poll() is None}")
        again = _body(_post(port, whole[0], "image/jpeg"))
        print(f"a good photo's answer is the same, to the byte: {again == good}")
        print(f"tracebacks in its log: {(folder / 'log').read_text().count('Traceback')}")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=40)


def picture(seed: int, kind: str) -> bytes:
    """Return a small picture of coloured patches."""
    patches = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(patches).resize((96, 64), Image.Resampling.BICUBIC).save(file, kind)
    return file.getvalue()


def bomb(rng: random.Random) -> bytes:
    """Return a PNG whose header promises more pixels than anyone has memory for."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    side = rng.choice([20_000, 65_000, 2**31 - 1])
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _client(port: int, whole: list[bytes], seed: int, count: int) -> Counter[str]:
    rng = random.Random(seed)  # noqa: S311 - nothing secret
    ways: list[tuple[str, Callable[[], bytes]]] = [
        ("tampered picture or text", lambda: _post(port, *_damaged(rng, whole))),
        ("tampered picture or text", lambda: _post(port, *_damaged(rng, whole))),
        ("tampered picture or text", lambda: _post(port, *_damaged(rng, whole))),
        ("broken JSON", lambda: _post(port, rng.randbytes(rng.randrange(400)), rng.choice(KINDS[3:]))),
        ("bomb", lambda: _post(port, bomb(rng), "image/png")),
        ("odd headers", lambda: _raw(port, _odd(rng))),
        ("noise on the wire", lambda: _raw(port, rng.randbytes(rng.randrange(1, 2000)))),
        ("cut body", lambda: _raw(port, _head(5000, "image/jpeg") + rng.randbytes(rng.randrange(5000)))),
        ("cut connection", lambda: _cut(port, _head(5000, "image/jpeg") + rng.randbytes(500))),
    ]
    seen: Counter[str] = Counter()
    for number in range(count):
        if number % 500 == 499:  # few: each holds a body of 7 MB
            name, way = "too large", lambda: _post(port, bytes(7 << 20), "image/jpeg")
        else:
            name, way = rng.choice(ways)
        answer = way()
        said = answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/1.1 ") else "closed"
        seen[f"{name}: {said}"] += 1
    return seen


def _damaged(rng: random.Random, whole: list[bytes]) -> tuple[bytes, str]:
    data = bytearray(rng.choice(whole))
    for _ in range(rng.randint(1, 30)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.3:
        del data[rng.randrange(len(data)) :]
    kind = rng.choice(KINDS)
    if kind.startswith("image/") or rng.random() < 0.2:
        return bytes(data), kind
    line = {"b64": base64.b64encode(data).decode()}
    return json.dumps({"instances": [line]} if kind == KINDS[3] else line).encode(), kind


def _head(length: int, kind: str) -> bytes:
    first = "POST /invocations HTTP/1.1\r\nHost: x\r\nConnection: close"
    return f"{first}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def _odd(rng: random.Random) -> bytes:
    method = rng.choice(["POST", "GET", "BREW", "OPTIONS", "HEAD"])
    path = rng.choice(["/invocations", "/ping", "/", "/../../etc/passwd", "/invocations?" + "a" * 9000])
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{rng.choice(ODD_HEADERS)}\r\n\r\nabc".encode("latin-1")


def _post(port: int, body: bytes, kind: str) -> bytes:
    return _raw(port, _head(len(body), kind) + body, whole=True)


def _raw(port: int, data: bytes, *, whole: bool = False) -> bytes:
    """Send bytes, say that no more will come unless the request is whole, and return what is answered."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            try:
                connection.sendall(data)
                if not whole:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # it has answered already and reads no more
            while chunk := connection.recv(65536):
                answer += chunk
    except ConnectionError:
        pass
    return answer


def _cut(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(data)
    return b""


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def _until_ready(port: int, photo: bytes) -> bytes:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            answer = _post(port, photo, "image/jpeg")
        except OSError:
            answer = b""
        if answer.startswith(b"HTTP/1.1 200"):
            return _body(answer)
        time.sleep(0.2)
    raise SystemExit("the serving program did not come up")


if __name__ == "__main__":
    main()
