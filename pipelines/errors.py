"""What may go wrong for an operator, each turned into one line by the command line."""

from __future__ import annotations


class OperatorError(Exception):
    """It ran and the answer is no: one line that says what, where and what to do (exit code 1)."""

    exit_code = 1


class UsageError(OperatorError):
    """The command was given something it cannot use (exit code 2)."""

    exit_code = 2
