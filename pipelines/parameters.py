"""The training pipeline's parameters: what ``--set NAME=VALUE`` may name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pipelines.errors import UsageError

Kind = Literal["String", "Integer", "Float"]


@dataclass(frozen=True)
class Parameter:
    """One pipeline parameter.

    Attributes
    ----------
    name
        As AWS knows it.
    kind
        Its type in the pipeline definition.
    default
        Used where a run does not set it; ``None`` where every run must.
    meaning
        One line for people.
    choices
        The values allowed, empty where any of its kind is.
    least
        Smallest whole number allowed; numbers that are not whole lie from 0 to 1.
    """

    name: str
    kind: Kind
    default: str | int | float | None
    meaning: str
    choices: tuple[str, ...] = ()
    least: int = 1


WITHOUT = ("ApprovedModelUri", "InboxUri", "PinnedTestUri")
"""Parameters of S3 prefixes that a run may do without: a job's input has to be somewhere all the same."""
SWITCH = ("true", "false")

PARAMETERS: tuple[Parameter, ...] = (
    Parameter("DataUri", "String", None, "S3 prefix of the photos, one folder a species"),
    Parameter("ImageSize", "Integer", 128, "side of the custom CNN's pictures, in pixels"),
    Parameter("TransferImageSize", "Integer", 224, "side of the transfer models' pictures, in pixels"),
    Parameter("EqualizeCnn", "String", "true", "equalize luminance for the custom CNN", SWITCH),
    Parameter(
        "EqualizeTransfer",
        "String",
        "auto",
        "equalize luminance for the transfer models; auto decides by validation",
        ("auto", *SWITCH),
    ),
    Parameter("Epochs", "Integer", 15, "epochs of training"),
    Parameter("BatchSize", "Integer", 32, "pictures a training step"),
    Parameter("LearningRate", "Float", 0.001, "Adam's learning rate"),
    Parameter("Seed", "Integer", 42, "seed of the split and of training", least=0),
    Parameter("AccuracyThreshold", "Float", 0.3, "least test accuracy the gate lets through, 0 to 1"),
    Parameter("AllowedRegression", "Float", 0.02, "accuracy the champion may lose on the approved version"),
    Parameter(
        "Weights",
        "String",
        "auto",
        "where EfficientNetB3's weights come from; auto is imagenet where it can be had",
        ("auto", "imagenet", "random"),
    ),
    Parameter("ApprovedModelUri", "String", None, "S3 prefix of the approved version's artifact"),
    Parameter("ApprovedVersion", "String", "none", "number of the approved version"),
    Parameter("InboxUri", "String", None, "S3 prefix of new labelled photos, one folder a species"),
    Parameter(
        "PinnedTestUri", "String", None, "S3 prefix of an earlier test part, whose photos stay in test"
    ),
    Parameter("AsOf", "String", "none", "when new photos were looked for; another time is no cache hit"),
    Parameter("Reason", "String", "by hand", "why the run was started, for those who look at it later"),
    Parameter(
        "Approval", "String", "manual", "who approves what the gate lets through", ("manual", "automatic")
    ),
    Parameter("ProcessingInstanceType", "String", "ml.m5.xlarge", "machine of the processing jobs"),
    Parameter("ProcessingInstanceCount", "Integer", 1, "machines that decode the photos, each its part"),
    Parameter("TrainingInstanceType", "String", "ml.g4dn.xlarge", "machine of the training jobs"),
    Parameter("TrainingInstanceCount", "Integer", 1, "machines of a training job"),
    Parameter("VolumeSize", "Integer", 50, "disk of each machine, in GB"),
)

_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
_PYTHON = {"String": str, "Integer": int, "Float": float}


def parse_settings(settings: list[str]) -> dict[str, str]:
    """Read ``NAME=VALUE`` words into pipeline parameters, each checked for its kind.

    Returns
    -------
    dict
        Parameter name to value, as the text that StartPipelineExecution takes.

    Raises
    ------
    UsageError
        For a word without ``=``, an unknown name, or a value of the wrong kind.
    """
    values: dict[str, str] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise UsageError(f"--set {setting!r} is not NAME=VALUE, for example --set Epochs=3")
        values[name] = _checked(name, text)
    return values


def _checked(name: str, text: str) -> str:
    parameter = _BY_NAME.get(name)
    if parameter is None:
        raise UsageError(f"--set {name}: no such parameter; there are {', '.join(_BY_NAME)}")
    try:
        value = _PYTHON[parameter.kind](text)
    except ValueError:
        raise UsageError(f"--set {name}={text}: {name} is {_article(parameter.kind)}") from None
    if parameter.choices and text not in parameter.choices:
        raise UsageError(f"--set {name}={text}: {name} is one of {', '.join(parameter.choices)}")
    if isinstance(value, int) and value < parameter.least:
        raise UsageError(f"--set {name}={text}: {name} is at least {parameter.least}")
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"--set {name}={text}: {name} is a finite number")
    if isinstance(value, float) and not 0 <= value <= 1:
        raise UsageError(f"--set {name}={text}: {name} is from 0 to 1")
    return str(value)


def _article(kind: Kind) -> str:
    return {"String": "text", "Integer": "a whole number", "Float": "a number"}[kind]
