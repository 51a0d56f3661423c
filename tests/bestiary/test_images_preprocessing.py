"""One way from a file to what a model sees, the same for training, serving and monitoring."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_files import encoded, photo, scene
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bestiary.images import Preprocessing, UnreadableImage, decode, equalize, prepare, resize

ANIMALS = Path(__file__).parents[3] / "shared" / "data" / "animals"


@pytest.fixture
def animals() -> list[bytes]:
    if not ANIMALS.is_dir():
        pytest.skip("needs ../shared/data")
    return [path.read_bytes() for path in sorted(ANIMALS.glob("*/*.jpg"))[::16]]


def plain_pillow(data: bytes, size: int) -> NDArray[np.uint8]:
    image = ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB")
    return np.asarray(image.resize((size, size)))


def test_the_order_is_decode_resize_equalize() -> None:
    data = photo(1, 300, 200)
    np.testing.assert_array_equal(
        equalize(resize(decode(data), 64)), Preprocessing(64, equalize=True).from_bytes(data)
    )


def test_finish_is_what_from_bytes_does_last() -> None:
    data = photo(1)
    plain, equalized = Preprocessing(96), Preprocessing(96, equalize=True)
    resized = plain.from_bytes(data)
    np.testing.assert_array_equal(equalized.from_bytes(data), equalized.finish(resized[np.newaxis])[0])
    assert plain.finish(resized) is resized


@pytest.mark.parametrize("width", [200, 700, 1400, 2600])
def test_preparing_sizes_together_gives_what_each_gives_alone(width: int) -> None:
    """A model trained on arrays of the prepare job must see the same pixels when it serves."""
    data = photo(3, width, width * 3 // 4)
    wanted = [Preprocessing(128, equalize=True), Preprocessing(224), Preprocessing(300), Preprocessing(32)]
    for together, one in zip(prepare(data, wanted), wanted, strict=True):
        np.testing.assert_array_equal(one.from_bytes(data), together)


@pytest.mark.parametrize("size", [128, 224])
def test_real_photos_have_the_very_pixels_of_plain_pillow(animals: list[bytes], size: int) -> None:
    """Exactly, up to four times the size; above, Pillow's own faster way loses a few levels."""
    for data in animals:
        expected, prepared = plain_pillow(data, size), Preprocessing(size).from_bytes(data)
        large = max(decode(data).shape) >= 4 * size
        np.testing.assert_allclose(expected.astype(int), prepared, atol=6 if large else 0)


@pytest.mark.parametrize(("size", "mean", "most"), [(128, 0.6, 6), (224, 1.0, 9)])
def test_a_large_photo_stays_close_to_plain_pillow(size: int, mean: float, most: int) -> None:
    data = encoded(scene(2400, 1800, seed=5), quality=90)
    difference = np.abs(
        np.subtract(Preprocessing(size).from_bytes(data), plain_pillow(data, size), dtype=int)
    )
    assert difference.mean() < mean
    assert difference.max() <= most


def test_the_result_is_square_whatever_came_in() -> None:
    assert Preprocessing(50).from_bytes(photo(0, 400, 30)).shape == (50, 50, 3)
    assert Preprocessing(50).from_bytes(photo(0, 5, 7)).shape == (50, 50, 3)
    assert Preprocessing(50).from_bytes(photo(0, 5, 7)).dtype == np.uint8


def test_json_goes_there_and_back() -> None:
    for one in (Preprocessing(128, equalize=True), Preprocessing(224)):
        assert one == Preprocessing.from_json(one.as_json())


@pytest.mark.parametrize(
    "value", [{}, {"size": 128}, {"size": "128", "equalize": True}, {"size": True, "equalize": True}]
)
def test_json_of_another_shape_is_refused(value: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="preprocessing must look like"):
        Preprocessing.from_json(value)


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 pixel"):
        Preprocessing(0)


def test_an_unreadable_file_is_named_for_what_it_is() -> None:
    with pytest.raises(UnreadableImage, match="empty"):
        Preprocessing(64).from_bytes(b"")
