"""Small classifiers and photos for endpoints."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ANIMALS = Path(__file__).parents[3] / "shared" / "data" / "animals"
LABELS = ("bear", "giant squid", "panda")
SIDE = 32


def write_classifier(folder: Path, *, equalize: bool = True, seed: int = 1) -> Path:
    """Write the artifact of an untrained network of depthwise and plain convolutions."""
    from bestiary.classifiers import artifact, reproducible
    from bestiary.classifiers.recipe import Trained
    from bestiary.images import Preprocessing

    reproducible.begin(seed)
    import keras
    from keras import layers

    image = keras.Input((SIDE, SIDE, 3), name="image")
    x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(image)
    for number in range(2):
        x = layers.Conv2D(16, 3, padding="same", use_bias=False, name=f"convolution_{number}")(x)
        x = layers.BatchNormalization(name=f"normalization_{number}")(x)
        x = layers.Activation("silu", name=f"activation_{number}")(x)
        x = layers.DepthwiseConv2D(3, strides=2, padding="same", name=f"depthwise_{number}")(x)
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    x = layers.Dense(len(LABELS), kernel_initializer="glorot_normal", name="logits")(x)
    network = keras.Model(image, layers.Softmax(name="species")(layers.Rescaling(30.0, name="sharpen")(x)))
    artifact.save(
        folder, "custom_cnn", Trained(network, Preprocessing(SIDE, equalize=equalize), (), {}), LABELS, None
    )
    return folder


def picture(seed: int = 0, width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture of coloured patches with some noise."""
    random = np.random.default_rng(seed)
    patches = random.integers(0, 256, (4, 6, 3), np.uint8)
    smooth = Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)
    noise = random.integers(-12, 13, (height, width, 3))
    return Image.fromarray(np.clip(np.asarray(smooth, np.int16) + noise, 0, 255).astype(np.uint8))


def photo(seed: int = 0, kind: str = "JPEG", **settings: object) -> bytes:
    """Return the bytes of an image file."""
    file = BytesIO()
    picture(seed).save(file, kind, **settings)
    return file.getvalue()


def real_photos(each: int) -> list[Path]:
    """Return photos of every class of ../shared/data, or skip the test."""
    if not ANIMALS.exists():
        pytest.skip("needs ../shared/data")
    return [file for label in sorted(ANIMALS.iterdir()) for file in sorted(label.glob("*.jpg"))[:each]]
