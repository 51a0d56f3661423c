"""Convert a classifier's network for LiteRT, and check that it still gives the same scores.

    python -m inference.runtimes.convert ARTIFACT FILE

The same artifact gives the same bytes.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.classifiers import artifact, reproducible
from bestiary.classifiers.embedding import LEAST, with_embedding
from inference.runtimes.conversion import NEVER
from inference.runtimes.litert import LiteRT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras

    from bestiary.classifiers.classifier import Classifier

TOLERANCE = 1e-4
"""How far a score may be from Keras's own; 1e-6 is usual."""


class Different(Exception):  # noqa: N818 - it names what was found
    """The converted network does not do what the original does."""


def convert(classifier: Classifier) -> bytes:
    """Return the network in LiteRT's format, float32, for any number of photos.

    Takes float32 (N, S, S, 3) of 0 to 255, gives float32 (N, C + E): scores, and what the
    network sees.
    """
    import tensorflow as tf

    network, side = with_embedding(classifier.network), classifier.preprocessing.size
    images = tf.TensorSpec((None, side, side, 3), tf.float32)
    score = tf.function(lambda images: network(images, training=False), input_signature=[images])

    with _lengths_that_may_be_nought(network):
        traced = score.get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced], network)
    # The way through a SavedModel takes several times as long and keeps the weights as variables.
    converter.experimental_lower_to_saved_model = False
    file: bytes = converter.convert()
    return file


@contextlib.contextmanager
def _lengths_that_may_be_nought(network: keras.Model) -> Iterator[None]:
    """Let ``UnitNormalization`` divide: the operator that LiteRT has for it gives no number for noughts."""
    import keras

    def divided(layer: keras.layers.UnitNormalization, features: Any) -> Any:  # noqa: ANN401 - tensors
        squares = keras.ops.sum(keras.ops.square(features), axis=layer.axis, keepdims=True)
        return features / keras.ops.maximum(keras.ops.sqrt(squares), LEAST)

    found = [each for each in network.layers if isinstance(each, keras.layers.UnitNormalization)]
    for layer in found:
        layer.call = partial(divided, layer)
    try:
        yield
    finally:
        for layer in found:
            del layer.call


def check(classifier: Classifier, file: Path) -> None:
    """Compare the converted network with the original on noise and on flat colours.

    Raises
    ------
    Different
        They are further apart than `TOLERANCE`.
    """
    side = classifier.preprocessing.size
    photos = np.random.default_rng(0).integers(0, 256, (4, side, side, 3), np.uint8)
    photos[2], photos[3] = 0, 255
    expected = np.asarray(with_embedding(classifier.network)(photos.astype(np.float32), training=False))
    apart = float(np.abs(LiteRT(file, 1)(photos) - expected).max())
    if not apart <= TOLERANCE:
        raise Different(
            f"the converted network's scores are {apart:.1e} from Keras's, the most allowed is {TOLERANCE}"
        )


def main() -> None:
    """Read the command line, convert and check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("artifact", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    reproducible.begin(0)
    from tensorflow.lite.python.convert_phase import ConverterError

    try:
        classifier = artifact.load(arguments.artifact)
        arguments.file.write_bytes(convert(classifier))
        check(classifier, arguments.file)
    except Exception as error:  # noqa: BLE001 - the converter raises whatever its passes do
        sys.stderr.write(f"{type(error).__name__}: {' '.join(str(error).split())[:500]}\n")
        # Whatever else it was, a full disk or memory, may have passed by the next start.
        sys.exit(NEVER if isinstance(error, Different | ConverterError) else 1)


if __name__ == "__main__":
    main()
