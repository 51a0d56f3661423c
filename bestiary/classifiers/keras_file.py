"""``.keras`` files whose bytes depend on the network alone.

Keras writes the hour, the archive's own times and the memory addresses of shared objects into each file, so
that one network saved twice is two files. Caches and digests need it to be one.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time a zip archive can tell."""


def write(network: keras.Model, path: Path) -> None:
    """Save `network` as ``model.save`` does, but for what changes from one time to the next."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        saved = Path(folder) / "network.keras"
        network.save(saved)
        with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
            for name in sorted(source.namelist()):
                entry = zipfile.ZipInfo(name, EARLIEST)
                target.writestr(entry, _steady(name, source.read(name)))


def _steady(name: str, data: bytes) -> bytes:
    if name == "metadata.json":
        return json.dumps({**json.loads(data), "date_saved": "1980-01-01@00:00:00"}).encode()
    if name == "config.json":
        return json.dumps(_renumbered(json.loads(data), {})).encode()
    return data


def _renumbered(value: Any, numbers: dict[int, int]) -> Any:  # noqa: ANN401 - any JSON value
    """Replace addresses of shared objects by numbers in order of appearance."""
    if isinstance(value, list):
        return [_renumbered(item, numbers) for item in value]
    if isinstance(value, dict):
        return {
            key: numbers.setdefault(item, len(numbers))
            if key == "shared_object_id"
            else _renumbered(item, numbers)
            for key, item in value.items()
        }
    return value
