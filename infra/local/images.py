"""Images of the process runtime: a snapshot of code, named by its digest as an image in ECR is.

A snapshot lies at ``<home>/images/<repository>/<digest>/``; beside it, ``<digest>.json`` says which image and
commit it is, and which program it runs where a request names none.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from infra.local.account import ACCOUNT_ID
from infra.local.client import REGION
from infra.local.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_URI = re.compile(
    r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/(?P<repository>[a-z0-9]+(?:[._/-][a-z0-9]+)*)"
    r"@sha256:(?P<digest>[0-9a-f]{64})"
)


def push(  # noqa: PLR0913 - an image is all of this
    home: Path,
    repository: str,
    source: Path,
    packages: tuple[str, ...],
    *,
    entrypoint: tuple[str, ...] = (),
    region: str = REGION,
) -> str:
    """Take a snapshot of packages and return its image URI; the same code gives the same URI.

    Parameters
    ----------
    home
        The local SageMaker's folder.
    repository
        The image's repository, e.g. ``bestiary-jobs``.
    source
        The folder that holds the packages.
    packages
        Their names; everything in them but hidden files and bytecode is taken.
    entrypoint
        The program, e.g. ``("python", "-m", "inference.serve")``; an image that serves needs one.
    region
        The region in the URI.

    Raises
    ------
    FileNotFoundError
        When a package is not there.
    """
    folder = home / "images" / repository
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".push-", dir=folder) as scratch:
        snapshot = Path(scratch) / "code"
        digest = _digest(source, packages, entrypoint)
        if not (folder / digest).exists():
            for package in packages:
                shutil.copytree(source / package, snapshot / package, ignore=_left_out)
            # Somebody may have changed a file meanwhile: a snapshot is named for what is in it.
            digest = _digest(snapshot, packages, entrypoint)
        uri = f"{ACCOUNT_ID}.dkr.ecr.{region}.amazonaws.com/{repository}@sha256:{digest}"
        about = {"image": uri, "commit": _commit(source, packages), "entrypoint": entrypoint}
        write_whole(folder / f"{digest}.json", json.dumps(about))
        if not (folder / digest).exists():
            _move(snapshot, folder / digest)
    return uri


def resolve(home: Path, image_uri: str) -> Path | None:
    """Return the folder of an image's code; None for an image that was not pushed here."""
    named = _URI.fullmatch(image_uri)
    if named is None:
        return None
    folder = home / "images" / named["repository"] / named["digest"]
    return folder if folder.is_dir() else None


def variables(code: Path) -> dict[str, str]:
    """Environment that tells a job its image and commit: ``BESTIARY_IMAGE`` and ``BESTIARY_COMMIT``."""
    said = _about(code)
    return {"BESTIARY_IMAGE": said["image"], "BESTIARY_COMMIT": said["commit"]}


def entrypoint(code: Path) -> tuple[str, ...]:
    """Return the program of an image whose code is in a folder; empty when it was pushed without one."""
    return tuple(_about(code).get("entrypoint", ()))


def pushed(home: Path) -> dict[str, str]:
    """URIs of the images that were pushed last, by what they are for; none in a new home."""
    try:
        found = json.loads((home / "images" / "pushed.json").read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(uri) for name, uri in found.items()} if isinstance(found, dict) else {}


def note_pushed(home: Path, uris: dict[str, str]) -> None:
    """Remember which images were pushed last, for the next start of the server."""
    (home / "images").mkdir(exist_ok=True)
    write_whole(home / "images" / "pushed.json", json.dumps(uris))


def _left_out(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(".") or name == "__pycache__" or name.endswith(".pyc")]


def _about(code: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(code.with_name(f"{code.name}.json").read_text()))


def _digest(root: Path, packages: tuple[str, ...], entrypoint: tuple[str, ...]) -> str:
    total = hashlib.sha256(json.dumps(entrypoint).encode() if entrypoint else b"")
    files = {path.relative_to(root).as_posix(): path for each in packages for path in _files(root / each)}
    for name, path in sorted(files.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files(package: Path) -> Iterator[Path]:
    if not package.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such package", str(package))
    for folder, folders, names in os.walk(package):
        out = {*_left_out(folder, folders), *_left_out(folder, names)}
        folders[:] = [name for name in folders if name not in out]
        yield from (Path(folder, name) for name in names if name not in out)


def _move(snapshot: Path, to: Path) -> None:
    try:
        snapshot.rename(to)
    except OSError:
        if not to.is_dir():  # else somebody pushed the same at the same time
            raise


def _commit(source: Path, packages: tuple[str, ...]) -> str:
    """Commit of the code, with ``-dirty`` when it was changed since; empty outside git."""
    commit = _git(source, "rev-parse", "HEAD")
    changed = commit and _git(source, "status", "--porcelain", "--", *packages)
    return f"{commit}-dirty" if changed else commit


def _git(source: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", "-C", str(source), *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
            env=environment,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
