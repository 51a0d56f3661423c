"""The container contract: where things are, and how a job says why it failed."""

import json
from pathlib import Path

import pytest

from bestiary import container


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


def test_the_root_is_opt_ml_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_BASE_DIR", raising=False)
    assert str(container.model_dir()) == "/opt/ml/model"


def test_every_path_follows_the_base_directory(base: Path) -> None:
    assert base / "processing/input/data" == container.processing_input("data")
    assert base / "processing/output/train" == container.processing_output("train")
    assert base / "input/data/train" == container.channel("train")
    assert base / "model" == container.model_dir()
    assert base / "output/data" == container.output_data_dir()


def test_hyperparameters_are_strings_and_may_be_missing(base: Path) -> None:
    assert container.hyperparameters() == {}
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps({"epochs": "3", "seed": 7}))
    assert container.hyperparameters() == {"epochs": "3", "seed": "7"}


def test_hyperparameters_of_another_shape_are_refused(base: Path) -> None:
    config = base / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text("[1]")
    with pytest.raises(ValueError, match="must hold a JSON object"):
        container.hyperparameters()


def test_failing_leaves_one_line_everywhere_and_exits_with_one(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        container.fail("the data is\n gone")
    assert stopped.value.code == 1
    assert capsys.readouterr().err == "error: the data is gone\n"
    assert (base / "output/failure").read_text() == "the data is gone"
    assert (base / "output/message").read_text() == "the data is gone"


def test_a_long_reason_is_cut_without_breaking_a_character(base: Path) -> None:
    with pytest.raises(SystemExit):
        container.fail("ü" * 3000)
    assert len((base / "output/failure").read_text(encoding="utf-8")) == 1024
    assert (base / "output/message").read_bytes().decode() == "ü" * 512


def test_a_reason_that_cannot_be_written_still_reaches_stderr(
    base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (base / "output").write_text("a file where the folder should be")
    with pytest.raises(SystemExit):
        container.fail("no space left")
    assert capsys.readouterr().err.startswith("error: no space left\nerror: the reason could not be written")


def test_a_wrong_argument_is_a_failure_reason(base: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parser = container.Arguments(prog="some.job")
    parser.add_argument("--seed", type=int)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--seed", "x"])
    assert stopped.value.code == 1
    assert "some.job: argument --seed" in (base / "output/failure").read_text()
