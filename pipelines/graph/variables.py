"""The pipeline's parameters as the SDK's variables."""

from __future__ import annotations

from typing import Any

from sagemaker.core.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString

from pipelines.parameters import PARAMETERS, WITHOUT

_KINDS = {"String": ParameterString, "Integer": ParameterInteger, "Float": ParameterFloat}


def variables(no_approved_uri: str, *, own_backbone: bool) -> dict[str, Any]:
    """Make one variable for each parameter, by name.

    Parameters
    ----------
    no_approved_uri
        Default of what a run may do without (`pipelines.parameters.WITHOUT`).
    own_backbone
        Whether there is a ``BackboneUri``: an S3 job input cannot be optional, so the graph has it or not.
        EfficientNetB3's ``Weights`` mean nothing then, but stay, so that one ``--set`` fits both.
    """
    made = {}
    for parameter in PARAMETERS:
        default = no_approved_uri if parameter.name in WITHOUT else parameter.default
        made[parameter.name] = _KINDS[parameter.kind](
            name=parameter.name,
            default_value=default,
            **({"enum_values": list(parameter.choices)} if parameter.choices else {}),
        )
    if own_backbone:
        made["BackboneUri"] = ParameterString(name="BackboneUri")
    return made
