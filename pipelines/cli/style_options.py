"""Flags that the commands which paint pictures have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bestiary.style.objective import Weights

_MEASURE = "How content and style are measured"
_WEIGHTS = "What counts how much"

CONTENT_WEIGHT, STYLE_WEIGHT, TV_WEIGHT = Weights.content, Weights.style, Weights.variation

Content = Annotated[str, typer.Argument(metavar="CONTENT", help="The photo: a file, s3://… or https://…")]
Styles = Annotated[
    list[str],
    typer.Argument(metavar="STYLE[:WEIGHT]…", help="The paintings, each with its weight against the others."),
]
ContentWeight = Annotated[
    float, typer.Option("--content-weight", help="Of keeping what the photo shows.", rich_help_panel=_WEIGHTS)
]
StyleWeight = Annotated[
    float,
    typer.Option("--style-weight", help="Of painting as the painter did.", rich_help_panel=_WEIGHTS),
]
TvWeight = Annotated[
    float, typer.Option("--tv-weight", help="Of smoothness (total variation).", rich_help_panel=_WEIGHTS)
]
LayerWeights = Annotated[
    list[str] | None,
    typer.Option(
        "--layer-weight",
        metavar="LAYER=WEIGHT",
        help="Of one layer against the others of its kind; 1 by default.",
        rich_help_panel=_WEIGHTS,
    ),
]
FeaturesFile = Annotated[
    Path | None,
    typer.Option(
        "--features",
        metavar="FILE.keras",
        help="A convolutional network from 0-255 RGB images.",
        show_default="VGG19",
        rich_help_panel=_MEASURE,
    ),
]
ContentLayers = Annotated[
    str,
    typer.Option(
        metavar="a,b",
        help="Layers that say what a picture shows.",
        show_default=False,
        rich_help_panel=_MEASURE,
    ),
]
StyleLayers = Annotated[
    str,
    typer.Option(
        metavar="a,b",
        help="Layers that say in what manner it is painted.",
        show_default=False,
        rich_help_panel=_MEASURE,
    ),
]
Pooling = Annotated[
    Literal["max", "average"], typer.Option(help="The network's pooling.", rich_help_panel=_MEASURE)
]
Precision = Annotated[
    Literal["auto", "float32", "bfloat16"],
    typer.Option(
        help="What the network computes in; auto: bfloat16 for VGG19 where the processor has it.",
        rich_help_panel=_MEASURE,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="HANDLE|DIR",
        help="What `fast` paints with: a TensorFlow Hub handle, or a folder (also s3://…) with a SavedModel "
        "or the TFLite pair.",
        show_default="the TensorFlow Hub module",
    ),
]
Seed = Annotated[int, typer.Option(help="Of all that is random.", min=0, max=2**32 - 1)]
