"""How an endpoint comes up, bears more than it can do, and leaves."""

import json
import select
import shutil
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from endpoints import Endpoint
from serving_examples import photo

Start = Callable[..., Endpoint]


def test_while_it_loads_it_says_so_and_can_be_stopped(start: Start, tmp_path: Path) -> None:
    """An empty cache means a conversion: meanwhile 503 with Retry-After, and SIGTERM ends it at once."""
    endpoint = start(BESTIARY_CACHE=str(tmp_path / "empty"))
    while (status := endpoint.ping()) is None:
        assert endpoint.process.poll() is None, endpoint.log.read_text()
        time.sleep(0.02)
    response = endpoint.invoke(photo())
    assert (status, response.status_code, response.headers["retry-after"]) == (503, 503, "1")
    assert "being loaded" in response.json()["error"]
    started = time.monotonic()
    assert endpoint.stop() == 0
    assert time.monotonic() - started < 10


def test_ping_is_quick_under_load(endpoint: Endpoint) -> None:
    """SageMaker allows 2 seconds."""
    body = json.dumps({"instances": []}).encode()
    with ThreadPoolExecutor(16) as threads:
        load = [threads.submit(endpoint.invoke, photo(seed)) for seed in range(200)]
        slowest = 0.0
        while not all(future.done() for future in load):
            started = time.monotonic()
            assert endpoint.ping() == 200
            slowest = max(slowest, time.monotonic() - started)
            time.sleep(0.02)
    assert slowest < 2
    assert endpoint.invoke(body, "application/json").status_code == 400


def test_beyond_its_queue_it_refuses_at_once_and_serves_the_others(start: Start) -> None:
    """With room for 2 requests, 32 clients get 200 or 503 with Retry-After, and nothing else."""
    endpoint = start(BESTIARY_QUEUE="2").ready()
    with ThreadPoolExecutor(32) as threads:
        responses = list(threads.map(lambda seed: endpoint.invoke(photo(seed % 5)), range(200)))
    counted = Counter(response.status_code for response in responses)
    assert {200, 503} == set(counted)
    refused = [response for response in responses if response.status_code == 503]
    assert {"1"} == {response.headers["retry-after"] for response in refused}
    assert endpoint.invoke(photo()).status_code == 200, "the room is given back"


def test_bodies_that_are_not_whole_do_not_fill_the_memory(start: Start) -> None:
    """Of bodies that never end 4 MB are held in all; more get 503, and whole requests still come through."""
    endpoint = start(BESTIARY_QUEUE_MB="1", SAGEMAKER_MAX_PAYLOAD_IN_MB="4").ready()
    head = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\n"
    head += b"Content-Length: 3145728\r\n\r\n"
    held = [socket.create_connection(("127.0.0.1", endpoint.port)) for _ in range(3)]
    for connection in held:
        connection.sendall(head + bytes(2 * 2**20))
    refused, _, _ = select.select(held, [], [], 10)
    assert [b"HTTP/1.1 503"] == [connection.recv(65536)[:12] for connection in refused]
    for connection in held:
        connection.close()
    until = time.monotonic() + 10
    while (response := endpoint.invoke(photo())).status_code == 503 and time.monotonic() < until:
        time.sleep(0.1)
    assert response.status_code == 200


