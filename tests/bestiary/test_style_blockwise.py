"""The published transformer, written anew for LiteRT."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from small_networks import keras
from style_models import SHARED, photo, saved_pair, stripes, write_tflite

from bestiary.images import decode
from bestiary.style import blocks, blockwise, fast, pictures, transformer

CHANNELS = (4, 6, 8)


def published(*, activation="relu"):
    """Build a network of the published transformer's kind, with few channels and one residual block."""
    keras()
    import tensorflow as tf

    random = np.random.default_rng(0)
    rectified = getattr(tf.nn, activation)

    def kernel(size, given, made):
        return random.normal(size=(size, size, given, made)).astype(np.float32) / (size * given**0.5)

    def convolve(x, weights, stride=1):
        reach = weights.shape[0] // 2
        padded = tf.pad(x, ((0, 0), (reach, reach), (reach, reach), (0, 0)), "REFLECT")
        return tf.nn.conv2d(padded, weights, stride, "VALID")

    def normalizer(channels):
        spread, mean = (kernel(1, 100, channels) + 0.01 for _ in range(2))

        def normalize(x, vector):
            mu = tf.reduce_mean(x, (1, 2), keepdims=True)
            variance = tf.reduce_mean(tf.math.squared_difference(x, mu), (1, 2), keepdims=True)
            scale = tf.math.rsqrt(variance + 1e-5) * (tf.nn.conv2d(vector, spread, 1, "VALID") + 1)
            return x * scale + (tf.nn.conv2d(vector, mean, 1, "VALID") + 0.1 - mu * scale)

        return normalize

    one, two, three = CHANNELS
    shrink = [(kernel(9, 3, one), 1), (kernel(3, one, two), 2), (kernel(3, two, three), 2)]
    block = [(kernel(3, three, three), normalizer(three)) for _ in range(2)]
    grow = [(kernel(3, three, two), normalizer(two)), (kernel(3, two, one), normalizer(one))]
    last, tint = kernel(9, one, 3), normalizer(3)

    def transform(image, vector):
        x = image
        for weights, stride in shrink:
            x = rectified(convolve(x, weights, stride) + 0.01)
        (first, settle), (second, settle_again) = block
        inner = tf.nn.relu(settle(convolve(x, first), vector))
        x = x + settle_again(convolve(inner, second), vector)
        for weights, normalize in grow:
            height, width = x.shape[1:3]
            x = tf.compat.v1.image.resize_nearest_neighbor(x, (2 * height, 2 * width))
            x = tf.nn.relu(normalize(convolve(x, weights), vector))
        return tf.sigmoid(tint(convolve(x, last), vector))

    return transform


def saved(folder, **options):
    """Write a pair with such a transformer; returns it opened, and the transformer in TensorFlow."""
    saved_pair(folder)
    function = published(**options)
    import tensorflow as tf

    specs = [tf.TensorSpec((1, 32, 32, 3), tf.float32), tf.TensorSpec((1, 1, 1, 100), tf.float32)]
    write_tflite(folder / "transform.tflite", function, specs)
    return fast.read(str(folder), threads=1), function


def run(file, picture, vector):
    program = Interpreter(model_content=file)
    program.allocate_tensors()
    for one, given in zip(program.get_input_details(), (picture, vector), strict=True):
        program.set_tensor(one["index"], given.reshape(one["shape"]))
    program.invoke()
    return program.get_tensor(program.get_output_details()[0]["index"])[0]


def test_the_published_kind_paints_the_same_when_written_anew(tmp_path):
    """In float32 to five digits, with int8 to about a level of 255; at a size that is not the file's."""
    model, function = saved(tmp_path)
    layers = transformer.read(model.transformer)
    assert (3, 2, 3, 5) == tuple(
        len(part) for part in (layers.shrinking, layers.residual, layers.growing, layers.norms)
    )
    content = photo(52, 40).astype(np.float32) / 255
    vector = model.vector(stripes(32, 32) / np.float32(255))
    expected = np.asarray(function(content[np.newaxis], vector.reshape(1, 1, 1, 100)))[0]
    exact = run(blockwise.written(layers, 40, 52, rounded=False), blockwise.seen(layers, content), vector)
    assert np.abs(expected - blocks.unfolded(exact)).max() < 1e-5
    assert 1e-5 < np.abs(expected - model.transform(content, vector)).mean() < 2 / 255


def test_what_only_looks_like_the_published_kind_runs_as_it_is(tmp_path):
    """The same layers with another activation are read alike, found to paint otherwise, and left alone."""
    model, function = saved(tmp_path, activation="tanh")
    content, vector = photo(32, 32) / np.float32(255), np.full(100, 0.1, np.float32)
    expected = np.asarray(function(content[np.newaxis], vector.reshape(1, 1, 1, 100)))[0]
    assert np.abs(expected - model.transform(content, vector)).max() < 1e-4


@pytest.mark.skipif(not (SHARED / "style_model").is_dir(), reason="needs ../shared/data/style_model")
def test_nobody_can_tell_int8_from_the_published_network():
    """On photos and paintings the mean difference is less than one level of 255."""
    model = fast.read(str(SHARED / "style_model"))
    layers = transformer.read(model.transformer)
    for animal, painting in (("bear", "Monet.jpg"), ("crab", "The-Scream.jpg")):
        content, style = (
            pictures.resized(decode(path.read_bytes()), (256, 256)).astype(np.float32) / 255
            for path in (min((SHARED / "animals" / animal).glob("*.jpg")), SHARED / "styles" / painting)
        )
        vector = model.vector(style)
        exact = run(
            blockwise.written(layers, 256, 256, rounded=False), blockwise.seen(layers, content), vector
        )
        assert 255 * np.abs(blocks.unfolded(exact) - model.transform(content, vector)).mean() < 1
