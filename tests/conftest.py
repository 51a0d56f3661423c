"""How the tests are spread over processes, how patient they are, and what each process does only once."""

from __future__ import annotations

import functools
import gc
from typing import Any

from botocore.loaders import JSONFileLoader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("patient", deadline=None)  # a busy machine is no failure
settings.load_profile("patient")

# They look at the one small run, which takes a while to make.
_SMALL_RUN = ("test_run.py", "test_clients.py", "test_deployment_photos.py")
# These take longest and begin first; else one process works on them at the end while the others are idle.
_LONG = (
    "test_interruptions.py",
    *_SMALL_RUN,
    "test_stylizer_versions.py",
    "test_bad_input.py",
    "test_train.py",
    "test_monitor_command.py",
    "test_deployment_moves.py",
    "test_deployment_trouble.py",
    "test_scheduling_survival.py",
    "test_retraining.py",
    "test_pipeline_sdk.py",
    "test_asynchronous_survival.py",
    "test_lifecycle.py",
    "test_backbone_job.py",
    "test_hosting_survival.py",
)


class ByFile(LoadScopeScheduling):
    """Keeps a file's tests in one process and in their order, and those of the small run's files together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the small run" if file.endswith(_SMALL_RUN) else file


def pytest_xdist_make_scheduler(config: Any, log: Any) -> ByFile:
    """Take ours: with this pytest, xdist's own ``loadgroup`` no longer sees the groups."""
    config.option.loadscopereorder = False  # it would begin with the files of most tests
    return ByFile(config, log)


gc.disable()  # what is imported here stays: looking for garbage in it took a third of the time
# Each client reads its service's description anew, SageMaker's is 2 MB; tests make thousands of clients.
_read = functools.cache(JSONFileLoader().load_file)
JSONFileLoader.load_file = lambda _self, path: _read(path)


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make only."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Begin with the long files."""
    ranks = {name: rank for rank, name in enumerate(_LONG)}
    items.sort(key=lambda item: ranks.get(item.path.name, len(ranks)))
