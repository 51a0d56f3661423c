"""Event patterns: moto matches them, and takes for granted that they are ones.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import ipaddress
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPattern

from infra.local.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARISONS = frozenset({"<", "<=", "=", ">=", ">"})


def matches(pattern: str, event: dict[str, Any]) -> bool:
    """Say whether an event is one that a pattern describes; raises as `read` does."""
    return bool(read(pattern).matches_event(event))


@lru_cache(maxsize=256)
def read(pattern: str) -> EventPattern:
    """Read a pattern.

    Raises
    ------
    infra.local.errors.AwsError
        ``InvalidEventPatternException`` when it is none, or has a filter that would match nothing here.
    """
    try:
        found = EventPattern.load(pattern)
    except InvalidEventPatternException as error:
        raise AwsError("InvalidEventPatternException", str(error.message)) from None
    except AttributeError:
        raise _invalid("Filter is not an object") from None
    _check(json.loads(pattern))
    return found


def _check(pattern: dict[str, Any]) -> None:
    for name, wanted in pattern.items():
        for each in wanted if isinstance(wanted, list) else [wanted]:
            if not isinstance(each, dict):
                continue
            if isinstance(wanted, dict) or name == "$or":
                _check(each)
            else:
                _check_filter(each)


def _check_filter(given: dict[str, Any]) -> None:
    if unknown := set(given) - set(_FILTERS):
        raise _invalid(f"Unrecognized match type {', '.join(sorted(unknown))}")
    if len(given) != 1:
        raise _invalid("Only one key allowed in match expression")
    ((name, value),) = given.items()
    if not _FILTERS[name](value):
        raise _invalid(f"{name} does not take {json.dumps(value)}")


def _text(value: object) -> bool:
    return isinstance(value, str)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _end(value: object) -> bool:
    if isinstance(value, dict):
        return set(value) == {"equals-ignore-case"} and _text(value["equals-ignore-case"])
    return _text(value)


def _range(value: object) -> bool:
    if not isinstance(value, list) or len(value) not in {2, 4}:
        return False
    return all(each in _COMPARISONS for each in value[::2]) and all(map(_number, value[1::2]))


def _other(value: object) -> bool:
    if isinstance(value, dict):
        inner = value.get(next(iter(value), ""))
        return set(value) <= _OTHERS and len(value) == 1 and all(map(_text, _each(inner)))
    return all(_text(each) or _number(each) for each in _each(value))


def _each(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _network(value: object) -> bool:
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return False
    return True


_OTHERS = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"})
_FILTERS: dict[str, Callable[[object], bool]] = {
    "prefix": _end,
    "suffix": _end,
    "equals-ignore-case": _text,
    "anything-but": _other,
    "numeric": _range,
    "exists": lambda value: isinstance(value, bool),
    "wildcard": _text,
    "cidr": _network,
}


def _invalid(reason: str) -> AwsError:
    return AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}")
