"""A pipeline step that is exactly one API request.

The SDK's own steps build the request from processors and trainers and upload code on the way, so that
two compilations differ. Here the code is in the image, and what is written is what AWS gets.
"""

from __future__ import annotations

from typing import Any

from sagemaker.core.workflow.properties import Properties, PropertyFile
from sagemaker.mlops.workflow.steps import CacheConfig, Step, StepTypeEnum

_DESCRIBED_BY = {
    StepTypeEnum.PROCESSING: "DescribeProcessingJobResponse",
    StepTypeEnum.TRAINING: "DescribeTrainingJobResponse",
    StepTypeEnum.REGISTER_MODEL: "DescribeModelPackageOutput",
}

CACHE = CacheConfig(enable_caching=True, expire_after="P30D")


class RequestStep(Step):
    """One step whose arguments are the raw request of its API call.

    Parameters
    ----------
    name
        Unique in the pipeline.
    kind
        Processing, training or model registration.
    arguments
        The request of CreateProcessingJob, CreateTrainingJob or CreateModelPackage; pipeline variables may
        stand anywhere in it.
    property_files
        JSON outputs of a processing job that later steps read.
    """

    def __init__(
        self,
        name: str,
        kind: StepTypeEnum,
        arguments: dict[str, Any],
        property_files: tuple[PropertyFile, ...] = (),
    ) -> None:
        super().__init__(name=name, step_type=kind)
        self._arguments = arguments
        self.property_files = list(property_files)
        self._properties = Properties(step_name=name, step=self, shape_name=_DESCRIBED_BY[kind])

    @property
    def arguments(self) -> dict[str, Any]:
        """The request as given."""
        return self._arguments

    @property
    def properties(self) -> Any:  # noqa: ANN401 - the SDK's properties have no types
        """What later steps may refer to: the members of the job's Describe response."""
        return self._properties

    def to_request(self) -> dict[str, Any]:
        """Return the step as it stands in the definition."""
        request: dict[str, Any] = super().to_request()
        if self.step_type in (StepTypeEnum.PROCESSING, StepTypeEnum.TRAINING):
            request.update(CACHE.config)
        if self.property_files:
            request["PropertyFiles"] = [file.expr for file in self.property_files]
        return request
