"""``statistics.json``: what a sample is like, in the layout that Model Monitor's own container writes.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html

The sketch of a number holds its values themselves, which the layout allows up to `_SKETCH` of them, and the
part ``bestiary`` holds the vectors: so that one file is a baseline to test against, not just a summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.errors import UnusableBaseline
from bestiary.drift.features import NUMBERS, VECTORS
from bestiary.drift.sample import Column, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INTEGRAL = {"width", "height"}
_BUCKETS = 10
_SKETCH = 2048
_DIGITS = 5


def statistics(sample: Sample, labels: Sequence[str], missing: int = 0) -> dict[str, Any]:
    """Describe a sample.

    Parameters
    ----------
    sample
        At least one value of something.
    labels
        Of the model.
    missing
        Photos that no name was given to.
    """
    features = [_number(name, sample.columns[name]) for name in NUMBERS if sample.rows(name)]
    if sample.species:
        features.append(_categories("species", sample.species, missing))
    vectors = {
        name: np.round(sample.columns[name], _DIGITS).tolist() for name in VECTORS if sample.rows(name)
    }
    photos = max([sum(sample.species.values()), *map(len, sample.columns.values())], default=0)
    return {
        "version": 0,
        "dataset": {"item_count": photos + missing},
        "features": features,
        "bestiary": {"labels": list(labels), "vectors": vectors},
    }


def read_baseline(statistics: Mapping[str, Any], limits: Limits) -> Baseline:
    """Read what `statistics` wrote.

    Raises
    ------
    UnusableBaseline
        It is not of that layout.
    """
    try:
        columns = {name: _column(values, 2) for name, values in statistics["bestiary"]["vectors"].items()}
        species: dict[str, int] = {}
        for feature in statistics["features"]:
            if "numerical_statistics" in feature:
                sketch = feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]
                columns[feature["name"]] = _column(sketch[0], 1)
            elif feature["name"] == "species":
                buckets = feature["string_statistics"]["distribution"]["categorical"]["buckets"]
                species = {str(bucket["value"]): int(bucket["count"]) for bucket in buckets}
        labels = tuple(map(str, statistics["bestiary"]["labels"]))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise UnusableBaseline(
            f"the baseline's statistics were not written by this monitor: {what}"
        ) from error
    return Baseline(Sample(columns, species), labels, limits)


def _column(values: Sequence[Any], dimensions: int) -> Column:
    column = np.array(values, np.float64)
    if column.ndim != dimensions or not np.isfinite(column).all():
        raise ValueError("its values are no plain numbers")
    return column


def _number(name: str, column: Column) -> dict[str, Any]:
    counts, edges = np.histogram(column, bins=_BUCKETS)
    buckets = [
        {"lower_bound": float(low), "upper_bound": float(high), "count": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    sketch = {
        "parameters": {"c": 0.64, "k": float(_SKETCH)},
        "data": [np.round(column[:_SKETCH], _DIGITS).tolist()],
    }
    return {
        "name": name,
        "inferred_type": "Integral" if name in _INTEGRAL else "Fractional",
        "numerical_statistics": {
            "common": {"num_present": len(column), "num_missing": 0},
            "mean": float(column.mean()),
            "sum": float(column.sum()),
            "std_dev": float(column.std()),
            "min": float(column.min()),
            "max": float(column.max()),
            "distribution": {"kll": {"buckets": buckets, "sketch": sketch}},
        },
    }


def _categories(name: str, counts: Mapping[str, int], missing: int) -> dict[str, Any]:
    return {
        "name": name,
        "inferred_type": "String",
        "string_statistics": {
            "common": {"num_present": sum(counts.values()), "num_missing": missing},
            "distinct_count": float(len(counts)),
            "distribution": {
                "categorical": {
                    "buckets": [{"value": value, "count": count} for value, count in sorted(counts.items())]
                }
            },
        },
    }
