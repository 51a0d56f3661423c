"""What the process runtime cannot do, refused when a job is created and not pretended later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.errors import validation
from infra.local.jobs.plan import relative
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Iterable

Document = dict[str, Any]


def alike(resources: Document, where: str) -> None:
    """Refuse instances of several types."""
    if resources.get("InstanceGroups") or resources.get("InstancePreferences"):
        raise validation(
            f"The local SageMaker runs a job on instances of one type; {where} asks for another cluster: "
            "give InstanceType and InstanceCount."
        )


def one_instance(resources: Document, where: str) -> None:
    """Refuse more than one instance."""
    if resources["InstanceCount"] > 1:
        raise validation(f"The local SageMaker monitors on one instance: give {where} an InstanceCount of 1.")


def whole_files(mode: str | None, where: str) -> None:
    """Refuse inputs that are no files."""
    if mode == "Pipe":
        raise validation(
            f"The local SageMaker stages inputs as files; {where} asks for Pipe: use File or FastFile."
        )


def of_s3(source: Document, kind: str, where: str) -> Document:
    """Return the S3 member of a source or destination, and refuse one that is elsewhere."""
    if kind not in source:
        given = ", ".join(name for name, value in source.items() if isinstance(value, dict)) or "nothing"
        raise validation(f"The local SageMaker knows {kind} alone; {where} gives {given}.")
    found: Document = source[kind]
    if found.get("S3DataType") not in {None, "S3Prefix", "ManifestFile"}:
        raise validation(
            f"The local SageMaker knows no S3DataType {found['S3DataType']}; {where} asks for it."
        )
    s3(found["S3Uri"])
    return found


def s3(uri: str) -> None:
    """Refuse what is no S3 URI."""
    try:
        S3Uri.parse(uri)
    except ValueError as error:
        raise validation(f"{error}.") from None


def local_path(path: str | None, where: str, below: str) -> None:
    """Refuse a folder of the container outside of the one that it has to be below."""
    if path is None:
        return
    try:
        relative(path)
    except ValueError as error:
        raise validation(f"{error}: {where}.") from None
    if not f"{path.rstrip('/')}/".startswith(f"{below}/"):
        raise validation(f"LocalPath {path} of {where} has to be below {below}.")


def unique(names: Iterable[str], what: str) -> None:
    """Refuse a name that is given twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise validation(f"{what} names have to be unique; {name} is given twice.")
        seen.add(name)
