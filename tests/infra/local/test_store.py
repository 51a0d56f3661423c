from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.store import AbsentError, Store, TakenError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.datetimes(timezones=st.just(UTC)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$datetime", "$dict"]) | st.text(), inner, max_size=3)
    ),
    max_leaves=10,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "made" / "records.sqlite")
    yield opened
    opened.close()


def test_a_name_is_taken_once_per_kind(store: Store) -> None:
    store.create("pipeline", "a", {"n": 1})
    store.create("execution", "a", {"n": 2})
    with pytest.raises(TakenError):
        store.create("pipeline", "a", {"n": 3})
    assert store.get("pipeline", "a") == {"n": 1}


def test_what_is_not_there_is_none_and_cannot_be_changed(store: Store) -> None:
    assert store.get("pipeline", "a") is None
    assert not store.delete("pipeline", "a")
    with pytest.raises(AbsentError):
        store.update("pipeline", "a", dict)


def test_records_are_listed_as_they_were_added_whatever_changed_since(store: Store) -> None:
    for name in ("c", "a", "b"):
        store.create("pipeline", name, {"name": name})
    store.put("pipeline", "c", {"name": "c2"})
    store.delete("pipeline", "a")
    store.create("pipeline", "a", {"name": "a2"})
    assert [record["name"] for record in store.list("pipeline")] == ["c2", "b", "a2"]


def test_a_change_that_fails_leaves_the_record(store: Store) -> None:
    store.create("pipeline", "a", {"n": 1})

    def fail(record: dict[str, Any]) -> dict[str, Any]:
        record["n"] = 2
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        store.update("pipeline", "a", fail)
    assert store.get("pipeline", "a") == {"n": 1}


def test_no_change_is_lost_between_threads(store: Store) -> None:
    """Each of 400 increments by 8 threads counts, and so does each number that is given out."""
    store.create("pipeline", "a", {"n": 0})

    def work(_: int) -> int:
        store.update("pipeline", "a", lambda record: {"n": record["n"] + 1})
        return store.next("versions")

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(work, range(400)))
    assert store.get("pipeline", "a") == {"n": 400}
    assert sorted(numbers) == list(range(1, 401))


@given(JSON)
def test_a_record_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    """Dates too, and dicts that look like the way dates are written down."""
    store = Store(tmp_path_factory.getbasetemp() / "any.sqlite")
    try:
        store.put("any", "x", {"value": value})
        assert store.get("any", "x") == {"value": value}
    finally:
        store.close()


def test_a_killed_writer_loses_nothing_that_it_was_told_is_stored(tmp_path: Path) -> None:
    """What a call has returned from survives kill -9, and the file opens again."""
    path = tmp_path / "records.sqlite"
    program = f"""
from pathlib import Path
from infra.local.store import Store
store = Store(Path({str(path)!r}))
while True:
    n = store.next("n")
    store.create("thing", str(n), {{"n": n}})
    print(n, flush=True)
"""
    writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert writer.stdout
    told = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(writer.pid, signal.SIGKILL)
    told += [int(line) for line in writer.stdout.read().split()]
    writer.wait()
    store = Store(path)
    assert {record["n"] for record in store.list("thing")} >= set(told)
    assert store.next("n") > max(told)
    store.close()


def test_times_keep_their_microseconds(store: Store) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
    store.create("job", "a", {"at": [moment]})
    assert store.get("job", "a") == {"at": [moment]}
