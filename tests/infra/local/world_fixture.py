"""The account that the tests of one file share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from job_world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Open an account for the tests of one file; there can be one S3 a process."""
    opened = World(tmp_path_factory.mktemp("world"))
    yield opened
    opened.close()
