"""What a model runs: its container, by itself or by a model package."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from infra.local import registry
from infra.local.errors import validation
from infra.local.jobs import limits

if TYPE_CHECKING:
    from infra.local.account import Account

Record = dict[str, Any]

MODEL = "model"
"""The kind of a model's record."""


@dataclass(frozen=True)
class Container:
    """One container, as much of it as an endpoint needs for the rest of its life.

    Attributes
    ----------
    image
        URI of the image.
    data
        Where the model's files are in S3; empty for none.
    packed
        Whether `data` is a ``model.tar.gz``, else a prefix.
    environment
        Variables that the model sets.
    version
        Version of the model package; empty for a model without one.
    isolated
        Whether it is to reach no network.
    """

    image: str
    data: str = ""
    packed: bool = True
    environment: dict[str, str] = field(default_factory=dict)
    version: str = ""
    isolated: bool = False

    def record(self) -> Record:
        """Write it down for the store."""
        return {**vars(self)}

    @classmethod
    def read(cls, record: Record) -> Self:
        """Read what `record` wrote."""
        return cls(**record)


def of_model(account: Account, name: str) -> Container:
    """Resolve a model to its container.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException`` when the model, or the package that it names, is not there or cannot be used.
    """
    record = account.store.get(MODEL, name)
    if record is None:
        raise validation(f'Could not find model "{account.arn(MODEL, name)}".')
    return resolve(account, definition(record), isolated=record.get("EnableNetworkIsolation", False))


def definition(request: Record) -> Record:
    """Return the one container of a CreateModel request; refuse what cannot be run here.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    several = request.get("Containers", [])
    if "PrimaryContainer" in request and several:
        raise validation("Give PrimaryContainer or Containers, not both.")
    found = [request["PrimaryContainer"]] if "PrimaryContainer" in request else several
    if len(found) != 1:
        raise validation(
            f"The local SageMaker runs models of one container, this one has {len(found)}: give "
            "PrimaryContainer."
        )
    container: Record = found[0]
    if container.get("Mode") == "MultiModel" or "MultiModelConfig" in container:
        raise validation("The local SageMaker runs no multi-model containers: leave Mode out.")
    if container.get("AdditionalModelDataSources"):
        raise validation("The local SageMaker knows no AdditionalModelDataSources: use ModelDataUrl.")
    if "ModelPackageName" in container and not container.keys().isdisjoint({"Image", "ModelDataUrl"}):
        raise validation("Give ModelPackageName or Image and ModelDataUrl, not both.")
    if "ModelPackageName" not in container and "Image" not in container:
        raise validation("A container needs an Image or a ModelPackageName.")
    return container


def resolve(account: Account, container: Record, *, isolated: bool) -> Container:
    """Resolve a container definition; raises as `of_model` does."""
    own = container.get("Environment", {})
    if "ModelPackageName" not in container:
        data, packed = _data(container)
        return Container(container["Image"], data, packed, own, isolated=isolated)
    package = registry.package(account, container["ModelPackageName"])
    packaged = _usable(package)
    data, packed = _data(packaged)
    return Container(
        image=packaged["Image"],
        data=data,
        packed=packed,
        environment={**packaged.get("Environment", {}), **own},
        version=str(package.get("ModelPackageVersion", "")),
        isolated=isolated,
    )


def _usable(package: Record) -> Record:
    arn, status = package["ModelPackageArn"], package["ModelPackageStatus"]
    if status != "Completed":
        raise validation(f"Model package {arn} is {status}: a model needs a Completed one.")
    if package.get("ModelApprovalStatus") == "Rejected":
        raise validation(f"Model package {arn} is Rejected: approve it before it is used.")
    containers = package.get("InferenceSpecification", {}).get("Containers", [])
    if len(containers) != 1:
        raise validation(
            f"Model package {arn} has {len(containers)} containers; the local SageMaker runs models of one."
        )
    found: Record = containers[0]
    if "Image" not in found:
        raise validation(f"Model package {arn} names no Image.")
    return found


def _data(container: Record) -> tuple[str, bool]:
    """Return where a container's model is, and whether it is one archive."""
    if url := container.get("ModelDataUrl"):
        limits.s3(url)
        return url, True
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    if source is None:
        return "", True
    limits.s3(source["S3Uri"])
    kinds = {("S3Object", "Gzip"): True, ("S3Prefix", "None"): False}
    kind = source["S3DataType"], source["CompressionType"]
    if kind not in kinds:
        raise validation(
            f"The local SageMaker knows no S3DataType {kind[0]} with CompressionType {kind[1]}: use "
            "S3Object with Gzip, or S3Prefix with None."
        )
    return source["S3Uri"], kinds[kind]
