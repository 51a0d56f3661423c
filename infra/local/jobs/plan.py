"""What one job is to do, read from its record before anything is done."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from infra.local.jobs.s3_uri import S3Uri

OPT_ML = "/opt/ml"
HOSTS = "hosts"
"""File in a host's base folder that names the others, where they talk to each other."""


@dataclass(frozen=True)
class Input:
    """Objects to fetch before the program starts.

    Attributes
    ----------
    name
        The input's or channel's name.
    source
        The S3 prefix, or the manifest object.
    folder
        Where the files go, relative to the job's base folder.
    manifest
        Whether `source` is a manifest that lists the objects.
    gunzip
        Whether the objects are unpacked on the way.
    sharded
        Whether each host gets a part of the objects, and not all of them.
    """

    name: str
    source: S3Uri
    folder: str
    manifest: bool = False
    gunzip: bool = False
    sharded: bool = False


@dataclass(frozen=True)
class Plan:
    """One job, as its container contract has it.

    Attributes
    ----------
    inputs
        What to fetch.
    folders
        Folders that must be there, relative to the base folder.
    files
        JSON documents to write, by path relative to the base folder.
    image
        URI of the image.
    entrypoint, arguments
        The command; an empty entrypoint is the image's own.
    environment
        Variables of the job itself: what the contract sets and what the request gave.
    isolated
        Whether the job is to reach no network.
    seconds
        The longest time that it may take.
    metrics
        Regular expressions by metric name.
    instance_type
        How large a machine the job asks for; empty for any.
    word
        What a program that is the image's own is given where the request gives it nothing.
    hosts
        How many instances it runs on.
    together
        Whether its hosts, where there are several, work on one thing and talk to each other.
    resources
        Path of the file that tells a host of itself and of the others, and what else is in it.
    checkpoints
        Folder, relative to the base folder, and S3 prefix of what an earlier job left and this one leaves.
    """

    inputs: tuple[Input, ...]
    folders: tuple[str, ...]
    files: Mapping[str, Any]
    image: str
    entrypoint: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    isolated: bool
    seconds: int
    metrics: tuple[tuple[str, re.Pattern[str]], ...] = ()
    instance_type: str = ""
    word: str = ""
    hosts: int = 1
    together: bool = False
    resources: tuple[str, Mapping[str, Any]] | None = None
    checkpoints: tuple[str, S3Uri] | None = None

    @property
    def host_names(self) -> list[str]:
        """Names of the hosts, as SageMaker gives them."""
        return [f"algo-{number}" for number in range(1, self.hosts + 1)]

    @property
    def talks(self) -> bool:
        """Whether its hosts have to find each other."""
        return self.hosts > 1 and self.together


def relative(path: str) -> str:
    """Return a path below ``/opt/ml`` relative to it.

    Raises
    ------
    ValueError
        When it is not below ``/opt/ml``; the message is one line.
    """
    clean = posixpath.normpath(path)
    if not clean.startswith(f"{OPT_ML}/") or ".." in path.split("/"):
        raise ValueError(f"Local path {path} is not below {OPT_ML}")
    return clean.removeprefix(f"{OPT_ML}/")
