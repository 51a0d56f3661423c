"""The task ``style``: a photo in the manner of paintings, and posters of photos, painted or not."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.images import UnreadableImage, decode, read_header
from bestiary.style import CannotStylize, Fast, Gatys, Style, Vectors, Weights, artifact, pictures, stylize
from bestiary.style import Settings as GatysSettings
from inference import poster, poster_requests, style_requests
from inference.errors import ModelUnusable, Refusal
from inference.forms import fields
from inference.media_types import JSON
from inference.multipart import MULTIPART
from inference.painting import Orders, Progress, tell
from inference.style_requests import Asked, Cancel
from inference.task import Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.style.artifact import Defaults
    from bestiary.style.fast import Model
    from bestiary.style.features import Features
    from inference.model_folder import ModelFolder
    from inference.settings import Settings
    from inference.task import Request

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}
"""Pillow's names of what is answered; JPEG where the caller does not care."""
ANSWERS = (*FORMATS, "application/pdf")
READ = {"JPEG", "MPO", "PNG", "WEBP"}
MOST_PIXELS = 100_000_000
"""Of all pictures of a request together: what they take once decoded, three bytes each, is bounded by it."""


@dataclass(frozen=True)
class Item:
    """One picture to paint or poster to make, as which media type, and until when (by `time.monotonic`)."""

    asked: Asked | poster_requests.Asked
    media_type: str
    inference_id: str
    deadline: float


@dataclass(frozen=True)
class Stylization:
    """A stylizer behind ``/invocations``; see `inference.task.Task` for its methods.

    Attributes
    ----------
    fast
        What ``fast`` paints with, where the model can do it.
    gatys
        What ``gatys`` measures with and how it paints unless told, where the model can do it.
    settings
        The endpoint's.
    version
        Of the model.
    orders
        What was said of requests under way.
    """

    fast: Model | None
    gatys: tuple[Features, Defaults] | None
    settings: Settings
    version: str
    orders: Orders = field(default_factory=Orders)
    vectors: Vectors = field(default_factory=Vectors)
    name: str = artifact.TASK
    consumes: tuple[str, ...] = (JSON, MULTIPART)
    batch: int = 1

    def produces(self, content_type: str) -> tuple[str, ...]:
        """Pictures and posters, whatever way they were asked for."""
        del content_type
        return ANSWERS

    def split(self, request: Request) -> Sequence[Item]:
        """Return the picture or poster that is asked for; none where a request is cancelled."""
        asked = _form(request) if request.content_type == MULTIPART else style_requests.read(request)
        if isinstance(asked, Cancel):
            self.orders.cancel(asked.cancel)
            return []
        known = FORMATS if isinstance(asked, Asked) else poster.KINDS
        if request.accept not in known:
            what = "a picture" if isinstance(asked, Asked) else "a poster"
            raise Refusal(406, f"{what} is {' or '.join(known)}: accept one of them")
        deadline = time.monotonic() + self.settings.seconds
        return [Item(asked, request.accept, request.inference_id, deadline)]

    def prepare(self, item: Item) -> Item:
        """Look at everything but the pixels: they are decoded one request at a time."""
        asked, settings = item.asked, item.asked.settings
        if asked.styles:
            self._method(settings.method)
        if settings.size > self.settings.longest_side:
            raise Refusal(
                400,
                f"size: {settings.size} is more than the {self.settings.longest_side} pixels painted here",
            )
        named = list(_photos(asked).items())
        named += [(f"styles.{index}", data) for index, (data, _) in enumerate(asked.styles)]
        pixels = sum(_pixels(name, data) for name, data in named)
        if pixels > MOST_PIXELS:
            most = MOST_PIXELS / 1e6
            raise Refusal(
                400, f"the pictures have {pixels / 1e6:.0f} megapixels together: send {most:.0f} at most"
            )
        return item

    def answer(self, prepared: Sequence[Item]) -> list[bytes | Refusal]:
        """Paint, one picture after the other."""
        return [self._painted(item) for item in prepared]

    def write(self, outcomes: Sequence[bytes | Refusal], request: Request) -> Reply:
        """Return the picture, with the version that painted it beside it."""
        attributes = f"model-version={self.version}"
        if not outcomes:
            return Reply(b'{"cancelled":true}\n', JSON, attributes)
        (outcome,) = outcomes
        if isinstance(outcome, Refusal):
            raise outcome
        return Reply(outcome, request.accept, attributes)

    def description(self) -> dict[str, Any]:
        """Return the task's part of the OpenAPI document."""
        from inference import style_openapi

        return style_openapi.description()

    def close(self) -> None:
        """Stop painting."""
        self.orders.close()

    def _painted(self, item: Item) -> bytes | Refusal:
        began = time.monotonic()
        try:
            self.orders.check(item.inference_id, item.deadline)
            tell(item.inference_id, "begun")
            body = self._made(item)
        except Refusal as refusal:
            tell(item.inference_id, f"given up: {refusal.message}")
            return refusal
        except CannotStylize as error:
            return Refusal(400, str(error))
        tell(item.inference_id, f"done: {len(body)} bytes in {time.monotonic() - began:.1f} s")
        return body

    def _made(self, item: Item) -> bytes:
        asked = item.asked
        styles = [
            Style(_decoded(f"styles.{index}", data), weight)
            for index, (data, weight) in enumerate(asked.styles)
        ]
        pictures_made = [
            self._stylized(item, _decoded(name, data), styles) if styles else _decoded(name, data)
            for name, data in _photos(asked).items()
        ]
        if isinstance(asked, Asked):
            return pictures.encoded(pictures_made[0], FORMATS[item.media_type])
        return poster.laid_out(pictures_made, asked.page, item.media_type)

    def _stylized(self, item: Item, photo: Any, styles: Sequence[Style]) -> Any:  # noqa: ANN401 - pixels
        settings = item.asked.settings
        made = stylize(
            self._painter(item, photo.shape), photo, styles,
            keeping=settings.keep_color, square=settings.square,
        )  # fmt: skip
        for warning in made.warnings:
            tell(item.inference_id, f"warning: {warning}")
        return made.image

    def _painter(self, item: Item, shape: tuple[int, ...]) -> Fast | Gatys:
        asked = item.asked.settings
        method = self._method(asked.method)
        if method == "fast" and self.fast is not None:
            return Fast(self.fast, asked.size, asked.strength, self.vectors)
        assert self.gatys is not None  # noqa: S101 - `_method` has looked
        features, defaults = self.gatys
        weights = {name: getattr(asked, name) for name in ("content_weight", "style_weight", "tv_weight")}
        given = vars(defaults) | {name: weight for name, weight in weights.items() if weight is not None}
        settings = GatysSettings(
            size=asked.size,
            steps=asked.steps or defaults.steps,
            weights=Weights(given["content_weight"], given["style_weight"], given["tv_weight"]),
            start=asked.start,
            seed=asked.seed,
        )
        progress = Progress(item.inference_id, settings.levels(shape))

        def watch(state: Any) -> None:  # noqa: ANN401 - bestiary.style's State
            self.orders.check(item.inference_id, item.deadline)
            progress(state)

        return Gatys(features, settings, watch)

    def _method(self, wanted: str | None) -> str:
        able = [name for name in ("fast", "gatys") if getattr(self, name) is not None]
        if wanted is not None and wanted not in able:
            raise Refusal(400, f"method: this endpoint paints by {' and '.join(able)}, not by {wanted}")
        return wanted or able[0]


