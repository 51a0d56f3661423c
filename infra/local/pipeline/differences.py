"""What changed between two runs of a step, in words: which input, argument or hyperparameter, how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.pipeline import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.pipeline.model import Json

_MOST = 3
_LONGEST = 160
_ABSENT = object()
_FOLLOWS = "CheckpointConfig"
_INPUTS = {"ProcessingInputs", "InputDataConfig"}


def describe(old: Json, new: Json) -> str:
    """Say what changed from one set of resolved arguments to another; empty when nothing did.

    Returns
    -------
    str
        E.g. ``HyperParameters.epochs changed from '15' to '3'; input 'train' changed from s3://… to s3://…``,
        at most three changes and a count of the others.
    """
    every = list(_changes(_tree(old), _tree(new), ()))
    # Where checkpoints lie follows from what they are of, which says more.
    changes = [change for change in every if change[0][0] != _FOLLOWS] or every
    shown = [_sentence(*change) for change in changes[:_MOST]]
    if len(changes) > _MOST:
        shown.append(f"and {len(changes) - _MOST} more")
    return "; ".join(shown)


def _tree(value: Json) -> Json:
    """Turn lists into objects, so that what was only moved or inserted is found again by its name."""
    if isinstance(value, dict):
        return {name: _tree(item) for name, item in value.items()}
    if not isinstance(value, list):
        return value
    names = [paths.name_of(item) for item in value]
    if value and None not in names and len(set(names)) == len(names):
        return {name: _tree(item) for name, item in zip(names, value, strict=True)}
    return _options(value) or {position: _tree(item) for position, item in enumerate(value)}


def _options(items: list[Json]) -> dict[str, Json]:
    """Group a command line by option, ``['--epochs', '3']`` as ``{'--epochs': ['3']}``, or empty."""
    if not items or not all(isinstance(item, str) for item in items) or not items[0].startswith("--"):
        return {}
    options: dict[str, list[str]] = {}
    for item in items:
        if item.startswith("--"):
            if item in options:
                return {}
            options[item] = []
            values = options[item]
        else:
            values.append(item)
    return dict(options)


def _changes(old: Json, new: Json, path: paths.Path) -> Iterator[tuple[paths.Path, Json, Json]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _changes(old.get(name, _ABSENT), new.get(name, _ABSENT), (*path, name))
    elif type(old) is not type(new) or old != new:
        yield path, old, new


def _sentence(path: paths.Path, old: Json, new: Json) -> str:
    what = _what(path)
    if old is _ABSENT:
        return f"{what} was added"
    if new is _ABSENT:
        return f"{what} was removed"
    return f"{what} changed from {_shown(old)} to {_shown(new)}"


def _what(path: paths.Path) -> str:
    if len(path) > 1 and path[0] in _INPUTS:
        rest = path[2:]
        return f"input '{path[1]}'" + (f" ({paths.show(rest)})" if rest and rest[-1] != "S3Uri" else "")
    if path and isinstance(path[-1], str) and path[-1].startswith("--"):
        return f"{paths.show(path[:-1])} {path[-1]}"
    return paths.show(path)


def _shown(value: Json) -> str:
    if isinstance(value, list):
        value = " ".join(value)
    text = value if isinstance(value, str) and value.startswith("s3://") else repr(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
