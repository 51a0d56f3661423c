"""One photo and its paintings: painted one way, both ways, or over a grid of weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipelines.errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bestiary.style import Gatys, Losses, Method, Result, Settings, State, Style
    from bestiary.style.colour import Keeping
    from bestiary.style.fast import Model
    from bestiary.style.features import Features
    from bestiary.style.page import Row, Subject
    from pipelines.style.inputs import Inputs

    Progress = Callable[
        [list[tuple[int, int]], State | None], AbstractContextManager[Callable[[State], None]]
    ]

FACTORS = (1 / 16, 1 / 4, 1.0, 4.0, 16.0)
"""Of the style's weight in a style report, from content-heavy to style-heavy."""
STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True)
class Easel:
    """A photo, its paintings, and how to paint.

    Attributes
    ----------
    inputs
        The pictures.
    settings
        Of ``gatys``; its size is that of all methods.
    progress
        Shows a run of ``gatys``.
    keeping
        Whether and how the photo's colours are kept.
    square
        Whether squares are cut out of all pictures first.
    """

    inputs: Inputs
    settings: Settings
    progress: Progress
    keeping: Keeping = "no"
    square: bool = False

    def paint(self, method: Method, styles: Sequence[Style] | None = None) -> Result:
        """Paint by any method, with the paintings named or others."""
        from bestiary.style import stylize

        paintings = self.inputs.styles if styles is None else styles
        return stylize(method, self.inputs.content, paintings, keeping=self.keeping, square=self.square)

    def optimise(self, features: Features) -> Result:
        """Paint by ``gatys``, showing how it goes."""
        from bestiary.style import Gatys

        return self._watched(Gatys(features, self.settings), ())

    def optimise_with_snapshots(
        self, features: Features, folder: Path, every: int, *, resume: bool
    ) -> Result:
        """Paint by ``gatys``, keeping snapshots.

        Parameters
        ----------
        features
            The network.
        folder
            Where snapshots are kept.
        every
            Steps from one to the next.
        resume
            Whether to go on from the last one in the folder.

        Raises
        ------
        OperatorError
            It was interrupted: the line says how to go on.
        """
        from bestiary.style import Gatys, snapshots

        about = snapshots.about(
            features, self.inputs.content, self.inputs.styles, self.settings, f"{self.keeping} {self.square}"
        )
        state = snapshots.read(folder, about) if resume else None
        kept = snapshots.Snapshots(folder, every, about)
        try:
            result = self._watched(Gatys(features, self.settings, resume=state), (kept,))
        except KeyboardInterrupt:
            raise OperatorError(f"stopped; the same command with --resume goes on from {folder}") from None
        kept.finish(result.history, result.image)
        return result

    def compare(self, features: Features, optimised: Result, fast: Method) -> tuple[str, dict[str, Result]]:
        """Paint by the other method too; return the page and the pictures by the method's name."""
        from bestiary.style import page

        results = {"gatys": optimised, "fast": self.paint(fast)}
        candidates = [
            page.Candidate(name, result, self._measured(features, result.image))
            for name, result in results.items()
        ]
        untouched = self._measured(features, self._resized(results["fast"].image.shape))
        return page.compare(self._subject(features), candidates, untouched), results

    def report(self, features: Features, model: Model | None) -> str:
        """Paint over a grid, a row for each painting and method, and return the page."""
        from bestiary.style import Fast, Gatys, Vectors, page

        vectors = Vectors()
        rows: list[Row] = []
        for name, style in zip(self.inputs.names, self.inputs.styles, strict=True):
            gatys: list[tuple[str, Method]] = []
            for factor in FACTORS:
                weights = replace(self.settings.weights, style=self.settings.weights.style * factor)
                caption = f"content {weights.content:g} : style {weights.style:g}"
                gatys.append((caption, Gatys(features, replace(self.settings, weights=weights))))
            rows.append(self._row(features, f"gatys, {name}", style, gatys))
            if model is not None:
                fast: list[tuple[str, Method]] = [
                    (f"strength {one:g}", Fast(model, self.settings.size, one, vectors)) for one in STRENGTHS
                ]
                rows.append(self._row(features, f"fast, {name}", style, fast))
        return page.report(self._subject(features), rows)

    def _row(
        self, features: Features, title: str, style: Style, methods: Sequence[tuple[str, Method]]
    ) -> Row:
        from bestiary.style import Gatys, page

        candidates = []
        for caption, method in methods:
            result = (
                self._watched(method, (), [style])
                if isinstance(method, Gatys)
                else self.paint(method, [style])
            )
            candidates.append(
                page.Candidate(caption, result, self._measured(features, result.image, [style]))
            )
        return page.Row(title, candidates)

    def _watched(
        self, method: Gatys, others: Sequence[Callable[[State], None]], styles: Sequence[Style] | None = None
    ) -> Result:
        levels = method.settings.levels(self._photo().shape)
        with self.progress(levels, method.resume) as show:

            def watch(state: State) -> None:
                for one in others:
                    one(state)
                show(state)

            return self.paint(replace(method, watch=watch), styles)

    def _measured(self, features: Features, image: Any, styles: Sequence[Style] | None = None) -> Losses:  # noqa: ANN401
        from bestiary.style import measured

        content = self._resized(image.shape)
        paintings = self.inputs.styles if styles is None else styles
        return measured(features, content, paintings, self.settings.weights, image)

    def _resized(self, shape: tuple[int, ...]) -> Any:  # noqa: ANN401 - an array of pixels
        from bestiary.style import pictures

        return pictures.resized(self._photo(), (shape[0], shape[1]))

    def _photo(self) -> Any:  # noqa: ANN401 - an array of pixels
        from bestiary.style import pictures

        return pictures.square(self.inputs.content) if self.square else self.inputs.content

    def _subject(self, features: Features) -> Subject:
        from bestiary.style import page

        whole = sum(style.weight for style in self.inputs.styles)
        paintings = [
            page.Painting(name, style.image, style.weight / whole)
            for name, style in zip(self.inputs.names, self.inputs.styles, strict=True)
        ]
        return page.Subject(
            self.inputs.title, self.inputs.content, paintings, features.name, datetime.now(tz=UTC)
        )
