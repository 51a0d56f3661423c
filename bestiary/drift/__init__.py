"""Watching what an endpoint is sent and what it says: capture, baselines and drift."""

from bestiary.drift.baseline import Baseline, Limits
from bestiary.drift.errors import UnusableBaseline, UnusableWindow
from bestiary.drift.monitoring import Result, Verdict, Violation, monitor
from bestiary.drift.window import Window

__all__ = [
    "Baseline",
    "Limits",
    "Result",
    "UnusableBaseline",
    "UnusableWindow",
    "Verdict",
    "Violation",
    "Window",
    "monitor",
]
