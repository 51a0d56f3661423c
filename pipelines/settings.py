"""Where an operator's commands act and where they keep things."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.errors import UsageError

CODE = Path(__file__).resolve().parent.parent

Where = Literal["local", "aws"]


@dataclass(frozen=True)
class Settings:
    """Read once, at the edge.

    Attributes
    ----------
    where
        ``local`` for the local SageMaker, ``aws`` for the account that the AWS settings name.
    home
        Folder of all local state; nothing is written elsewhere.
    region
        AWS region.
    """

    where: Where
    home: Path
    region: str

    @classmethod
    def read(cls, where: str | None = None) -> Settings:
        """Read ``--where`` and the environment: BESTIARY_WHERE, BESTIARY_HOME, AWS_DEFAULT_REGION.

        Raises
        ------
        UsageError
            Where the place is neither ``local`` nor ``aws``.
        """
        chosen = where or os.environ.get("BESTIARY_WHERE") or "local"
        home = Path(os.environ.get("BESTIARY_HOME") or CODE / ".bestiary").expanduser().absolute()
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"
        if chosen == "local":
            return cls("local", home, "us-east-1")
        if chosen == "aws":
            return cls("aws", home, region)
        raise UsageError(f"--where {chosen}: it is local or aws")
