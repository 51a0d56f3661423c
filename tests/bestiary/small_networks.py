"""Networks and photos small enough to build and train in a moment."""

import functools
from pathlib import Path

import numpy as np
import pytest

from bestiary.classifiers import reproducible
from bestiary.classifiers.backbone import About, Backbone
from bestiary.classifiers.recipe import Photos
from bestiary.images import Preprocessing

STAND_IN = Path(__file__).parents[3] / "shared" / "data" / "backbones" / "mobilenet_v2_imagenet.keras"
CLASSES = ("bear", "crab", "duck")


@functools.cache
def keras():
    """Start TensorFlow as the jobs do, once a session."""
    reproducible.begin(1)
    import keras as module

    return module


def backbone_network(size=32, *, blocks=2, seed=1):
    """Build in little what EfficientNet is made of: depthwise convolutions, gates and shortcuts.

    The statistics of its normalisations are drawn, so that no layer is an identity.
    """
    module = keras()
    module.utils.set_random_seed(seed)
    layers = module.layers
    image = module.Input((size, size, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescaling")(image)
    x = layers.Normalization(name="normalization")(x)
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem_conv")(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.Activation("silu", name="stem_activation")(x)
    for number in range(1, blocks + 1):
        name = f"block{number}"
        before = x
        x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_dwconv")(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        x = layers.Activation("silu", name=f"{name}_activation")(x)
        gate = layers.GlobalAveragePooling2D(keepdims=True, name=f"{name}_squeeze")(x)
        gate = layers.Conv2D(8, 1, activation="sigmoid", name=f"{name}_expand")(gate)
        x = layers.multiply([x, gate], name=f"{name}_excite")
        x = layers.Conv2D(8, 1, use_bias=False, name=f"{name}_project_conv")(x)
        x = layers.BatchNormalization(name=f"{name}_project_bn")(x)
        x = layers.Dropout(0.5, noise_shape=(None, 1, 1, 1), name=f"{name}_drop")(x)
        x = layers.add([before, x], name=f"{name}_add")
    network = module.Model(image, x, name="small")
    draw_statistics(network, seed)
    return network


def draw_statistics(network, seed=1):
    """Give every normalisation of a network other statistics than those of an untrained one."""
    random = np.random.default_rng(seed)
    for layer in network.layers:
        if type(layer).__name__ in ("BatchNormalization", "Normalization"):
            drawn = [
                weight if weight.ndim == 0 else random.uniform(0.5, 1.5, weight.shape).astype("float32")
                for weight in layer.get_weights()
            ]
            layer.set_weights(drawn)
            if hasattr(layer, "finalize_state"):
                layer.finalize_state()


def backbone(network, warning=""):
    """Wrap a network as a backbone of which nothing else matters."""
    return Backbone(network, About("small", "file", warning, "0" * 64, network.count_params()))


def photos(each=8, size=32, seed=1, classes=CLASSES):
    """Make photos that a network can tell apart by colour and stripes, and groups of none."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(classes)), each)
    images = random.integers(0, 60, (len(labels), size, size, 3))
    for image, label in zip(images, labels, strict=True):
        image[:: label + 2, :, label % 3] += 150
    return Photos(
        images=images.astype(np.uint8),
        labels=labels,
        classes=tuple(classes),
        groups=("",) * len(labels),
        preprocessing=Preprocessing(size),
    )


def stand_in():
    """Return the path of the pretrained MobileNetV2, or skip the test."""
    if not STAND_IN.exists():
        pytest.skip("needs ../shared/data")
    return STAND_IN


def real_photos(folder, classes, each, size):
    """Read the first photos of some classes of ../shared/data/animals."""
    preprocessing = Preprocessing(size)
    files = [file for name in classes for file in sorted((folder / name).glob("*.jpg"))[:each]]
    return Photos(
        images=np.stack([preprocessing.from_bytes(file.read_bytes()) for file in files]),
        labels=np.repeat(np.arange(len(classes)), each),
        classes=tuple(classes),
        groups=("",) * len(files),
        preprocessing=preprocessing,
    )
