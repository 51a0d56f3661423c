"""What is watched: each feature with its name, kind and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a feature's values are compared with those of the baseline."""

    NUMBER = "number"
    VECTOR = "vector"
    CATEGORY = "category"
    RISE = "rise"
    SHARE = "share"
    FAULT = "fault"


@dataclass(frozen=True)
class Feature:
    """Something that is watched.

    Attributes
    ----------
    name
        In every file and metric.
    kind
        How it is compared.
    title
        For people.
    least_effect
        Differences below this are passed over, however certain: no photo trap is ever quite the same. The
        largest gap between two cumulative distributions for a number, energy coefficient for a vector, total
        variation for a category, points of share for a share and a rise; each 0 to 1.
    weight
        How much it is given of the false alarms that are allowed, in proportion to the other features. What
        changes with the light or a lens is certain many times over; another animal shows in few features and
        in few photos.
    down, up
        What photos are whose number is lower or higher.
    """

    name: str
    kind: Kind
    title: str
    least_effect: float
    down: str = "lower"
    up: str = "higher"
    weight: float = 1.0


_OBVIOUS = 0.5

FEATURES = (
    Feature("brightness", Kind.NUMBER, "Brightness", 0.15, "darker", "brighter", _OBVIOUS),
    Feature("contrast", Kind.NUMBER, "Contrast", 0.15, "flatter", "richer in contrast", _OBVIOUS),
    Feature("saturation", Kind.NUMBER, "Saturation", 0.15, "paler", "more colourful", _OBVIOUS),
    Feature("sharpness", Kind.NUMBER, "Sharpness", 0.15, "more blurred", "sharper", _OBVIOUS),
    Feature("width", Kind.NUMBER, "Width", 0.15, "narrower", "wider", _OBVIOUS),
    Feature("height", Kind.NUMBER, "Height", 0.15, "lower", "taller", _OBVIOUS),
    Feature("colour", Kind.VECTOR, "Colours", 0.02, weight=_OBVIOUS),
    Feature("layout", Kind.VECTOR, "Layout", 0.01, weight=_OBVIOUS),
    Feature("embedding", Kind.VECTOR, "What the model sees", 0.01, weight=2.0),
    Feature("scores", Kind.VECTOR, "What the model weighs", 0.02),
    Feature("species", Kind.CATEGORY, "Species named", 0.15),
    Feature("rise", Kind.RISE, "A species on the rise", 0.05, weight=4.0),
    Feature("confidence", Kind.NUMBER, "Confidence", 0.15, "less sure", "surer"),
    Feature("low_confidence", Kind.SHARE, "Unsure answers", 0.1),
    Feature("errors", Kind.FAULT, "Photos without an answer", 0.0, weight=_OBVIOUS),
)

BY_NAME = {feature.name: feature for feature in FEATURES}
NUMBERS = tuple(feature.name for feature in FEATURES if feature.kind is Kind.NUMBER)
VECTORS = tuple(feature.name for feature in FEATURES if feature.kind is Kind.VECTOR)
OF_THE_PHOTO = ("brightness", "contrast", "saturation", "sharpness", "width", "height", "colour", "layout")
