"""Bodies that come too slowly, or not at all."""

import asyncio
from typing import Any

import pytest
from starlette.requests import Request

from inference import receiving
from inference.admission import Gate
from inference.errors import Refusal


def request_of(*events: dict[str, Any] | float) -> Request:
    """Return a request whose body comes as given; a number is a pause in seconds."""
    coming = iter(events)

    async def receive() -> Any:
        event = next(coming)
        while isinstance(event, float):
            await asyncio.sleep(event)
            event = next(coming)
        return event

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def part(body: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


async def received(gate: Gate, request: Request) -> bytes:
    with gate.admit() as place:
        return await receiving.receive(request, 10, place)


def test_a_body_comes_in_parts_and_its_room_is_given_back() -> None:
    gate = Gate(1, 100)
    body = asyncio.run(received(gate, request_of(part(b"abc"), 0.01, part(b"def", more=False))))
    assert (b"abcdef", 100) == (body, gate.room)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ((part(b"a"), 5.0, part(b"b", more=False)), 408),
        ((part(b"a"), {"type": "http.disconnect"}), 400),
        ((part(b"a" * 6), part(b"b" * 5, more=False)), 413),
    ],
)
def test_what_is_too_slow_cut_or_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch, events: tuple[Any, ...], status: int
) -> None:
    monkeypatch.setattr(receiving, "BODY_SECONDS", 0.2)
    gate = Gate(1, 100)
    with pytest.raises(Refusal) as refused:
        asyncio.run(received(gate, request_of(*events)))
    assert (status, 100) == (refused.value.status, gate.room)
