"""How content and style are measured, and what counts how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pipelines.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bestiary.style import Weights
    from bestiary.style.features import Features


@dataclass(frozen=True)
class Measure:
    """A person's choice of a feature network: a file or VGG19, layers, pooling, precision."""

    file: Path | None
    content_layers: str
    style_layers: str
    pooling: Literal["max", "average"]
    precision: Literal["auto", "float32", "bfloat16"]
    seed: int

    def open(self) -> Features:
        """Load the network, seeding everything first.

        Raises
        ------
        CannotStylize
            The file or its layers cannot be used.
        """
        from bestiary.classifiers import reproducible
        from bestiary.style import features, precision, vgg19

        reproducible.begin(self.seed)
        # How much a network gains by bfloat16 is known of VGG19; small ones gain nothing.
        computed = "float32" if self.file and self.precision == "auto" else precision.chosen(self.precision)
        how: dict[str, Any] = {"pooling": self.pooling, "precision": computed}
        content, style = _names(self.content_layers), _names(self.style_layers)
        if self.file is not None:
            return features.read(self.file, content, style, **how)
        return vgg19.build(
            content_layers=content or vgg19.CONTENT_LAYERS,
            style_layers=style or vgg19.STYLE_LAYERS,
            seed=self.seed,
            **how,
        )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def weights(content: float, style: float, variation: float, layers: Sequence[str]) -> Weights:
    """Put weights together; `layers` are ``LAYER=WEIGHT``.

    Raises
    ------
    UsageError
        One is no number.
    """
    from bestiary.style import Weights

    single: dict[str, float] = {}
    for one in layers:
        name, _, number = one.partition("=")
        try:
            single[name] = float(number)
        except ValueError:
            raise UsageError(f"--layer-weight {one}: it is LAYER=WEIGHT, such as conv1=0.5") from None
    return Weights(content, style, variation, single)
