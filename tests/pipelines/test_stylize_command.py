"""``bestiary stylize`` and ``bestiary style-report``, as people type them."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path

import pytest
from command_line import CommandLine, QuickCommandLine
from PIL import Image

sys.path.append(str(Path(__file__).parents[1] / "bestiary"))
from style_models import network, photo, saved_pair, stripes

LAYERS = ("--content-layers", "three", "--style-layers", "one,two")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo, two paintings, a feature network and a TFLite pair."""
    made = tmp_path_factory.mktemp("stylize")
    Image.fromarray(photo(120, 80)).save(made / "duck.jpg", quality=95)
    Image.fromarray(stripes()).save(made / "stripes.png")
    Image.fromarray(photo(seed=7)).save(made / "blots.png")
    network().save(made / "small.keras")
    (made / "pair").mkdir()
    saved_pair(made / "pair")
    return made


@pytest.fixture(scope="module")
def bestiary(tmp_path_factory: pytest.TempPathFactory) -> QuickCommandLine:
    return QuickCommandLine(tmp_path_factory.mktemp("home"))


def gatys(folder: Path, out: str, *more: str) -> list[str]:
    words = ["stylize", str(folder / "duck.jpg"), f"{folder / 'stripes.png'}:2", str(folder / "blots.png")]
    words += ["--method", "gatys", "--features", str(folder / "small.keras"), *LAYERS]
    return [*words, "--size", "64", "--steps", "12", "--out", str(folder / out), *more]


def test_gatys_paints_and_tells_its_losses(bestiary: QuickCommandLine, folder: Path):
    """The picture has the size asked for, and every step's losses are in the answer."""
    answer = bestiary.json(*gatys(folder, "painted.png", "--seed", "3"))
    assert str(folder / "painted.png") == answer["out"]
    assert (64, 43) == Image.open(answer["out"]).size
    assert list(range(1, 13)) == [loss["step"] for loss in answer["losses"]]
    assert {"step", "content", "style", "total"} <= set(answer["losses"][0])
    assert answer["losses"][-1]["total"] < answer["losses"][0]["total"]
    assert answer["seconds"] > 0


def test_fast_paints_with_a_folder_of_tflite_files(bestiary: QuickCommandLine, folder: Path):
    """No step is taken, no loss is told; style vectors are kept at home."""
    words = ["stylize", str(folder / "duck.jpg"), str(folder / "stripes.png"), "--strength", "0.7"]
    answer = bestiary.json(*words, "--model", str(folder / "pair"), "--out", str(folder / "fast.jpg"))
    assert (512, 341) == Image.open(answer["out"]).size
    assert [] == answer["losses"]
    assert 2 == len(list((bestiary.home / "cache" / "style-vectors").glob("*.npy")))


def test_compare_writes_one_page_and_both_pictures(bestiary: QuickCommandLine, folder: Path):
    """The page holds both results; the pictures lie beside it, and the snapshots that were asked for."""
    words = [*gatys(folder, "both.html", "--compare", "--every", "6"), "--model", str(folder / "pair")]
    answer = bestiary.json(*words)
    assert {"fast", "gatys"} == set(answer["methods"])
    assert (64, 43) == Image.open(folder / "both-gatys.png").size == Image.open(folder / "both-fast.png").size
    page = Path(answer["out"]).read_text("utf-8")
    assert "duck in the manner of stripes and blots" in page
    assert "67 % of the style" in page
    assert 12 == len(answer["losses"])
    assert (folder / "both.steps" / "contact-sheet.png").exists()


def test_a_style_report_has_a_row_for_each_painting_and_method(bestiary: QuickCommandLine, folder: Path):
    """Five pictures a row, from content-heavy to style-heavy."""
    words = ["style-report", str(folder / "duck.jpg"), str(folder / "stripes.png"), "--steps", "2"]
    words += ["--size", "48", "--features", str(folder / "small.keras"), *LAYERS]
    answer = bestiary.json(*words, "--model", str(folder / "pair"), "--out", str(folder / "report.html"))
    page = Path(answer["out"]).read_text("utf-8")
    assert 12 == page.count("<img ")
    assert page.index("style 0.5<") < page.index("style 8<") < page.index("style 128<")
    assert "strength 0.2" in page


