"""How the tests are spread over processes."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests in one process, and all that look at the one small run beside each other."""
    for item in items:
        shares_the_run = "first_run" in getattr(item, "fixturenames", ())
        group = "the small run" if shares_the_run else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
