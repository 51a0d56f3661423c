"""How the tests are spread over processes, and how patient they are."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")

# They look at the one small run, which takes a while to make.
_SMALL_RUN = ("test_run.py", "test_clients.py", "test_deployment_photos.py")


class ByFile(LoadScopeScheduling):
    """Keeps a file's tests in one process and in their order, and those of the small run's files together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the small run" if file.endswith(_SMALL_RUN) else file


def pytest_xdist_make_scheduler(config: Any, log: Any) -> ByFile:
    """Take ours: with this pytest, xdist's own ``loadgroup`` no longer sees the groups."""
    return ByFile(config, log)
