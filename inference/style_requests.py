"""What a stylizer is asked: a photo, paintings and settings, as JSON or as a form."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference import multipart
from inference.errors import Refusal
from inference.media_types import JSON

if TYPE_CHECKING:
    from inference.task import Request

MOST_STYLES = 8
LONGEST_SIDE = 8192
_HOW = 'send {"content": {"b64": …}, "styles": [{"b64": …}]}, or a form with the files content and style'
_Model = TypeVar("_Model", bound=BaseModel)
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Picture(_Strict):
    """A picture as a file, in base64."""

    b64: str = Field(json_schema_extra={"contentEncoding": "base64"})


class Style(Picture):
    """A painting, and what it counts against the others."""

    weight: _Weight = 1.0


class Settings(_Strict):
    """How to paint; what is not given is as the artifact says."""

    method: Literal["fast", "gatys"] | None = Field(None, description="fast where the model can do it.")
    size: int = Field(512, ge=16, le=LONGEST_SIDE, description="Longest side of the picture, in pixels.")
    square: bool = Field(False, description="Cut squares out of all pictures first.")  # noqa: FBT003 - a default
    keep_color: Literal["no", "luminance", "histogram"] = Field(
        "no", description="Keep the photo's colours: paint light and dark only, or recolour the paintings."
    )
    strength: float = Field(
        1.0, ge=0, le=1, description="fast: from the photo's own style to the paintings'."
    )
    steps: int | None = Field(None, ge=1, le=5000, description="gatys: how many in all.")
    start: Literal["recoloured", "content", "noise"] = Field(
        "recoloured", description="gatys: the first picture."
    )
    content_weight: _Weight | None = Field(None, description="gatys: of what the photo shows.")
    style_weight: _Weight | None = Field(None, description="gatys: of the paintings' manner.")
    tv_weight: _Weight | None = Field(None, description="gatys: of smoothness.")
    seed: int = Field(0, ge=0, le=2**32 - 1, description="gatys: of the noise.")


class Document(Settings):
    """A request as JSON."""

    content: Picture
    styles: list[Style] = Field(min_length=1, max_length=MOST_STYLES)


class Cancel(_Strict):
    """Gives up a request by its InferenceId: one that is being painted, or has yet to come."""

    cancel: str = Field(min_length=1, max_length=64)


@dataclass(frozen=True)
class Asked:
    """One picture to paint.

    Attributes
    ----------
    content
        The photo, as a file.
    styles
        The paintings, as files, each with its weight.
    settings
        How.
    """

    content: bytes
    styles: tuple[tuple[bytes, float], ...]
    settings: Settings


def read(request: Request) -> Asked | Cancel:
    """Read a request.

    Raises
    ------
    Refusal
        400: it makes no sense; the line says what does not.
    """
    if not request.body:
        raise Refusal(400, f"the body is empty: {_HOW}")
    if request.content_type != JSON:
        return _form(request)
    document = _parsed(request.body, "the body")
    if isinstance(document, dict) and "cancel" in document:
        return _valid(Cancel, document)
    asked = _valid(Document, document)
    given = {name: getattr(asked, name) for name in asked.model_fields_set if name in Settings.model_fields}
    return Asked(
        _bytes(asked.content.b64, "content.b64"),
        tuple((_bytes(one.b64, f"styles.{index}.b64"), one.weight) for index, one in enumerate(asked.styles)),
        Settings(**given),
    )


def _form(request: Request) -> Asked:
    """Read a form: the file ``content``, one ``style`` or more, and ``settings`` as JSON."""
    found: dict[str, list[bytes]] = {}
    for part in multipart.parts(request.body, request.content_type_header):
        found.setdefault(part.name, []).append(part.data)
    content, styles = found.pop("content", []), found.pop("style", [])
    settings, weights = found.pop("settings", []), found.pop("weight", [])
    if found:
        raise Refusal(
            400, f"the form has a field {next(iter(found))!r}: it takes content, style, weight, settings"
        )
    if len(content) != 1 or not 1 <= len(styles) <= MOST_STYLES or len(settings) > 1:
        raise Refusal(
            400, f"the form needs one content and 1 to {MOST_STYLES} times style, and settings once at most"
        )
    if len(weights) not in {0, len(styles)}:
        raise Refusal(
            400, f"the form has {len(weights)} weights for {len(styles)} styles: give each one, or none"
        )
    numbers = [_weight(text) for text in weights] or [1.0] * len(styles)
    document = _parsed(settings[0], "settings") if settings else {}
    return Asked(content[0], tuple(zip(styles, numbers, strict=True)), _valid(Settings, document))


def _weight(text: bytes) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise Refusal(400, f"the weight {text[:20]!r} is no number from 0 up")
    return number


def _valid(model: type[_Model], document: Any) -> _Model:  # noqa: ANN401 - any JSON value
    if not isinstance(document, dict):
        raise Refusal(400, f"this is no JSON object: {_HOW}")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        how = f": {_HOW}" if first["type"] == "missing" else ""
        raise Refusal(400, f"{where}: {first['msg'][0].lower()}{first['msg'][1:]}{how}") from error


def _parsed(text: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{where} is no JSON: {error}") from error


def _bytes(text: str, where: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Refusal(400, f"{where} is no base64: {error}") from error
