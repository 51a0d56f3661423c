"""Labels in the output manifest of a SageMaker Ground Truth job for image classification.

https://docs.aws.amazon.com/sagemaker/latest/dg/sms-data-output.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bestiary.labels.label import Label, Labelled, UnusableLabels, inference_id

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPE = "groundtruth/image-classification"
_METADATA = "-metadata"


def read_manifest(name: str, lines: Iterable[str]) -> list[Labelled]:
    """Read an output manifest; of several jobs' labels of one photo the last one counts.

    Parameters
    ----------
    name
        Of the file, for messages.
    lines
        Each with ``source-ref`` and, as ``LABEL-metadata``, the ``class-name`` of a job for image
        classification. A member ``site`` is taken for the camera's. Photos that a job could not label
        (``failure-reason``) are passed over.

    Raises
    ------
    UnusableLabels
        A line is no such object, or no line has a label.
    """
    found = [
        labelled
        for number, line in enumerate(lines, start=1)
        if line.strip() and (labelled := _line(f"{name}:{number}", line)) is not None
    ]
    if not found:
        raise UnusableLabels(f"{name} holds no label of a job for image classification")
    return list({each.id: each for each in found}.values())


def _line(where: str, line: str) -> Labelled | None:
    try:
        found: dict[str, Any] = json.loads(line)
        file = found["source-ref"]
        told = [
            about
            for member, about in found.items()
            if member.endswith(_METADATA) and isinstance(about, dict) and about.get("type") == _TYPE
        ]
        names = [about["class-name"] for about in told if "failure-reason" not in about]
        site = found.get("site", "")
    except (ValueError, TypeError, AttributeError) as error:
        raise UnusableLabels(f"{where} is no line of an output manifest: {error}") from error
    except KeyError as error:
        raise UnusableLabels(f"{where} is no line of an output manifest: {error} is missing") from error
    if not all(isinstance(text, str) and text for text in (file, *names)) or not isinstance(site, str):
        raise UnusableLabels(f"{where}: source-ref, class-name and site are texts")
    return Labelled(inference_id(file), Label(names[-1], site), file) if names else None
