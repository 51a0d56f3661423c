"""What one transform job is to do, read from its record; what is not done here, refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from infra.local.errors import validation
from infra.local.jobs import limits
from infra.local.jobs.s3_uri import S3Uri

if TYPE_CHECKING:
    from collections.abc import Mapping

Record = dict[str, Any]

MEGABYTE = 1 << 20
_MOST_AT_ONCE_MB = 100
_DEFAULT_MB = 6
_SECONDS = 600
_RETRIES = 3
_STRATEGIES = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}


@dataclass(frozen=True)
class TransformPlan:
    """How objects become requests and answers become objects.

    Attributes
    ----------
    source
        The S3 prefix, or the manifest.
    manifest
        Whether `source` is one.
    to
        The S3 prefix of the results.
    lines
        Whether a record is a line, else a whole object.
    many
        Whether a request has as many records as `most_bytes` allow, else one.
    most_bytes
        The largest body; 0 for any.
    at_once
        Requests under way at each instance.
    assembled
        Whether each result in an object gets a line of its own.
    gunzip
        Whether objects are unpacked before.
    headers
        Of each request.
    seconds, retries
        Within which an answer has to come, and how often a request that failed is made again.
    """

    source: S3Uri
    manifest: bool
    to: S3Uri
    lines: bool
    many: bool
    most_bytes: int
    at_once: int
    assembled: bool
    gunzip: bool
    headers: Mapping[str, str]
    seconds: int
    retries: int

    @classmethod
    def of(cls, record: Record, container: Record) -> Self:
        """Read a job's record.

        Parameters
        ----------
        record
            The job's.
        container
            What the container's ``/execution-parameters`` says, for what the record leaves open.
        """
        given, put = record["TransformInput"], record["TransformOutput"]
        client = record.get("ModelClientConfig", {})
        said = _STRATEGIES.get(str(container.get("BatchStrategy")), "MultiRecord")
        most: Any = record.get("MaxPayloadInMB", container.get("MaxPayloadInMB", _DEFAULT_MB))
        at_once = record.get("MaxConcurrentTransforms") or container.get("MaxConcurrentTransforms") or 1
        headers = {"Content-Type": given.get("ContentType"), "Accept": put.get("Accept")}
        source = given["DataSource"]["S3DataSource"]
        return cls(
            source=S3Uri.parse(source["S3Uri"]),
            manifest=source["S3DataType"] == "ManifestFile",
            to=S3Uri.parse(put["S3OutputPath"]),
            lines=given.get("SplitType") == "Line",
            many=record.get("BatchStrategy", said) == "MultiRecord",
            most_bytes=int(most) * MEGABYTE,
            at_once=int(at_once),
            assembled=put.get("AssembleWith") == "Line",
            gunzip=given.get("CompressionType") == "Gzip",
            headers={name: value for name, value in headers.items() if value},
            seconds=client.get("InvocationsTimeoutInSeconds", _SECONDS),
            retries=client.get("InvocationsMaxRetries", _RETRIES),
        )

    def environment(self) -> dict[str, str]:
        """Return what a container is told of a transform job."""
        return {
            "SAGEMAKER_BATCH": "true",
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(self.at_once),
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(self.most_bytes // MEGABYTE),
            "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD" if self.many else "SINGLE_RECORD",
        }


def check(request: Record) -> None:
    """Refuse a CreateTransformJob request that cannot be done here.

    Raises
    ------
    infra.local.errors.AwsError
        ``ValidationException``.
    """
    given = request["TransformInput"]
    limits.of_s3(given["DataSource"], "S3DataSource", "TransformInput")
    limits.s3(request["TransformOutput"]["S3OutputPath"])
    if given.get("SplitType", "None") not in {"None", "Line"}:
        raise validation(
            f"The local SageMaker splits inputs by Line or not at all, not by {given['SplitType']}."
        )
    if "DataCaptureConfig" in request:
        raise validation(
            "The local SageMaker captures no data of transform jobs: leave DataCaptureConfig out."
        )
    processing = request.get("DataProcessing", {})
    simple = {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    for name, value in processing.items():
        if value != simple.get(name):
            raise validation(
                f"The local SageMaker neither filters nor joins the data of transform jobs: leave {name} out."
            )
    at_once = request.get("MaxConcurrentTransforms") or 1
    if at_once * request.get("MaxPayloadInMB", 0) > _MOST_AT_ONCE_MB:
        raise validation(
            f"MaxConcurrentTransforms times MaxPayloadInMB must not exceed {_MOST_AT_ONCE_MB} MB."
        )
