"""The state of a training after each epoch, from which an interrupted one goes on to the same weights."""

from __future__ import annotations

import json
import time
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bestiary.classifiers.recipe import Epoch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import keras

    from bestiary.classifiers.recipe import Report

FILE = "training.safetensors"
SHARE = 0.02
"""Of its time, what a training may spend on keeping its state."""


@dataclass
class _Pace:
    """When the state is next kept."""

    due: float = 0.0


@dataclass(frozen=True)
class Checkpoints:
    """Where one training keeps its state.

    Attributes
    ----------
    folder
        SageMaker copies what is in it to S3, and back before an interrupted job begins again.
    training
        Names what is trained: settings and photos. A state of another training is not gone on from.
    writes
        Whether this host keeps it; of several hosts one does, and all go on from it.
    share
        Of the time, what keeping it may take at most: a network of 79 MB with its averages is kept every 20 s
        or so, a small one after every epoch.
    """

    folder: Path
    training: str
    writes: bool = True
    share: float = SHARE
    _pace: _Pace = field(default_factory=_Pace, init=False, repr=False, compare=False)

    def restore(self, variables: Sequence[keras.Variable], report: Report) -> tuple[Epoch, ...]:
        """Give the variables of a network and its optimizer the values that were kept.

        Parameters
        ----------
        variables
            All that changes while it is trained, generators of dropout among them.
        report
            Told from where it goes on, or why it does not.

        Returns
        -------
        tuple of Epoch
            The epochs that are done; none where nothing was kept.
        """
        if not (self.folder / FILE).exists():
            return ()
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.folder / FILE, "numpy") as kept:
                about = json.loads(kept.metadata()["state"])
                if about["training"] != self.training:
                    report("warning: the checkpoint is of another training, this one begins anew")
                    return ()
                values = [kept.get_tensor(name) for name in _names(variables)]
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            report(f"warning: {FILE} is no checkpoint, training begins anew: {error}")
            return ()
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)
        history = tuple(Epoch(*figures) for figures in about["history"])
        report(f"training goes on from its checkpoint, after epoch {len(history)}")
        return history

    def save(self, variables: Sequence[keras.Variable], history: Sequence[Epoch]) -> None:
        """Keep the variables' values, if it is time; a reader, or a crash, sees the old file or the new."""
        began = time.monotonic()
        if not self.writes or began < self._pace.due:
            return
        from safetensors.numpy import save

        state = {"training": self.training, "history": [astuple(epoch) for epoch in history]}
        values = {
            name: np.asarray(variable.numpy())
            for name, variable in zip(_names(variables), variables, strict=True)
        }
        new = self.folder / f".{FILE}"
        new.write_bytes(save(values, {"state": json.dumps(state)}))
        new.replace(self.folder / FILE)
        ended = time.monotonic()
        self._pace.due = ended + (ended - began) / self.share

    def forget(self) -> None:
        """Remove the state of a training that is done: nobody goes on from it."""
        if self.writes:
            (self.folder / FILE).unlink(missing_ok=True)


def _names(variables: Sequence[keras.Variable]) -> list[str]:
    # Without paths: Keras numbers layers through the life of a process.
    return [f"{place}:{variable.name}:{tuple(variable.shape)}" for place, variable in enumerate(variables)]
