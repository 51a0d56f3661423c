"""``bestiary`` as its users type it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3

from pipelines.cli import main

ROOT = Path(__file__).parents[2]
# Small enough for a test, with every step that the default has.
SMALL = ["--set", "Epochs=2", "--set", "ImageSize=32", "--set", "TransferImageSize=64"]


@dataclass(frozen=True)
class CommandLine:
    """``bestiary`` as an ordinary user types it, with its own home and no AWS settings."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        nowhere = {"HOME": str(self.home / "user"), "AWS_CONFIG_FILE": "/dev/null", "COLUMNS": "160"}
        return {**kept, **nowhere, "BESTIARY_HOME": str(self.home)}

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Begin a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines", *words],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=280)
        return subprocess.CompletedProcess(list(words), process.returncode, out, err)

    def json(self, *words: str) -> Any:
        """Run a command with ``--json`` and read its answer, whatever the exit code."""
        done = self(*words, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    @property
    def endpoint_url(self) -> str:
        return self.json("local", "status")["endpoint_url"]

    def client(self, service: str) -> Any:
        """Make a boto3 client of the local SageMaker, as anybody would."""
        return boto3.client(
            service,
            endpoint_url=self.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    def aws(self, *words: str) -> Any:
        """Run the AWS CLI with what ``bestiary local env`` prints, and read its answer."""
        exports = self("local", "env").stdout
        command = f'eval "$0"; exec "{Path(sys.executable).parent}/aws" --output json "$@"'
        done = subprocess.run(
            ["bash", "-c", command, exports, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout


@dataclass(frozen=True)
class QuickCommandLine(CommandLine):
    """The same without a new process for every command, which would take longer than the command."""

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        code: object = 0
        with (
            patch.dict(os.environ, self.environment, clear=True),
            patch.object(sys, "argv", ["bestiary", *words]),
            patch.object(sys, "stdin", io.StringIO()),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
        return subprocess.CompletedProcess(list(words), int(str(code or 0)), out.getvalue(), err.getvalue())
