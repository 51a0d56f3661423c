"""How large an instance is, as limits of a container."""

from __future__ import annotations

import os
import re
from typing import Any

_TYPE = re.compile(r"ml\.(?P<family>[a-z]+)\d[a-z]*\.(?P<many>\d*)(?P<size>medium|large|xlarge)")
_GIB_PER_CPU = {"c": 2, "m": 4, "r": 8, "t": 4, "g": 4}
_SMALL = {"medium": 2, "large": 2, "xlarge": 4}
_GIB_OF_T_MEDIUM = 4


def limits(instance_type: str) -> dict[str, Any]:
    """Return docker-py's settings for an instance type; none for a type that is not known.

    An instance larger than this machine is as large as the machine.

    Parameters
    ----------
    instance_type
        E.g. ``ml.m5.xlarge``: 4 processors and 16 GiB, as https://aws.amazon.com/sagemaker/pricing/ lists it.
    """
    found = _TYPE.fullmatch(instance_type)
    if found is None or found["family"] not in _GIB_PER_CPU:
        return {}
    processors = int(found["many"] or 1) * _SMALL[found["size"]]
    gib = processors * _GIB_PER_CPU[found["family"]]
    if found["size"] == "medium":
        gib = _GIB_OF_T_MEDIUM
    memory = min(gib << 30, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return {
        "mem_limit": memory,
        "memswap_limit": memory,  # no swap on top
        "nano_cpus": min(processors, os.cpu_count() or 1) * 10**9,
    }
