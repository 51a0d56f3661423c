"""A baseline as the two files that a model version is registered with."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.constraints import constraints, read_limits
from bestiary.drift.errors import UnusableBaseline
from bestiary.drift.statistics import read_baseline, statistics

if TYPE_CHECKING:
    from pathlib import Path

STATISTICS, CONSTRAINTS = "statistics.json", "constraints.json"


def write(baseline: Baseline, folder: Path) -> dict[str, str]:
    """Write ``statistics.json`` and ``constraints.json``; the same baseline gives the same bytes.

    Returns
    -------
    The sha256 of each, as ``statistics`` and ``constraints``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    statistics_file, constraints_file = folder / STATISTICS, folder / CONSTRAINTS
    write_json(statistics_file, statistics(baseline.sample, baseline.labels))
    write_json(constraints_file, constraints(baseline))
    return {"statistics": _sha256(statistics_file), "constraints": _sha256(constraints_file)}


def read(statistics_file: Path, constraints_file: Path | None) -> Baseline:
    """Read a baseline.

    Parameters
    ----------
    statistics_file
        The file, or a folder with ``statistics.json``.
    constraints_file
        The file, or a folder with ``constraints.json``; None for the usual limits.

    Raises
    ------
    UnusableBaseline
        A file is missing or is not what `write` wrote.
    """
    limits = Limits() if constraints_file is None else read_limits(_json(constraints_file, CONSTRAINTS))
    return read_baseline(_json(statistics_file, STATISTICS), limits)


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON file without line breaks: a baseline holds thousands of numbers."""
    path.write_text(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _json(path: Path, name: str) -> dict[str, Any]:
    file = path / name if path.is_dir() else path
    try:
        found = json.loads(file.read_bytes())
    except OSError as error:
        raise UnusableBaseline(f"the baseline's {file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UnusableBaseline(f"the baseline's {file} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise UnusableBaseline(f"the baseline's {file} holds no JSON object")
    return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
