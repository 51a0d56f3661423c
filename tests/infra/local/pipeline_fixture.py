"""The account that each test of pipelines has to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pipeline_account import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    """Open an account for one test."""
    with world(tmp_path) as opened:
        yield opened
