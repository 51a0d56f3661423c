"""Puts the images that were built into the account's ECR, and tells the account: ``push.py [VARIANT]``.

Registered is each image's digest, under ``/bestiary/images/`` in SSM: what runs from then on is exactly this.
The repositories are there before (infra/aws/registry.yaml). Credentials and region are boto3's usual ones.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from typing import Any

import boto3
import docker
from botocore.exceptions import BotoCoreError, ClientError

IMAGES = ("jobs", "serving", "operator")
PARAMETERS = "/bestiary/images/"


class PushError(RuntimeError):
    """An image could not be pushed; the message says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Where images go.

    Attributes
    ----------
    ecr, ssm
        boto3 clients of one account and region.
    """

    ecr: Any
    ssm: Any

    def login(self) -> dict[str, str]:
        """User and password for the account's registry, valid for twelve hours."""
        token = self.ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        user, _, password = base64.b64decode(token).decode().partition(":")
        return {"username": user, "password": password}

    def repository(self, name: str) -> str:
        """The address of a repository.

        Raises
        ------
        PushError
            There is none of that name.
        """
        try:
            found = self.ecr.describe_repositories(repositoryNames=[name])
        except self.ecr.exceptions.RepositoryNotFoundException:
            raise PushError(
                f"there is no repository {name} in ECR: infra/aws/registry.yaml makes it"
            ) from None
        return str(found["repositories"][0]["repositoryUri"])

    def register(self, image: str, uri: str) -> None:
        """Say which image is run from now on."""
        self.ssm.put_parameter(Name=PARAMETERS + image, Value=uri, Type="String", Overwrite=True)


def push(engine: docker.DockerClient, account: Account, image: str, variant: str) -> str:
    """Push one image and register it.

    Parameters
    ----------
    engine
        Where it was built.
    account
        Where it goes.
    image, variant
        ``jobs`` or ``serving``, ``cpu`` or ``gpu``.

    Returns
    -------
    str
        Its address by digest.

    Raises
    ------
    PushError
        It was not built, its repository is missing, or the registry refused it.
    """
    name = f"bestiary-{image}"
    repository = account.repository(name)
    try:
        built = engine.images.get(f"{name}:{variant}")
    except docker.errors.ImageNotFound:
        raise PushError(f"there is no image {name}:{variant} on this machine: make images") from None
    # Tags in ECR cannot be moved, and the same image always gets the same one.
    tag = built.id.removeprefix("sha256:")[:12]
    built.tag(repository, tag)
    try:
        uri = f"{repository}@{_sent(engine, repository, tag, account.login())}"
    finally:
        engine.images.remove(f"{repository}:{tag}")
    account.register(image, uri)
    return uri


def _sent(engine: docker.DockerClient, repository: str, tag: str, login: dict[str, str]) -> str:
    """Send an image and return the digest that the registry has for it."""
    digest = ""
    for news in engine.images.push(repository, tag, stream=True, decode=True, auth_config=login):
        if "error" in news:
            raise PushError(f"{repository}:{tag} was not pushed: {news['error']}")
        digest = news.get("aux", {}).get("Digest") or digest
    if not digest:
        raise PushError(f"{repository}:{tag} was pushed, but the registry told no digest")
    return digest


def main() -> None:
    """Push all images of a variant."""
    variant = (sys.argv[1:] or ["cpu"])[0]
    try:
        account = Account(boto3.client("ecr"), boto3.client("ssm"))
        engine = docker.from_env(timeout=3600)
        for image in IMAGES:
            print(push(engine, account, image, variant))
    except (PushError, BotoCoreError, ClientError, docker.errors.DockerException) as error:
        sys.exit(f"containers/push.py: {error}")


if __name__ == "__main__":
    main()
