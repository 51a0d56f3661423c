"""One thing that ``bestiary doctor`` looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes
    ----------
    name
        What was looked at.
    ok
        Whether it is as it should be.
    needed
        Whether the default run fails without it.
    detail
        What was found.
    fix
        What to do, empty where it is well.
    """

    name: str
    ok: bool
    needed: bool
    detail: str
    fix: str = ""
