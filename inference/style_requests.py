"""What a stylizer is asked: a photo, paintings and settings, as JSON or as a form."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inference.errors import Refusal
from inference.forms import weighed

if TYPE_CHECKING:
    from inference.task import Request

MOST_STYLES = 8
LONGEST_SIDE = 8192
HOW = 'send {"content": {"b64": …}, "styles": [{"b64": …}]}, or a form with the files content and style'
Model = TypeVar("Model", bound=BaseModel)
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Strict(BaseModel):
    """Takes what it names, of the types that it names, and nothing else."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Picture(Strict):
    """A picture as a file, in base64."""

    b64: str = Field(json_schema_extra={"contentEncoding": "base64"})


class Style(Picture):
    """A painting, and what it counts against the others."""

    weight: _Weight = 1.0


class Settings(Strict):
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


class Cancel(Strict):
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
    """Read a request as JSON.

    Raises
    ------
    Refusal
        400: it makes no sense; the line says what does not.
    """
    if not request.body:
        raise Refusal(400, f"the body is empty: {HOW}")
    document = parsed(request.body, "the body")
    if isinstance(document, dict) and "cancel" in document:
        return valid(Cancel, document)
    asked = valid(Document, document)
    given = {name: getattr(asked, name) for name in asked.model_fields_set if name in Settings.model_fields}
    return Asked(
        _bytes(asked.content.b64, "content.b64"),
        tuple((_bytes(one.b64, f"styles.{index}.b64"), one.weight) for index, one in enumerate(asked.styles)),
        Settings(**given),
    )


def of_form(found: dict[str, list[bytes]]) -> Asked:
    """Read a form's fields: the file ``content``, one ``style`` or more, and ``settings`` as JSON.

    Raises
    ------
    Refusal
        400: it makes no sense; the line says what does not.
    """
    if strange := set(found) - {"content", "style", "weight", "settings"}:
        raise Refusal(
            400, f"the form has a field {min(strange)!r}: it takes content, style, weight, settings"
        )
    content, styles, settings = (found.get(name, []) for name in ("content", "style", "settings"))
    if len(content) != 1 or not 1 <= len(styles) <= MOST_STYLES or len(settings) > 1:
        raise Refusal(
            400, f"the form needs one content and 1 to {MOST_STYLES} times style, and settings once at most"
        )
    document = parsed(settings[0], "settings") if settings else {}
    return Asked(content[0], weighed(styles, found.get("weight", [])), valid(Settings, document))


def valid(model: type[Model], document: Any) -> Model:  # noqa: ANN401 - any JSON value
    """Read a JSON value as a model; raises a 400 `Refusal` that says where it does not fit."""
    if not isinstance(document, dict):
        raise Refusal(400, f"this is no JSON object: {HOW}")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        how = f": {HOW}" if first["type"] == "missing" else ""
        raise Refusal(400, f"{where}: {first['msg'][0].lower()}{first['msg'][1:]}{how}") from error


def parsed(text: bytes, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON; raises a 400 `Refusal` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"{where} is no JSON: {error}") from error


def _bytes(text: str, where: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise Refusal(400, f"{where} is no base64: {error}") from error
