"""What a run found, in the layouts of Model Monitor's own model quality jobs.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.evaluation.metrics import measure
from bestiary.evaluation.quality import multiclass_classification_metrics
from bestiary.quality.falls import LEAST_FALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.quality.checking import Result
    from bestiary.quality.falls import Fall
    from bestiary.quality.matching import Pair

_CHECK = "LessThanThreshold"


def statistics(result: Result) -> dict[str, Any]:
    """Give the content of ``statistics.json``; of a run without labels, no metrics."""
    window, pairs = result.window, result.matched.pairs
    dataset = {
        "item_count": len(pairs),
        "start_time": window.start.isoformat() if window.start else None,
        "end_time": window.end.isoformat() if window.end else None,
    }
    found = {"multiclass_classification_metrics": _metrics(pairs)} if pairs else {}
    return {"version": 0.0, "dataset": dataset, **found}


def constraints(result: Result) -> dict[str, Any]:
    """Give the content of ``constraints.json``: the accuracy from which a fall counts."""
    overall, _ = result.baseline
    threshold = {"threshold": max(0.0, overall.accuracy - LEAST_FALL), "comparison_operator": _CHECK}
    return {"version": 0.0, "multiclass_classification_constraints": {"accuracy": threshold}}


def violations(result: Result) -> dict[str, Any]:
    """Give the content of ``constraint_violations.json``."""
    return {
        "violations": [
            {
                "feature_name": fall.of,
                "metric_name": "accuracy",
                "constraint_check_type": _CHECK,
                "description": sentence(fall),
            }
            for fall in result.falls
        ]
    }


def sentence(fall: Fall) -> str:
    """Say what fell, with both shares and how likely by chance."""
    before, after = fall.before, fall.after
    what = "photos" if fall.of == "accuracy" else f"photos of {fall.of.replace(' ', ' “', 1)}”"
    chance = "< 0.0001" if fall.p < 1e-4 else f"= {fall.p:.2g}"
    return (
        f"{after.right} of {after.total} labelled {what} were named right ({after.accuracy:.0%}), "
        f"of the test photos {before.accuracy:.0%} (p {chance} after correction)"
    )


def _metrics(pairs: Sequence[Pair]) -> dict[str, Any]:
    names = sorted({name for pair in pairs for name in (pair.true, pair.predicted)})
    true = np.array([names.index(pair.true) for pair in pairs])
    said = np.eye(len(names))[[names.index(pair.predicted) for pair in pairs]]
    return multiclass_classification_metrics(measure(true, said, names))
