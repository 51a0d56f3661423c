"""Networks run by LiteRT, TensorFlow Lite's successor, with XNNPACK's kernels for CPUs."""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

if TYPE_CHECKING:
    from inference.runtimes import Network

MAPPINGS = Path("/proc/self/maps")


class LiteRT:
    """A converted network; for one thread at a time.

    Parameters
    ----------
    file
        What `inference.runtimes.convert` wrote.
    threads
        How many compute one batch.
    """

    def __init__(self, file: Path, threads: int) -> None:
        self._interpreter = Interpreter(model_path=str(file), num_threads=threads)
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._output = self._interpreter.get_output_details()[0]["index"]
        self._photos = 0

    def __call__(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Score uint8 (N, S, S, 3)."""
        if len(images) != self._photos:
            self._interpreter.resize_tensor_input(self._input, images.shape)
            self._interpreter.allocate_tensors()
            self._photos = len(images)
        self._interpreter.set_tensor(self._input, images.astype(np.float32))
        self._interpreter.invoke()
        scores: npt.NDArray[np.float32] = self._interpreter.get_tensor(self._output)
        return scores

    @property
    def side(self) -> int:
        """Side of the square photos that the network takes, in pixels."""
        return int(self._interpreter.get_input_details()[0]["shape"][1])


def load(file: Path, threads: int, batch: int) -> Network:
    """Load a converted network and make sure that a photo's scores do not depend on its batch.

    XNNPACK adds up in the same order for every row, so they do not, on the processors where this was
    measured. It is no promise of the library's; where it does not hold, photos are scored one by one.

    Parameters
    ----------
    file
        The converted network.
    threads
        How many compute one batch.
    batch
        Size of the largest batch.
    """
    network = LiteRT(file, threads)
    photos = np.random.default_rng(0).integers(0, 256, (batch, network.side, network.side, 3), np.uint8)
    together = network(photos)
    steady = all(np.array_equal(together[[row]], network(photos[[row]])) for row in {0, batch - 1})
    _give_back(file)
    return network if steady else one_by_one(network)


def one_by_one(network: Network) -> Network:
    """Return a network that scores each photo of a batch alone."""

    def run(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        return np.concatenate([network(image[np.newaxis]) for image in images])

    return run


def _give_back(file: Path) -> None:
    """Let go of the file's pages in memory, a quarter of what an endpoint with EfficientNetB3 holds.

    XNNPACK has packed the weights into memory of its own by now. A page that is read again after all comes
    back by itself.
    """
    for line in MAPPINGS.read_text().splitlines() if MAPPINGS.exists() else ():
        if line.endswith(f" {file.resolve()}"):
            start, end = (int(address, 16) for address in line.split()[0].split("-"))
            library = ctypes.CDLL(None)
            library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)
