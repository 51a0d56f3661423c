"""Metrics in the layout of SageMaker's model quality monitor, which Studio draws."""

from typing import Any

import numpy as np

from bestiary.evaluation.metrics import Metrics


def multiclass_classification_metrics(metrics: Metrics) -> dict[str, Any]:
    """Give a model's scores as SageMaker's model quality monitor writes them.

    Parameters
    ----------
    metrics
        The champion's scores; classes without test photos weigh nothing.

    Returns
    -------
    dict
        ``accuracy``, ``weighted_precision``, ``weighted_recall``, ``weighted_f1`` and ``macro_f1``, each with
        ``value`` and ``standard_deviation`` (the text ``NaN``: one test part has none); ``confusion_matrix``.

    References
    ----------
    Amazon SageMaker developer guide, Model quality metrics and CloudWatch monitoring.
    """
    measured = [scores for scores in metrics.per_class.values() if scores.support]
    weights = np.array([scores.support for scores in measured]) / metrics.count

    def weighted(name: str) -> dict[str, Any]:
        return _value(float(weights @ np.array([getattr(scores, name) for scores in measured])))

    names = list(metrics.per_class)
    return {
        "confusion_matrix": {
            name: dict(zip(names, row, strict=True))
            for name, row in zip(names, metrics.confusion, strict=True)
        },
        "accuracy": _value(metrics.accuracy),
        "weighted_precision": weighted("precision"),
        "weighted_recall": weighted("recall"),
        "weighted_f1": weighted("f1"),
        "macro_f1": _value(metrics.macro_f1),
    }


def _value(value: float) -> dict[str, Any]:
    return {"value": value, "standard_deviation": "NaN"}
