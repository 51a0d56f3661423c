"""Writes what an image consists of, from inside it: ``bill_of_materials.py NAME VERSION FILE``.

CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/), standard library only: the Python packages from
their own metadata, the Debian packages from dpkg's database. No date, no serial number: the same image gives
the same bytes.
"""

from __future__ import annotations

import json
import platform
import re
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote

DPKG = Path("/var/lib/dpkg/status")


def bill(name: str, version: str, dpkg: Path = DPKG) -> dict[str, Any]:
    """Return the CycloneDX document of the environment that runs this.

    Parameters
    ----------
    name, version
        Of the image.
    dpkg
        Debian's record of installed packages; none on other systems.
    """
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": name, "version": version}},
        "components": [_python(), *_python_packages(), *_debian_packages(dpkg)],
    }


def _python() -> dict[str, Any]:
    version = platform.python_version()
    return {
        "type": "platform",
        "name": "CPython",
        "version": version,
        "bom-ref": f"pkg:generic/python@{version}",
    }


def _python_packages() -> list[dict[str, Any]]:
    found = {}
    for one in distributions():
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        expression = next(iter(one.metadata.get_all("License-Expression") or []), "")
        licences = {"licenses": [{"expression": expression}]} if expression else {}
        found[name] = {**_component(f"pkg:pypi/{name}@{one.version}", name, one.version), **licences}
    return [found[name] for name in sorted(found)]


def _debian_packages(dpkg: Path) -> list[dict[str, Any]]:
    if not dpkg.is_file():
        return []
    entries = [dict(_FIELD.findall(entry)) for entry in dpkg.read_text(encoding="utf-8").split("\n\n")]
    installed = [entry for entry in entries if entry.get("Status", "").endswith(" installed")]
    return [
        _component(
            f"pkg:deb/debian/{entry['Package']}@{quote(entry['Version'])}?arch={entry['Architecture']}",
            entry["Package"],
            entry["Version"],
        )
        for entry in sorted(installed, key=lambda entry: entry["Package"])
    ]


_FIELD = re.compile(r"^(Package|Version|Architecture|Status): (.*)$", re.MULTILINE)


def _component(purl: str, name: str, version: str) -> dict[str, Any]:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


if __name__ == "__main__":
    image, release, file = sys.argv[1:]
    Path(file).write_text(json.dumps(bill(image, release), indent=1) + "\n", encoding="utf-8")
