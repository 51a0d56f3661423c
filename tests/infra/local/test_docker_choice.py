"""Choosing the Docker runtime, and what is said where that cannot be; no engine is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from infra.local import lifecycle, runtime
from infra.local.docker.sizes import limits

GIB = 1 << 30


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no Docker engine answer."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'none.sock'}")


def test_home_runs_processes_unless_told(tmp_path: Path):
    """Docker is nobody's default, whatever a file says that is not understood."""
    assert "process" == runtime.chosen(tmp_path)
    (tmp_path / "runtime").write_text("podman")
    assert "process" == runtime.chosen(tmp_path)


def test_without_an_engine_docker_is_refused_in_one_line_and_not_chosen(no_engine: None, tmp_path: Path):
    """The line says what to do, and the home stays as it was."""
    with pytest.raises(lifecycle.LifecycleError, match="no Docker engine answers: start one") as refused:
        lifecycle.start(tmp_path, use="docker")

    assert "\n" not in str(refused.value)
    assert "process" == runtime.chosen(tmp_path)


def test_home_of_docker_says_at_its_start_that_the_engine_is_gone(no_engine: None, tmp_path: Path):
    """It does not fall back to processes without a word."""
    (tmp_path / "runtime").write_text("docker")

    with pytest.raises(lifecycle.LifecycleError, match="no Docker engine answers"):
        lifecycle.start(tmp_path)


@pytest.mark.parametrize(
    ("instance_type", "processors", "gib"),
    [
        ("ml.m5.large", 2, 8),
        ("ml.m5.xlarge", 4, 16),
        ("ml.c5.2xlarge", 8, 16),
        ("ml.g4dn.xlarge", 4, 16),
        ("ml.t3.medium", 2, 4),
        ("ml.r5.4xlarge", 16, 128),
    ],
)
def test_container_is_as_large_as_its_instance_and_no_larger_than_the_machine(
    instance_type: str, processors: int, gib: int
):
    """Processors and memory as AWS lists them; no swap on top."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")

    found = limits(instance_type)

    assert min(gib * GIB, memory) == found["mem_limit"] == found["memswap_limit"]
    assert min(processors, os.cpu_count() or 1) * 10**9 == found["nano_cpus"]


@pytest.mark.parametrize("instance_type", ["", "local", "ml.p9.super"])
def test_instance_type_that_is_not_known_has_no_limits(instance_type: str):
    """The machine's own are left."""
    assert {} == limits(instance_type)