class Client(threading.Thread):
    """Asks one photo after the other on one connection until the endpoint is gone."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.endpoint = endpoint
        self.statuses: Counter[int] = Counter()
        self.lost: list[Exception] = []

    def run(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self.endpoint.port}", timeout=60) as http:
            while True:
                try:
                    response = http.post(
                        "/invocations", content=photo(), headers={"Content-Type": "image/jpeg"}
                    )
                except httpx.ConnectError:
                    return
                except httpx.TransportError as error:
                    self.lost.append(error)
                    return
                self.statuses[response.status_code] += 1


def test_sigterm_under_load_loses_no_request(start: Start) -> None:
    """16 busy keep-alive connections: each gets its answer and is told to close; the program ends with 0."""
    endpoint = start().ready()
    clients = [Client(endpoint) for _ in range(16)]
    for client in clients:
        client.start()
    time.sleep(1.5)
    started = time.monotonic()
    assert endpoint.stop() == 0
    assert time.monotonic() - started < 30
    for client in clients:
        client.join(timeout=10)
    assert [error for client in clients for error in client.lost] == []
    statuses = sum((client.statuses for client in clients), Counter())
    assert {200} == set(statuses)
    requests = [
        json.loads(line).get("Requests", [0])[0] for line in endpoint.metrics.read_text().splitlines()
    ]
    assert sum(requests) == statuses[200], "the last metrics are written too"


def test_sigterm_waits_for_a_body_that_is_under_way(start: Start) -> None:
    endpoint = start().ready()

    def slowly() -> object:
        data = photo()
        for position in range(0, len(data), 500):
            yield data[position : position + 500]
            time.sleep(0.2)

    with ThreadPoolExecutor(1) as thread:
        response = thread.submit(
            endpoint.http.post, "/invocations", content=slowly(), headers={"Content-Type": "image/jpeg"}
        )
        time.sleep(0.5)
        assert not response.done()
        assert endpoint.stop() == 0
        assert response.result(timeout=5).status_code == 200
        assert response.result().headers["connection"] == "close"


def test_an_idle_endpoint_stops_soon(start: Start) -> None:
    endpoint = start().ready()
    started = time.monotonic()
    assert endpoint.stop() == 0
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("flip", r"weights.safetensors was changed"),
        ("remove", r"labels.json cannot be read"),
        ("manifest", r"manifest.json is missing"),
        ("task", r"'poetry'; this image serves classification"),
    ],
)
def test_a_model_that_cannot_be_trusted_is_not_served(
    start: Start, classifier_folder: Path, tmp_path: Path, damage: str, message: str
) -> None:
    """One line on stderr and exit status 1."""
    folder = shutil.copytree(classifier_folder, tmp_path / "damaged")
    weights = folder / "weights.safetensors"
    if damage == "flip":
        data = bytearray(weights.read_bytes())
        data[-5] ^= 1
        weights.write_bytes(data)
    elif damage == "remove":
        (folder / "labels.json").unlink()
    elif damage == "manifest":
        (folder / "manifest.json").unlink()
    else:
        manifest = folder / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"classification"', '"poetry"'))
    endpoint = start(folder)
    assert endpoint.process.wait(timeout=60) == 1
    (line,) = endpoint.log.read_text().splitlines()
    assert line.startswith("error: ")
    assert message in line


def test_a_wrong_setting_is_named(start: Start) -> None:
    endpoint = start(BESTIARY_BATCH="many")
    assert endpoint.process.wait(timeout=60) == 2
    assert (
        endpoint.log.read_text() == "error: BESTIARY_BATCH must be a whole number from 1 to 64, not 'many'\n"
    )


def test_answers_name_the_artifact_where_no_version_is_given(start: Start) -> None:
    import hashlib

    endpoint = start().ready()
    manifest = (endpoint.log.parent / "model" / "manifest.json").read_bytes()
    assert endpoint.invoke(photo()).json()["model_version"] == hashlib.sha256(manifest).hexdigest()[:12]


def test_a_restart_answers_byte_for_byte_the_same(start: Start) -> None:
    """What a rollback has to do."""
    before = start(BESTIARY_MODEL_VERSION="3").ready()
    answers = [before.invoke(photo(seed)).content for seed in range(5)]
    before.process.send_signal(signal.SIGKILL)
    after = start(BESTIARY_MODEL_VERSION="3").ready()
    assert answers == [after.invoke(photo(seed)).content for seed in range(5)]


def test_a_request_is_given_up_in_time_and_the_next_one_is_served(start: Start) -> None:
    """SageMaker gives a container 60 seconds; here it is one, and the body takes three."""
    endpoint = start(BESTIARY_REQUEST_SECONDS="1").ready()

    def slowly() -> object:
        for _ in range(6):
            yield bytes(10)
            time.sleep(0.5)

    started = time.monotonic()
    response = endpoint.http.post("/invocations", content=slowly(), headers={"Content-Type": "image/jpeg"})
    assert (503, "1") == (response.status_code, response.headers["retry-after"])
    assert "no answer within 1 seconds" in response.json()["error"]
    assert time.monotonic() - started < 10
    assert endpoint.invoke(photo()).status_code == 200