def load(folder: ModelFolder, settings: Settings) -> Stylization:
    """Load a stylizer and paint a little with it.

    Raises
    ------
    ModelUnusable
        The artifact is not what was saved, or cannot do what this endpoint is for.
    """
    try:
        stylizer = artifact.read(folder.path)
        methods = settings.methods or stylizer.methods
        if lacking := set(methods) - set(stylizer.methods):
            raise ModelUnusable(f"{folder.path} cannot paint by {', '.join(sorted(lacking))}")
        loaded = Stylization(
            fast=stylizer.fast(settings.threads) if "fast" in methods else None,
            gatys=stylizer.gatys() if "gatys" in methods else None,
            settings=settings,
            version=settings.version or folder.digest[:12],
        )
        _try(loaded)
    except (artifact.StylizerCorrupt, CannotStylize) as error:
        raise ModelUnusable(str(error)) from error
    return loaded


def _try(loaded: Stylization) -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    if loaded.fast is not None:
        stylize(Fast(loaded.fast, 64), grey, [Style(grey)])
    if loaded.gatys is not None:
        stylize(Gatys(loaded.gatys[0], GatysSettings(size=64, steps=1)), grey, [Style(grey)])


def _form(request: Request) -> Asked | poster_requests.Asked:
    """Read a form; one with a field ``poster`` asks for a poster."""
    if not request.body:
        raise Refusal(400, f"the body is empty: {style_requests.HOW}")
    found = fields(request)
    return poster_requests.of_form(found) if "poster" in found else style_requests.of_form(found)


def _photos(asked: Asked | poster_requests.Asked) -> dict[str, bytes]:
    if isinstance(asked, Asked):
        return {"content": asked.content}
    return {f"photos.{index}": data for index, data in enumerate(asked.photos)}


def _pixels(name: str, data: bytes) -> int:
    try:
        header = read_header(data)
    except UnreadableImage as error:
        raise Refusal(400, f"{name} cannot be used: {error.reason}") from error
    if header.format not in READ:
        raise Refusal(400, f"{name} is {header.format}: send JPEG, PNG or WebP")
    return header.width * header.height


def _decoded(name: str, data: bytes) -> Any:  # noqa: ANN401 - an array of pixels
    try:
        return decode(data)
    except UnreadableImage as error:
        raise Refusal(400, f"{name} cannot be used: {error.reason}") from error
