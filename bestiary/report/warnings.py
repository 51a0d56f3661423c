"""What a reader of the page must not miss."""

from dataclasses import dataclass

from bestiary.evaluation import Evaluation


@dataclass(frozen=True)
class Warnings:
    """The page's banners.

    Attributes
    ----------
    untrained
        Names of the candidates whose backbone has random weights.
    why_untrained
        Why, in the words of the backbone's job.
    others
        What else concerns the figures, each said once: whom it concerns and what it says.
    data
        What prepare had to say about the photos.
    """

    untrained: tuple[str, ...]
    why_untrained: str
    others: tuple[tuple[str, str], ...]
    data: tuple[str, ...]


def warnings(evaluation: Evaluation) -> Warnings:
    """Collect every warning of a run, each said once."""
    untrained = [each for each in evaluation.candidates if each.random_weights]
    why = next(
        (
            str(each.backbone["warning"])
            for each in untrained
            if each.backbone and each.backbone.get("warning")
        ),
        "",
    )
    return Warnings(
        untrained=tuple(each.name for each in untrained),
        why_untrained=why,
        others=tuple((concerned, text) for concerned, text in evaluation.all_warnings if text != why),
        data=tuple(evaluation.data.warnings),
    )
