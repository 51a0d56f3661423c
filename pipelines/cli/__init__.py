"""The command line: what people type, and what it answers."""

from __future__ import annotations

from pipelines.cli.app import main

__all__ = ["main"]
