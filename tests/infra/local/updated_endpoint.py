"""An account with models of all kinds, and an endpoint of the old one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosting_world import Endpoints, variant
from job_world import World


@pytest.fixture(scope="module", name="endpoints")
def open_account(world: World, tmp_path_factory: pytest.TempPathFactory) -> Endpoints:
    """Open an account with an old model and new ones of all kinds."""
    opened = Endpoints(world, tmp_path_factory.mktemp("source"))
    for name, environment in {
        "old": {},
        "new": {},
        "crashing": {"MODE": "crash"},
        "silent": {"MODE": "no-ping"},
        "failing": {"MODE": "errors"},
        "slow": {"MODE": "slow", "SECONDS": "0.4"},
    }.items():
        opened.model(name, **environment)
        opened.config(name, variant(name, count=2))
    return opened


@pytest.fixture(name="endpoint")
def old_endpoint(endpoints: Endpoints, request: pytest.FixtureRequest) -> Iterator[str]:
    """Create an endpoint of the old model, with two instances."""
    name = request.node.originalname.replace("_", "-")[:60].strip("-")
    endpoints.create(name, "old")
    yield name
    endpoints.delete(name)
