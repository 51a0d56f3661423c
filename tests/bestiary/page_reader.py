"""Writes a run's page and reads it back as a browser would."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

from evaluation_examples import exploration, photos, run

from bestiary.evaluation import Evaluation
from bestiary.report.exploration import Exploration
from bestiary.report.page import Photos, render

WRITTEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Reader(HTMLParser):
    """Collects what the tests ask about: tags with their attributes, and the text in the order it is read."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page(
    evaluation: Evaluation | None = None,
    *,
    drawn: Photos | None = None,
    explored: Exploration | None = None,
) -> str:
    evaluation = evaluation or run()
    count = evaluation.champion.metrics.count
    return render(evaluation, drawn or photos(count), explored or exploration(), WRITTEN)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("\u202f", " "))