def test_an_interrupted_painting_goes_on(folder: Path, tmp_path: Path):
    """Ctrl-C says how to go on, and the resumed picture is that of a run nobody interrupted."""
    shell = CommandLine(tmp_path)
    words = gatys(folder, "long.png", "--every", "2")
    words[words.index("--steps") + 1] = "60"
    words[words.index("--size") + 1] = "256"
    process = shell.start(*words)
    deadline = time.monotonic() + 120
    while not (folder / "long.steps" / "state.npz").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert 1 == process.returncode
    assert "the same command with --resume goes on" in said
    assert not (folder / "long.png").exists()
    before = json.loads((folder / "long.steps" / "losses.json").read_text())
    resumed = QuickCommandLine(tmp_path).json(*words, "--resume")
    assert before == [
        {key: loss[key] for key in ("step", "side", "content", "style", "total")}
        for loss in resumed["losses"][: len(before)]
    ]
    assert (folder / "long.steps" / "contact-sheet.png").exists()


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (["--out", "x.tiff"], 1, "pictures are written as .jpeg, .jpg, .png, .webp"),
        (["--out", "no/such/folder/x.png"], 2, "there is no folder"),
        (["--compare"], 2, "this writes a page, so name a .html file"),
        (["--style-layers", "nine"], 1, "has no layer 'nine'; it has"),
        (["--layer-weight", "one=much"], 2, "it is LAYER=WEIGHT"),
        (["--style-weight", "-1"], 1, "the weight of style is -1"),
        (["--method", "oil"], 2, "fast"),
        (["--resume"], 1, "state.npz is not there"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    bestiary: QuickCommandLine, folder: Path, change: list[str], code: int, words: str
):
    """What, where and what to do; nothing is written."""
    done = bestiary(*gatys(folder, "never.png"), *change)
    assert code == done.returncode, done.stderr
    assert words in done.stderr
    assert not (folder / "never.png").exists()


def test_pictures_that_are_none_are_named(bestiary: QuickCommandLine, folder: Path):
    """A text file, a file that is not there, a negative weight: each its own line."""
    (folder / "notes.jpg").write_text("not a picture")
    for words, said in (
        ([str(folder / "notes.jpg"), str(folder / "stripes.png")], "notes.jpg: not an image"),
        ([str(folder / "duck.jpg"), "nowhere.png"], "nowhere.png: there is no such file"),
        ([str(folder / "duck.jpg"), f"{folder / 'stripes.png'}:-1"], "is a number from 0 up"),
    ):
        done = bestiary(
            "stylize", *words, "--model", str(folder / "pair"), "--out", str(folder / "never.png")
        )
        assert done.returncode
        assert said in done.stderr


def test_a_model_in_s3_is_fetched(bestiary: QuickCommandLine, folder: Path):
    """A folder of S3 paints as the same folder on disk."""
    bestiary("local", "start")
    s3 = bestiary.client("s3")
    s3.create_bucket(Bucket="models")
    for path in (folder / "pair").iterdir():
        s3.upload_file(str(path), "models", f"fast/{path.name}")
    words = ["stylize", str(folder / "duck.jpg"), str(folder / "stripes.png"), "--size", "64"]
    try:
        here = bestiary(*words, "--model", str(folder / "pair"), "--out", str(folder / "here.png"))
        there = bestiary(*words, "--model", "s3://models/fast", "--out", str(folder / "there.png"))
        assert (0, 0) == (here.returncode, there.returncode), there.stderr
        assert (folder / "here.png").read_bytes() == (folder / "there.png").read_bytes()
    finally:
        bestiary("local", "stop")
