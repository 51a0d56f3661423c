"""The batcher's laws, on its real thread."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.batching import Batcher


class Recorder:
    """Doubles numbers, fails on negative ones, and can be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_run = threading.Event()
        self.may_run.set()

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.may_run.wait(10)
        self.batches.append(list(items))
        if any(item < 0 for item in items):
            raise ValueError("negative")
        return [2 * item for item in items]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def batcher(recorder: Recorder) -> Iterator[Batcher[int, int]]:
    made: Batcher[int, int] = Batcher(recorder, largest=4, wait=0.5, observe=lambda *_: None)
    yield made
    recorder.may_run.set()
    made.close()


def hand_in(batcher: Batcher[int, int], item: int) -> Future[int]:
    batcher.announce()
    future: Future[int] = Future()
    batcher.put(item, future)
    return future


@given(items=st.lists(st.integers(-3, 50), max_size=40), largest=st.integers(1, 9))
@settings(max_examples=40, deadline=None)
def test_each_item_gets_its_own_result_whatever_else_is_in_its_batch(items: list[int], largest: int) -> None:
    """Good items get theirs, bad ones alone get the error, and no batch is larger than allowed."""
    recorder = Recorder()
    sizes: list[int] = []
    batcher: Batcher[int, int] = Batcher(recorder, largest, 0.0, lambda size, _: sizes.append(size))
    futures = [hand_in(batcher, item) for item in items]
    batcher.close()
    for item, future in zip(items, futures, strict=True):
        if item < 0:
            assert isinstance(future.exception(timeout=0), ValueError)
        else:
            assert future.result(timeout=0) == 2 * item
    assert sum(sizes) == len(items)
    assert max(sizes, default=0) <= largest


def test_items_are_taken_in_the_order_they_came(batcher: Batcher[int, int], recorder: Recorder) -> None:
    recorder.may_run.clear()
    first = hand_in(batcher, 0)
    time.sleep(0.1)
    futures = [first, *(hand_in(batcher, item) for item in range(1, 10))]
    recorder.may_run.set()
    for future in futures:
        future.result(timeout=5)
    assert recorder.batches == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]


def test_a_lone_item_does_not_wait_for_company(batcher: Batcher[int, int]) -> None:
    """The wait is 0.5 s; nobody was announced."""
    started = time.monotonic()
    assert hand_in(batcher, 1).result(timeout=5) == 2
    assert time.monotonic() - started < 0.4


def test_a_batch_waits_for_what_was_announced(batcher: Batcher[int, int], recorder: Recorder) -> None:
    batcher.announce()
    first = hand_in(batcher, 1)
    time.sleep(0.1)
    second: Future[int] = Future()
    batcher.put(2, second)
    assert [first.result(timeout=5), second.result(timeout=5)] == [2, 4]
    assert recorder.batches == [[1, 2]]


def test_a_batch_waits_no_longer_than_it_may(batcher: Batcher[int, int], recorder: Recorder) -> None:
    """What was announced and does not come holds others up for the wait, not for ever."""
    batcher.announce()
    started = time.monotonic()
    assert hand_in(batcher, 1).result(timeout=5) == 2
    assert 0.4 < time.monotonic() - started < 3


def test_a_withdrawn_item_is_not_waited_for(batcher: Batcher[int, int]) -> None:
    batcher.announce()
    started = time.monotonic()
    future = hand_in(batcher, 1)
    batcher.withdraw()
    assert future.result(timeout=5) == 2
    assert time.monotonic() - started < 0.4


def test_items_nobody_waits_for_any_more_are_left_out(batcher: Batcher[int, int], recorder: Recorder) -> None:
    recorder.may_run.clear()
    busy = hand_in(batcher, 1)
    time.sleep(0.1)
    gone, kept = hand_in(batcher, 2), hand_in(batcher, 3)
    assert gone.cancel()
    recorder.may_run.set()
    assert [busy.result(timeout=5), kept.result(timeout=5)] == [2, 6]
    assert 2 not in [item for batch in recorder.batches for item in batch]


def test_a_result_too_few_is_an_error_and_never_a_shift() -> None:
    """A function that loses one result must not give its neighbours each other's."""
    batcher: Batcher[int, int] = Batcher(
        lambda items: [2 * item for item in items if item != 3], 8, 0.2, lambda *_: None
    )
    for _ in range(4):
        batcher.announce()
    futures: list[Future[int]] = [Future() for _ in range(4)]
    for item, future in enumerate(futures, start=1):
        batcher.put(item, future)
    batcher.close()
    assert [futures[index].result(timeout=0) for index in (0, 1, 3)] == [2, 4, 8]
    assert isinstance(futures[2].exception(timeout=0), ValueError)


def test_closing_finishes_what_was_handed_in(batcher: Batcher[int, int], recorder: Recorder) -> None:
    recorder.may_run.clear()
    futures = [hand_in(batcher, item) for item in range(9)]
    threading.Timer(0.1, recorder.may_run.set).start()
    batcher.close()
    assert [2 * item for item in range(9)] == [future.result(timeout=0) for future in futures]
    assert not batcher.alive
