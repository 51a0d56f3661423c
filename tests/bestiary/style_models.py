"""Feature networks and stylization models small enough to build in a moment, and pictures to paint."""

from pathlib import Path

import numpy as np
from image_files import scene
from small_networks import keras

from bestiary.style.features import chosen

SHARED = Path(__file__).parents[3] / "shared" / "data"


def photo(width=96, height=64, seed=0):
    """Return a smooth colourful picture, uint8."""
    return np.asarray(scene(width, height, seed))


def stripes(width=80, height=80):
    """Return a painting of warm diagonal stripes, uint8."""
    rows, columns = np.mgrid[0:height, 0:width]
    light = 127 + 120 * np.sin((rows + columns) / 3)
    return np.stack([light, light * 0.5, 255 - light], axis=-1).astype(np.uint8)


def network(*, padding="same", seed=1):
    """Build a feature network of three convolutions and two poolings, with layers `one`, `two`, `three`."""
    module = keras()
    module.utils.set_random_seed(seed)
    layers = module.layers
    image = module.Input((None, None, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1, name="scaled")(image)
    x = layers.Conv2D(8, 3, padding=padding, activation="relu", name="one")(x)
    x = layers.MaxPooling2D(2, name="pool_one")(x)
    x = layers.Conv2D(12, 3, padding=padding, activation="relu", name="two")(x)
    x = layers.MaxPooling2D(2, name="pool_two")(x)
    x = layers.Conv2D(16, 3, padding=padding, activation="relu", name="three")(x)
    return module.Model(image, x, name="small")


def features(*, pooling="max", precision="float32", **options):
    """Return the small network as features: content `three`, style `one` and `two`."""
    model = network(**options)
    return chosen("small", model, ["three"], ["one", "two"], pooling=pooling, precision=precision)


def saved_module(folder):
    """Save a stylization module as TensorFlow Hub's: a photo and a painting in, a picture out."""
    keras()
    import tensorflow as tf

    random = np.random.default_rng(0)

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.seen = tf.Variable(random.normal(size=(3, 100)).astype(np.float32))
            self.paint = tf.Variable(random.normal(size=(100, 3)).astype(np.float32) * 0.02)

        @tf.function(
            input_signature=[
                tf.TensorSpec((None, None, None, 3), tf.float32, name="placeholder"),
                tf.TensorSpec((None, None, None, 3), tf.float32, name="placeholder_1"),
            ]
        )
        def __call__(self, photo, painting):
            mean = tf.reduce_mean(painting, axis=(1, 2), keepdims=True)
            vector = tf.nn.conv2d(mean, self.seen[tf.newaxis, tf.newaxis], 1, "VALID")
            tint = tf.nn.conv2d(vector, self.paint[tf.newaxis, tf.newaxis], 1, "VALID")
            return {"output_0": tf.sigmoid(4 * (photo - 0.5) + tint)}

    module = Module()
    tf.saved_model.save(module, str(folder), signatures={"serving_default": module.__call__})
    return module


def saved_pair(folder, side=32):
    """Write a TFLite pair; its transformer halves twice and doubles twice. Returns that as TensorFlow's."""
    keras()
    import tensorflow as tf

    random = np.random.default_rng(0)
    seen = random.normal(size=(1, 1, 3, 100)).astype(np.float32)
    shrink = [random.normal(size=shape).astype(np.float32) * 0.3 for shape in ((3, 3, 3, 8), (3, 3, 8, 8))]
    grow = [random.normal(size=shape).astype(np.float32) * 0.3 for shape in ((3, 3, 8, 8), (3, 3, 8, 3))]
    tint = random.normal(size=(1, 1, 100, 8)).astype(np.float32) * 0.1

    def predict(painting):
        return tf.nn.conv2d(tf.reduce_mean(painting, axis=(1, 2), keepdims=True), seen, 1, "VALID")

    def transform(photo, vector):
        x = photo
        for kernel in shrink:
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, 2, "SAME"))
        x = x + tf.nn.conv2d(vector, tint, 1, "VALID")
        for kernel in grow:
            height, width = x.shape[1:3]
            x = tf.compat.v1.image.resize_nearest_neighbor(x, (2 * height, 2 * width))
            x = tf.nn.conv2d(x, kernel, 1, "SAME")
        return tf.sigmoid(x)

    picture = tf.TensorSpec((1, side, side, 3), tf.float32)
    write_tflite(folder / "predict.tflite", predict, [picture])
    write_tflite(folder / "transform.tflite", transform, [picture, tf.TensorSpec((1, 1, 1, 100), tf.float32)])
    return transform


def write_tflite(path, function, specs):
    """Convert a TensorFlow function."""
    import tensorflow as tf

    concrete = tf.function(function, input_signature=specs).get_concrete_function()
    path.write_bytes(tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert())
