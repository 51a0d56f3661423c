"""``bestiary poster``: from photos to a page, with the endpoint's word for the animal or a person's."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from command_line import QuickCommandLine
from picture_servers import Authority, sends, serving
from PIL import Image
from toy_versions import BUCKET, Account

from bestiary.sample import draw_photo
from bestiary.style import fast
from pipelines.classification.answers import Answer
from pipelines.cli import main, poster
from pipelines.pictures import read_picture
from pipelines.posters import naming


@pytest.fixture
def alone(tmp_path: Path) -> QuickCommandLine:
    """Return a command line with nothing behind it: what it asks no endpoint for needs none."""
    return QuickCommandLine(tmp_path / "home")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "camera 1.jpg"
    path.write_bytes(draw_photo("panda", 1, 256))
    return path


def text_of(path: Path) -> str:
    return " ".join(pdfium.PdfDocument(path)[0].get_textpage().get_text_bounded().split())


def test_without_a_serving_version_it_says_what_to_do(account: Account, photo: Path) -> None:
    done = account.bestiary("poster", str(photo), "--out", str(photo.parent / "a.pdf"))
    assert done.returncode == 1
    assert "bestiary deploy, or say --species NAME" in done.stderr


def test_a_photo_is_classified_by_the_endpoint_and_laid_out(account: Account, tmp_path: Path) -> None:
    """From a file and from S3; what the endpoint says is on the poster and in the answer."""
    account.bestiary.json("deploy", str(account.toy()), "--strategy", "all-at-once", "--wait", "0")
    file = tmp_path / "a.jpg"
    file.write_bytes(draw_photo("bear", 1, 256))
    account.client("s3").put_object(Bucket=BUCKET, Key="new/b.jpg", Body=draw_photo("bear", 2, 256))
    out = tmp_path / "poster.pdf"
    photos = [str(file), f"s3://{BUCKET}/new/b.jpg"]
    answer = account.bestiary.json("poster", *photos, "--out", str(out), "--url", "https://example.org")
    assert (str(out), ["bear"]) == (answer["out"], answer["species"])
    assert photos == [picture["file"] for picture in answer["pictures"]]
    assert [1.0, 1.0] == [picture["confidence"] for picture in answer["pictures"]]
    assert "Bear Ursidae" in text_of(out)


def test_a_named_animal_needs_no_endpoint(alone: QuickCommandLine, photo: Path) -> None:
    out = photo.parent / "poster.png"
    words = ["poster", str(photo), "--species", "Großer Panda", "--lang", "de", "--size", "square"]
    answer = alone.json(*words, "--layout", "plate", "--out", str(out))
    assert ["panda"] == answer["species"]
    assert "Großer Panda" == answer["pictures"][0]["common_name"]
    assert (2160, 2160) == Image.open(out).size
    assert not (photo.parent / "home").exists()


def test_several_photos_are_named_one_by_one(alone: QuickCommandLine, photo: Path) -> None:
    out = photo.parent / "poster.pdf"
    done = alone(
        "poster", str(photo), str(photo), "--species", "panda", "--species", "red panda", "--out", str(out)
    )
    assert done.returncode == 0, done.stderr
    assert "Giant panda (Vulnerable), Red panda (Status not on file)" in done.stdout
    assert "dots an inch on this page" in done.stderr
    assert "They live here too" in text_of(out)


class Terminal(io.StringIO):
    """A person at a terminal, who types this."""

    def isatty(self) -> bool:
        return True


def ask(photo: Path, typed: io.StringIO, monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, Path]:
    """Make a poster of a photo that the endpoint is not sure about."""
    answer = Answer(
        str(photo),
        "panda",
        "giant panda",
        "Ailuropoda melanoleuca",
        0.43,
        {"panda": 0.43, "bear": 0.31, "cat": 0.2},
    )
    monkeypatch.setattr(naming, "name_animals", lambda _place, pictures: dict.fromkeys(pictures, answer))
    monkeypatch.setattr(poster, "open_place", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", typed)
    out = photo.parent / "poster.pdf"
    monkeypatch.setattr(sys, "argv", ["bestiary", "poster", str(photo), "--out", str(out), *words])
    try:
        main()
    except SystemExit as stop:
        return int(str(stop.code or 0)), out
    return 0, out


def test_a_doubtful_animal_is_not_named_without_a_person(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = ask(photo, io.StringIO("y\n"), monkeypatch)
    assert code == 1
    assert not out.exists()
    line = capsys.readouterr().err
    assert f"{photo}: a giant panda? only 0.43 sure (bear 0.31, cat 0.20): say --species NAME" in line


@pytest.mark.parametrize(
    ("typed", "animal"),
    [("y", "Giant panda"), ("bear", "Bear Ursidae"), ("Ursidae", "Bear Ursidae"), ("n", "")],
)
def test_a_person_is_asked_about_a_doubtful_animal(
    photo: Path, monkeypatch: pytest.MonkeyPatch, typed: str, animal: str
) -> None:
    code, out = ask(photo, Terminal(f"{typed}\n"), monkeypatch)
    assert bool(animal) == (code == 0) == out.exists()
    if animal:
        assert animal in text_of(out)


def test_how_sure_is_sure_enough_can_be_said(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out = ask(photo, io.StringIO(), monkeypatch, "--sure", "0.4")
    assert code == 0
    assert "Giant panda" in text_of(out)


def test_a_photo_comes_from_the_web(
    alone: QuickCommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Authority.make(tmp_path), {"/a.jpg": sends(draw_photo("duck", 1, 256))}) as server:
        monkeypatch.setattr(
            poster, "read_picture", lambda where, place: read_picture(where, place, server.web())
        )
        out = tmp_path / "poster.pdf"
        answer = alone.json("poster", server.url("/a.jpg"), "--species", "duck", "--out", str(out))
    assert ["duck"] == answer["species"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--out", "a.jpg"], "a poster is a .pdf or a .png"),
        (["--out", "nowhere/a.pdf"], "there is no folder nowhere"),
        (["--out", "a.pdf", "--size", "a5"], "a4, a3, square"),
        (["--out", "a.pdf", "--layout", "big"], "full, plate, band"),
        (["--out", "a.pdf", "--lang", "tlh"], "--lang tlh: it is one of ar, de"),
        (["--out", "a.pdf", "--species", "a", "--species", "b"], "2 times for 1 photos"),
        (["--out", "a.pdf", "--species", "cat", "--url", "example.org"], "must be one of https"),
        (["--out", "a.pdf", "--species", "cat", "--style", "gone.jpg"], "gone.jpg: there is no such file"),
    ],
)
def test_what_is_used_wrongly_is_said_before_any_work(
    alone: QuickCommandLine,
    photo: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    why: str,
) -> None:
    monkeypatch.chdir(photo.parent)
    done = alone("poster", str(photo), *words)
    assert (2, "") == (done.returncode, done.stdout)
    assert why in done.stderr
    assert {"camera 1.jpg"} == {path.name for path in photo.parent.iterdir()}


def test_a_large_photo_is_sent_smaller_to_the_endpoint(tmp_path: Path) -> None:
    """An endpoint takes 6 MB; no model looks at that many pixels."""
    noise = Image.effect_noise((2600, 2200), 90).convert("RGB")
    file = io.BytesIO()
    noise.save(file, "PNG", compress_level=0)
    data = file.getvalue()
    assert len(data) > 6_300_000
    held = naming._Held("a.png", len(data), "", data)  # noqa: SLF001 - what is sent is nowhere else to be seen
    place: Any = None
    sent = held.read(place)
    assert len(sent) < 6_000_000
    assert 2048 == max(Image.open(io.BytesIO(sent)).size)
    small = naming._Held("b.jpg", 3, "", b"abc")  # noqa: SLF001
    assert b"abc" == small.read(place)


class Tint:
    """The least that can paint: all of a photo turns into the painting's mean colour, half and half."""

    digest = "tint"
    style_side = 16
    multiple = 4

    def vector(self, style: Any) -> Any:
        return style.mean(axis=(0, 1))

    def transform(self, content: Any, vector: Any) -> Any:
        return (content + vector) / 2


def test_a_photo_is_painted_before_it_is_laid_out(
    alone: QuickCommandLine, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast, "read", lambda _where: Tint())
    painting = photo.parent / "blue.png"
    Image.new("RGB", (40, 40), (0, 0, 255)).save(painting)
    out = photo.parent / "poster.png"
    words = [
        "poster",
        str(photo),
        "--species",
        "panda",
        "--size",
        "square",
        "--layout",
        "band",
        "--out",
        str(out),
    ]
    alone.json(*words)
    plain = Image.open(out).convert("RGB").crop((1100, 0, 2160, 2160)).resize((1, 1)).getpixel((0, 0))
    alone.json(*words, "--style", f"{painting}:2")
    red, green, blue = (
        Image.open(out).convert("RGB").crop((1100, 0, 2160, 2160)).resize((1, 1)).getpixel((0, 0))
    )
    assert blue > plain[2] + 40
    assert red < plain[0]
    assert green < plain[1]
