"""Equal runs give equal bytes, and TensorFlow starts without a word."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def begin(seed: int) -> None:
    """Import TensorFlow quietly and make everything after this call repeatable.

    Seeds Python's, NumPy's and TensorFlow's generators and asks for kernels that add up in a fixed order.
    Sums over two threads still differ from sums over one in the last bit, so there are as many threads as the
    machine has processors, even where this process may not use them all (``TF_NUM_INTRAOP_THREADS`` sets
    another number). On a GPU, memory is taken as needed, so that training jobs can share it. To be called
    once, before a network is built.

    Parameters
    ----------
    seed
        0 to 2³²-1.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(os.cpu_count() or 1))
    with silence(), _unseen("matplotlib", "pandas", "sklearn"), _uncollected():
        import keras
        import tensorflow as tf

        tf.config.list_physical_devices()
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextmanager
def _unseen(*packages: str) -> Iterator[None]:
    # Keras loads them where they are, for parts that nothing here uses: a third of its start.
    hidden = [package for package in packages if package not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: cannot be imported
    try:
        yield
    finally:
        for package in hidden:
            del sys.modules[package]


@contextmanager
def _uncollected() -> Iterator[None]:
    # The collector goes through what TensorFlow makes again and again, and once more at the end, to find that
    # it is all in use: another third of a process that only starts.
    if "tensorflow" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def silence() -> Iterator[None]:
    """Hold back what native code writes to stderr while it is loaded; no variable turns all of that off."""
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
