"""What the SageMaker SDK is told before it talks to a local SageMaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SILENT = "SchemaVersion: '1.0'\nSageMaker: {PythonSDK: {Modules: {TelemetryOptOut: true}}}\n"


def environment(folder: Path) -> dict[str, str]:
    """Write a configuration that sends nothing home, and return the variables that name it."""
    file = folder / "sdk.yaml"
    file.write_text(_SILENT)
    return {"SAGEMAKER_USER_CONFIG_OVERRIDE": str(file), "SAGEMAKER_VALIDATE_ROLE": "false"}
