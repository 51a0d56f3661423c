"""The candidates of a run side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.cli.output import table

if TYPE_CHECKING:
    from rich.table import Table


def table_of(evaluation: dict[str, Any]) -> Table:
    """Table of the candidates, best first, the champion marked.

    Parameters
    ----------
    evaluation
        evaluation.json of the evaluate job.
    """
    champion = evaluation["champion"]["name"]
    models = sorted(evaluation["models"].items(), key=lambda item: (-item[1]["accuracy"], item[0]))
    rows = [
        [
            f"{name} ★" if name == champion else name,
            f"{model['accuracy']:.3f}",
            f"{model['macro_f1']:.3f}",
            f"{model['bytes'] / 2**20:.1f} MiB",
            f"{model['training_seconds']:.0f} s",
            f"{model['seconds_per_image'] * 1000:.0f} ms",
        ]
        for name, model in models
    ]
    columns = ["accuracy", "macro F1", "size", "training", "an image"]
    return table({"model": "left", **dict.fromkeys(columns, "right")}, rows)


def warnings(evaluation: dict[str, Any]) -> list[str]:
    """What the models warn of, each once."""
    told = [warning for model in evaluation["models"].values() for warning in model["warnings"]]
    return list(dict.fromkeys(told))
