"""Whether this machine can do what Bestiary does, and what to do where it cannot."""

from __future__ import annotations

import platform
import shutil
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from infra.local import lifecycle
from pipelines.account import readiness
from pipelines.check import Check
from pipelines.place import open_place

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.settings import Settings

_PACKAGES = ("sagemaker", "boto3", "moto", "tensorflow", "keras", "numpy", "pillow", "scikit-learn")
_DISK_GIB = 5


def examine(settings: Settings) -> list[Check]:
    """Look at everything; nothing is changed and nothing is started."""
    return [
        _python(),
        _packages(),
        _disk(settings.home),
        _memory(),
        _local(settings),
        _docker(),
        *_account(settings),
    ]


def _python() -> Check:
    version = platform.python_version()
    ok = sys.version_info >= (3, 11)
    return Check("python", ok, needed=True, detail=version, fix="" if ok else "install Python 3.11 or newer")


def _packages() -> Check:
    found, missing = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(
            "packages", ok=False, needed=True, detail=f"missing: {', '.join(missing)}", fix="make setup"
        )
    return Check("packages", ok=True, needed=True, detail=", ".join(found))


def _disk(home: Path) -> Check:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 2**30
    ok = free >= _DISK_GIB
    fix = "" if ok else f"free some space, or set BESTIARY_HOME to a larger disk; {_DISK_GIB} GiB are enough"
    return Check("disk", ok, needed=True, detail=f"{free:.0f} GiB free for {home}", fix=fix)


def _memory() -> Check:
    try:
        import os

        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    except (ValueError, OSError):
        return Check("memory", ok=True, needed=False, detail="unknown")
    ok = total >= 6
    fix = "" if ok else "three trainings run side by side; set TransferImageSize=128 for less"
    return Check("memory", ok, needed=False, detail=f"{total:.0f} GiB", fix=fix)


def _local(settings: Settings) -> Check:
    running = lifecycle.status(settings.home)
    if running:
        return Check("local SageMaker", ok=True, needed=False, detail=f"up at {running.endpoint_url}")
    return Check(
        "local SageMaker", ok=True, needed=False, detail="not up; commands start it when they need it"
    )


def _docker() -> Check:
    found = shutil.which("docker")
    if not found:
        fix = "only needed to run jobs in containers"
        return Check("docker", ok=False, needed=False, detail="no docker command", fix=fix)
    import subprocess

    try:
        asked = subprocess.run(
            [found, "info", "--format", "{{.ServerVersion}}"],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except subprocess.TimeoutExpired:
        asked = subprocess.CompletedProcess([], 1, "", "")
    if asked.returncode:
        fix = "start the engine; only needed to run jobs in containers"
        return Check("docker", ok=False, needed=False, detail="no engine answers", fix=fix)
    return Check("docker", ok=True, needed=False, detail=f"engine {asked.stdout.strip()}")


def _account(settings: Settings) -> list[Check]:
    if settings.where == "local":
        detail = "not needed with --where local"
        return [Check("AWS account", ok=True, needed=False, detail=detail)]
    return readiness.examine(open_place(settings, lambda _: None))
