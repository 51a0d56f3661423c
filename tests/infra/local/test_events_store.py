"""What events rest on: several writes as one change, and watchers within it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "records.sqlite")
    yield opened
    opened.close()


def test_what_is_done_together_is_there_as_a_whole_or_not_at_all(store: Store) -> None:
    """An error within takes back what was written before it, also by a change within the change."""
    store.put("moon", "io", {"seen": 1})

    def breaks_off() -> None:
        with store.together():
            store.put("moon", "io", {"seen": 2})
            store.update("moon", "io", lambda record: record | {"seen": 3})
            store.create("moon", "europa", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    assert [{"seen": 1}] == store.list("moon")


def test_a_watcher_sees_every_change_and_writes_within_it(store: Store) -> None:
    """Before and after, whoever made the change and however; others' records are none of its business."""
    seen: list[Any] = []

    def noticed(before: Any, after: Any) -> None:
        seen.append((before, dict(after)))
        after["mine"] = True
        store.put("event", str(len(seen)), {"of": after["phase"]})

    store.watch("moon", noticed)
    store.create("moon", "io", {"phase": "new"})
    store.put("moon", "io", {"phase": "half"})
    store.update("moon", "io", lambda record: record | {"phase": "full"})
    store.put("star", "sun", {"phase": "day"})
    half, full = {"phase": "half"}, {"phase": "full"}
    assert [(None, {"phase": "new"}), ({"phase": "new"}, half), (half, full)] == seen
    assert ["new", "half", "full"] == [each["of"] for each in store.list("event")]
    assert [full] == store.list("moon")


def test_a_change_whose_watcher_fails_did_not_happen(store: Store) -> None:
    """No state without its event."""

    def noticed(_: Any, after: Any) -> None:
        if after["phase"] == "blue":
            raise ValueError("there is no such moon")

    store.watch("moon", noticed)
    store.put("moon", "io", {"phase": "new"})
    with pytest.raises(ValueError, match="no such moon"):
        store.put("moon", "io", {"phase": "blue"})
    assert [{"phase": "new"}] == store.list("moon")
