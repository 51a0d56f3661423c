"""A run's figures for CloudWatch: of all photos, of each species and of each camera site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bestiary.drift.metrics import Metric, as_log_line
from bestiary.drift.monitoring import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bestiary.quality.checking import Result


def log_lines(result: Result, dimensions: Mapping[str, str], moment: datetime) -> list[str]:
    """Write lines in CloudWatch's embedded metric format, one for each set of dimensions.

    None of a run that had not enough labels to tell. Those of a species have the dimension ``Species``, those
    of a camera site ``Site``.
    """
    quality = result.quality
    if quality is None or result.verdict is Verdict.NOT_ENOUGH:
        return []
    overall = [
        Metric("violations", len(result.falls), "Count"),
        Metric("labelled", quality.overall.total, "Count"),
        Metric("accuracy", quality.overall.accuracy),
        Metric("macro_f1", quality.macro_f1),
    ]
    lines = [as_log_line(overall, dimensions, moment)]
    for member, shares in (("Species", quality.species), ("Site", quality.sites)):
        for name, share in shares.items():
            listed = [Metric("labelled", share.total, "Count"), Metric("accuracy", share.accuracy)]
            if share.f1 is not None:
                listed.append(Metric("f1", share.f1))
            lines.append(as_log_line(listed, {**dimensions, member: name}, moment))
    return lines
