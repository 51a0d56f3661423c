"""What the environment may say."""

import os
from pathlib import Path

import pytest

from inference.settings import MEGABYTE, SettingsError, from_environment


def test_an_empty_environment_gives_sagemaker_s_own_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAGEMAKER_BASE_DIR", raising=False)
    settings = from_environment({})
    assert (Path("/opt/ml/model"), 8080, "0.0.0.0") == (  # noqa: S104 - as SageMaker wants it
        settings.model,
        settings.port,
        settings.host,
    )
    assert settings.body_bytes == 6 * MEGABYTE
    assert settings.threads == len(os.sched_getaffinity(0))


def test_everything_can_be_set() -> None:
    settings = from_environment(
        {
            "SAGEMAKER_BIND_TO_PORT": "9001",
            "SAGEMAKER_MAX_PAYLOAD_IN_MB": "100",
            "BESTIARY_BATCH": "16",
            "BESTIARY_BATCH_WAIT_MS": "0",
            "BESTIARY_RUNTIME": "tensorflow",
            "BESTIARY_CACHE": "/cache",
            "BESTIARY_MODEL_VERSION": "12",
        }
    )
    assert (
        settings.port,
        settings.batch,
        settings.wait,
        settings.runtime,
        settings.version,
    ) == (9001, 16, 0.0, "tensorflow", "12")
    assert Path("/cache") == settings.cache
    assert settings.queue_bytes >= settings.body_bytes == 100 * MEGABYTE


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "٣", "1e3", " 3", "99999999999999999999"])
def test_a_number_that_is_none_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=r"BESTIARY_BATCH must be a whole number from 1 to 64, not"):
        from_environment({"BESTIARY_BATCH": value})


def test_an_unknown_runtime_is_named() -> None:
    with pytest.raises(SettingsError, match=r"BESTIARY_RUNTIME must be one of auto, litert, tensorflow"):
        from_environment({"BESTIARY_RUNTIME": "onnx"})
