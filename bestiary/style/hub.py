"""The arbitrary-stylization module of TensorFlow Hub (Ghiasi et al. 2017), whole or taken apart."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bestiary.style.errors import CannotStylize

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

HANDLE = "https://tfhub.dev/google/magenta/arbitrary-image-stylization-v1-256/2"
_VECTOR = 100


class Module:
    """The module's predictor and transformer.

    Published is only the whole, from a photo and a painting to a picture. What lies between, the style
    vector, is found in its graph, so that it can be kept and mixed.

    Parameters
    ----------
    where
        A handle of TensorFlow Hub or Kaggle, or a folder with the SavedModel.
    """

    multiple = 4
    style_side = 256

    def __init__(self, where: str) -> None:
        # Held until it is frozen: its variables go with it.
        loaded = _loaded(where)
        self._predict, self._transform = _parted(loaded.signatures["serving_default"], where)
        self.digest = _digest(where)

    def vector(self, style: Floats) -> Floats:
        """Return the style vector of float32 (S, S, 3) of 0 to 1."""
        import tensorflow as tf

        return np.asarray(self._predict(tf.constant(style[np.newaxis])), np.float32).ravel()

    def transform(self, content: Floats, vector: Floats) -> Floats:
        """Paint float32 (H, W, 3) of 0 to 1; returns the same kind."""
        import tensorflow as tf

        given = tf.constant(vector.reshape(1, 1, 1, _VECTOR))
        return np.array(self._transform(tf.constant(content[np.newaxis]), given)[0], np.float32)


def _loaded(where: str) -> Any:  # noqa: ANN401 - TensorFlow makes it at run time
    try:
        loaded = _loader(where)(where)
    except CannotStylize:
        raise
    except Exception as error:  # whatever the network, the archive or the SavedModel does
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise CannotStylize(
            f"the stylization module {where} cannot be had: {reason}. Name a folder that holds it, or the "
            "TFLite pair, with --model"
        ) from error
    if "serving_default" not in loaded.signatures:
        raise CannotStylize(f"{where} has no signature serving_default: it is no stylization module")
    return loaded


def _loader(where: str) -> Callable[[str], Any]:
    try:
        with warnings.catch_warnings():
            # Its own, about a package of its own.
            warnings.simplefilter("ignore", UserWarning)
            import tensorflow_hub
    except ImportError as error:
        if not Path(where).is_dir():
            raise CannotStylize(
                f"{where} needs the packages tensorflow-hub, tf-keras and setuptools<81 ({error}); "
                "a folder with it, or with the TFLite pair, does not: name one with --model"
            ) from error
        import tensorflow as tf

        # The very call that tensorflow_hub makes for a folder.
        load: Callable[[str], Any] = tf.saved_model.load
        return load
    found: Callable[[str], Any] = tensorflow_hub.load
    return found


def _parted(signature: Any, where: str) -> tuple[Callable[..., Any], Callable[..., Any]]:  # noqa: ANN401
    """Cut the whole where the style vector passes."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    frozen = convert_variables_to_constants_v2(signature)
    inputs = sorted((one.name for one in frozen.inputs if one.dtype == tf.float32), key=len)
    if len(inputs) != 2:
        raise CannotStylize(f"{where} takes {len(inputs)} pictures: a stylization module takes two")
    # The published one calls them placeholder and placeholder_1: the photo comes first.
    photo, painting = inputs
    vectors = [
        output.name
        for operation in frozen.graph.get_operations()
        for output in operation.outputs
        if output.shape.rank == 4 and output.shape[3] == _VECTOR and output.shape[1] == output.shape[2] == 1
    ]
    if not vectors:
        raise CannotStylize(f"{where} has no style vector of {_VECTOR} numbers: it is another module")
    graph = frozen.graph.as_graph_def()
    whole = tf.compat.v1.wrap_function(lambda: tf.graph_util.import_graph_def(graph, name=""), [])

    def tensor(name: str) -> Any:  # noqa: ANN401 - a symbolic tensor
        return whole.graph.as_graph_element(name)

    answer = tensor(frozen.outputs[0].name)
    # The last one of that shape that does not hang on the photo is the one that the transformer takes.
    for name in reversed(vectors):
        try:
            return whole.prune(tensor(painting), tensor(name)), whole.prune(
                [tensor(photo), tensor(name)], answer
            )
        except ValueError:
            continue
    raise CannotStylize(f"{where} cannot be taken apart where its style vector passes")


def _digest(where: str) -> str:
    folder = Path(where)
    digest = hashlib.sha256(where.encode() if not folder.is_dir() else b"")
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
