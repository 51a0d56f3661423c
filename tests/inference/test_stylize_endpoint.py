"""The task ``style``: pictures in, a picture out, over real HTTP; and what is refused, and why."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pypdfium2
import pytest
from endpoints import Endpoint
from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "bestiary"))
from style_models import features, photo, saved_pair, stripes

from bestiary.style import Fast, Style, artifact, fast, pictures, stylize
from inference import model_folder
from inference.errors import ModelUnusable, Refusal
from inference.settings import Settings
from inference.stylize import load
from inference.task import Request

FORM = "multipart/form-data"


def file(pixels: Any, kind: str = "PNG", **options: Any) -> bytes:
    held = BytesIO()
    Image.fromarray(pixels).save(held, kind, **options)
    return held.getvalue()


CONTENT, STYLE = file(photo(120, 80)), file(stripes())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair")
    saved_pair(folder)
    return folder


@pytest.fixture(scope="module")
def stylizer(pair: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact that paints both ways."""
    folder = tmp_path_factory.mktemp("stylizer") / "model"
    artifact.save(folder, "small", fast=pair, gatys=(features(), artifact.Defaults(steps=4)))
    return folder


@pytest.fixture(scope="module")
def endpoint(stylizer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The program, asked to paint by ``fast`` alone: it needs no TensorFlow."""
    folder = tmp_path_factory.mktemp("endpoint")
    running = Endpoint(folder, stylizer, BESTIARY_STYLE_METHODS="fast", BESTIARY_MODEL_VERSION="7")
    yield running.ready()
    running.close()


def b64(data: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(data).decode()}


def document(**settings: Any) -> dict[str, Any]:
    return {"content": b64(CONTENT), "styles": [b64(STYLE)], "size": 64, **settings}


def ask(endpoint: Endpoint, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return endpoint.invoke(text, "application/json", **headers)


def test_a_form_and_json_give_the_picture_that_is_painted_here(endpoint: Endpoint, pair: Path) -> None:
    """The same bytes, every time, in the type asked for; the version stands beside it."""
    here = stylize(Fast(fast.read(str(pair)), 64), photo(120, 80), [Style(stripes(), 2.0)])
    settings = json.dumps({"size": 64}).encode()
    form = [("content", ("a.png", CONTENT)), ("style", ("b.png", STYLE)), ("weight", (None, b"2"))]
    posted = endpoint.http.post(
        "/invocations", files=[*form, ("settings", (None, settings))], headers={"Accept": "image/png"}
    )
    assert pictures.encoded(here.image, "PNG") == posted.content
    assert posted.content == ask(endpoint, document(), Accept="image/png").content
    assert "model-version=7" == posted.headers["x-amzn-sagemaker-custom-attributes"]
    given = {"X-Amzn-SageMaker-Custom-Attributes": "mine"}
    answer = ask(endpoint, document(), **given)
    assert "mine; model-version=7" == answer.headers["x-amzn-sagemaker-custom-attributes"]
    assert "image/jpeg" == answer.headers["content-type"]
    assert (64, 43) == Image.open(BytesIO(answer.content)).size


def bomb(side: int) -> bytes:
    """A small file that says that its picture is so large."""
    data = bytearray(file(np.zeros((2, 2, 3), np.uint8)))
    data[16:24] = side.to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the body is empty"),
        (b"{", "the body is no JSON"),
        (b"[1]", "no JSON object"),
        (b"[" * 100_000, "the body is no JSON"),
        ({}, "content: field required: send"),
        ({"content": b64(CONTENT), "styles": []}, "styles: list should have at least 1 item"),
        (document(styles=[b64(STYLE)] * 9), "styles: list should have at most 8 items"),
        (document(size="64"), "size: input should be a valid integer"),
        (document(size=0), "size: input should be greater than or equal to 16"),
        (document(size=1281), "size: 1281 is more than the 1280 pixels painted here"),
        (document(strength=1.5), "strength: input should be less than or equal to 1"),
        (document(colour="red"), "colour: extra inputs are not permitted"),
        (document(method="gatys"), "method: this endpoint paints by fast, not by gatys"),
        (document(styles=[{**b64(STYLE), "weight": -1}]), "styles.0.weight: input should be"),
        (document(styles=[{**b64(STYLE), "weight": 0}]), "needs at least one style whose weight is more"),
        (document(content={"b64": "%%"}), "content.b64 is no base64"),
        (document(content=b64(b"not a picture")), "content cannot be used: not an image"),
        (document(content=b64(CONTENT[:300])), "content cannot be used: truncated"),
        (document(content=b64(file(photo(), "GIF"))), "content is GIF: send JPEG, PNG or WebP"),
        (document(content=b64(bomb(30_000))), "megapixels"),
        (document(content=b64(bomb(7_500)), styles=[b64(bomb(7_500))]), "have 112 megapixels together"),
        (document(content=b64(file(photo(300, 4)))), "has nothing to stylize"),
        (document(styles=[b64(b"x" * 100)]), "styles.0 cannot be used"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(endpoint: Endpoint, body: Any, said: str) -> None:
    answer = ask(endpoint, body)
    assert 400 == answer.status_code, answer.content[:200]
    message = answer.json()["error"]
    assert said in message
    assert "\n" not in message


def form(*parts: tuple[str, bytes], boundary: str = "xyz", end: str = "--") -> bytes:
    fields = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in parts
    ]
    return b"".join(fields) + f"--{boundary}{end}\r\n".encode()


@pytest.mark.parametrize(
    ("body", "header", "said"),
    [
        (form(("content", CONTENT)), FORM, "names no boundary"),
        (form(("content", CONTENT)), f"{FORM}; boundary=xyz", "the form needs one content and 1 to 8"),
        (form(("content", CONTENT), end=""), f"{FORM}; boundary=xyz", "does not end with its boundary"),
        (form(("content", CONTENT)), f"{FORM}; boundary=abc", "does not end with its boundary"),
        (form(("photo", CONTENT)), f"{FORM}; boundary=xyz", "the form has a field 'photo'"),
        (b"--xyz\r\n\r\n\r\nx\r\n--xyz--", f"{FORM}; boundary=xyz", "part 1 of the form has no name"),
        (form(*[("style", b"")] * 40), f"{FORM}; boundary=xyz", "more than 32 parts"),
        (
            form(("content", CONTENT), ("style", STYLE), ("weight", b"heavy")),
            f"{FORM}; boundary=xyz",
            "weight",
        ),
        (
            form(("content", CONTENT), ("style", STYLE), ("settings", b"{")),
            f"{FORM}; boundary=xyz",
            "no JSON",
        ),
    ],
)
def test_forms_that_are_none_are_refused(endpoint: Endpoint, body: bytes, header: str, said: str) -> None:
    answer = endpoint.invoke(body, header)
    assert 400 == answer.status_code
    assert said in answer.json()["error"]


PAGE = {"species": ["duck"], "language": "fr", "url": "https://example.org/help"}


def poster(endpoint: Endpoint, accept: str, page: dict[str, Any], *more: tuple[str, bytes]) -> Any:
    body = form(("photo", CONTENT), ("poster", json.dumps(page).encode()), *more)
    return endpoint.invoke(body, f"{FORM}; boundary=xyz", Accept=accept)


def test_a_poster_is_laid_out_of_photos_painted_or_not(endpoint: Endpoint) -> None:
    """The same bytes every time; painted it is another."""
    plain = poster(endpoint, "application/pdf", PAGE)
    assert (200, "application/pdf") == (plain.status_code, plain.headers["content-type"])
    (page,) = pypdfium2.PdfDocument(plain.content)
    assert "Canard" in page.get_textpage().get_text_range()
    assert plain.content == poster(endpoint, "application/pdf", PAGE).content
    assert plain.content != poster(endpoint, "application/pdf", PAGE, ("style", STYLE)).content
    square = poster(endpoint, "image/png", {**PAGE, "size": "square"}, ("photo", CONTENT))
    assert (2160, 2160) == Image.open(BytesIO(square.content)).size


@pytest.mark.parametrize(
    ("accept", "page", "more", "status", "said"),
    [
        ("image/jpeg", PAGE, (), 406, "a poster is application/pdf or image/png"),
        ("image/png", {}, (), 400, "species: field required"),
        ("image/png", {**PAGE, "size": "a9"}, (), 400, "size: a9 is none of a4, a3, square"),
        ("image/png", {**PAGE, "language": "xx"}, (), 400, "language: xx is none of"),
        ("image/png", {**PAGE, "species": ["duck", "cat"]}, (), 400, "there are 2 for 1 photos"),
        ("image/png", {**PAGE, "title": "W" * 290}, (), 400, "the title is too long"),
        ("image/png", {**PAGE, "url": "javascript:x"}, (), 400, "the address must be one of https://"),
        ("image/png", PAGE, (("photo", b"text"),), 400, "photos.1 cannot be used"),
        ("image/png", PAGE, (("content", b"text"),), 400, "the form has a field 'content'"),
    ],
)
def test_a_poster_that_cannot_be_made_is_refused_in_one_line(  # noqa: PLR0917 - a table
    endpoint: Endpoint, accept: str, page: Any, more: Any, status: int, said: str
) -> None:
    answer = poster(endpoint, accept, page, *more)
    assert (status, True) == (answer.status_code, said in answer.json()["error"]), answer.content[:300]


def test_other_types_are_refused_and_the_document_names_those_that_are_taken(endpoint: Endpoint) -> None:
    described = endpoint.http.get("/openapi.json").json()
    invocation = described["paths"]["/invocations"]["post"]
    refused = endpoint.invoke(CONTENT, "image/png")
    assert 415 == refused.status_code
    assert refused.headers["accept"].split(", ") == list(invocation["requestBody"]["content"])
    assert 406 == ask(endpoint, document(), Accept="image/gif").status_code
    whole = {"$ref": "#/components/schemas/Document", "components": described["components"]}
    jsonschema.Draft202012Validator(whole).validate(document(strength=0.5))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(whole).validate(document(size=1))


def test_gatys_tells_of_its_steps_stops_when_cancelled_and_when_its_time_is_over(
    stylizer: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One that was cancelled before it came is not begun."""
    task = load(model_folder.read(stylizer), Settings(model=stylizer, seconds=60))

    def painted(name: str, **settings: Any) -> bytes | Refusal:
        body = json.dumps(document(method="gatys", **settings)).encode()
        (item,) = task.split(Request(body, "application/json", "image/png", inference_id=name))
        return task.answer([task.prepare(item)])[0]

    first = painted("one")
    assert isinstance(first, bytes)
    assert first == painted("two"), "the same request, the same bytes"
    assert "painting one: step 1 of 4, 64 px: content" in capfd.readouterr().err
    outcome: list[bytes | Refusal] = []
    long = threading.Thread(target=lambda: outcome.append(painted("three", size=128, steps=5000)))
    long.start()
    said = ""
    deadline = time.monotonic() + 60
    while "painting three: step 1 " not in said:
        assert time.monotonic() < deadline
        said += capfd.readouterr().err
    for name in ("three", "four"):
        body = json.dumps({"cancel": name}).encode()
        assert [] == task.split(Request(body, "application/json", "image/png"))
    long.join(60)
    for refused in (*outcome, painted("four")):
        assert isinstance(refused, Refusal)
        assert 409 == refused.status
    hurried = load(model_folder.read(stylizer), Settings(model=stylizer, methods=("gatys",), seconds=0))
    body = json.dumps(document()).encode()
    late = hurried.answer(hurried.split(Request(body, "application/json", "image/png")))[0]
    assert isinstance(late, Refusal)
    assert "the time for it is over" in late.message


def test_a_changed_artifact_is_not_served(stylizer: Path, tmp_path: Path) -> None:
    """A flipped byte, a file more, a method that it cannot do: each its own line."""
    import shutil

    def broken(name: str) -> Path:
        return Path(shutil.copytree(stylizer, tmp_path / name))

    flipped = broken("flipped") / "gatys" / "weights.safetensors"
    data = bytearray(flipped.read_bytes())
    data[-1] ^= 1
    flipped.write_bytes(data)
    with pytest.raises(ModelUnusable, match="was changed"):
        model_folder.read(flipped.parents[1])
    with pytest.raises(artifact.StylizerCorrupt, match="was changed"):
        artifact.read(flipped.parents[1])
    more = broken("more")
    (more / "fast" / "code.py").write_text("print()")
    with pytest.raises(ModelUnusable, match="is not part of the artifact"):
        load(model_folder.read(more), Settings(model=more))
    with pytest.raises(ModelUnusable, match="cannot paint by oil"):
        load(model_folder.read(stylizer), Settings(model=stylizer, methods=("oil",)))
