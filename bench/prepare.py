"""Prepare photos as the pipeline does, against plain Pillow in one thread, on the same photos in one run.

Prints images a second of both, the ratio, and how far the pictures are apart. The photos are synthesized:
coloured noise with the spectrum of natural scenes, saved as JPEG with the bytes a pixel of real ones. Give a
folder of photos to use these instead.

    python bench/prepare.py [--folder DIR] [--photos 1000]
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from bestiary.images import Preprocessing, prepare

Pictures = tuple[NDArray[np.uint8], ...]
REPEATS = 5
WAYS = {
    "128 px": [Preprocessing(128, equalize=True)],
    "128 and 224 px": [Preprocessing(128, equalize=True), Preprocessing(224)],
}
# Name, width, height, JPEG quality, and what share of --photos is used (large ones are slow with plain
# Pillow).
SIZES = [("small (300x225)", 300, 225, 90, 1.0), ("HD (1920x1080)", 1920, 1080, 85, 0.1)]
SIZES += [("12 megapixels", 4000, 3000, 85, 0.02)]


def plain_pillow(data: bytes, wanted: Sequence[Preprocessing]) -> Pictures:
    """Prepare one photo the way one writes it with Pillow alone."""
    image = ImageOps.exif_transpose(Image.open(BytesIO(data))).convert("RGB")
    results = []
    for one in wanted:
        small = image.resize((one.size, one.size))
        if one.equalize:
            luma, *chroma = small.convert("YCbCr").split()
            small = Image.merge("YCbCr", (ImageOps.equalize(luma), *chroma)).convert("RGB")
        results.append(np.asarray(small))
    return tuple(results)


def synthesize(width: int, height: int, quality: int, seed: int) -> bytes:
    """Return a JPEG of noise whose amplitude falls with the frequency, as in natural scenes."""
    random = np.random.default_rng(seed)
    noise = np.fft.rfft2(random.standard_normal((height, width)).astype(np.float32))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    noise /= np.maximum(frequency, 1 / max(width, height)) ** 1.2
    scene = np.fft.irfft2(noise, s=(height, width))
    scene = 128 + 50 * scene / scene.std()
    tints = random.uniform(0.7, 1.2, 3)
    pixels = np.clip(scene[..., None] * tints, 0, 255).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return file.getvalue()


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the wall and the CPU seconds that `work` takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def compare(name: str, photos: list[bytes]) -> None:
    """Print one line for each way of preparing `photos`; both sides take turns, the best of each counts."""
    for way, wanted in WAYS.items():
        ours, pillow = partial(prepare, wanted=wanted), partial(plain_pillow, wanted=wanted)
        fast, slow = [], []
        for _ in range(REPEATS):
            with ThreadPoolExecutor(os.cpu_count()) as threads:
                fast.append(timed(lambda pool=threads, one=ours: list(pool.map(one, photos))))
            slow.append(timed(lambda one=pillow: [one(photo) for photo in photos]))
        (wall, cpu), (plain_wall, plain_cpu) = (map(min, zip(*side, strict=True)) for side in (fast, slow))
        apart = np.concatenate(
            [
                np.abs(np.subtract(mine, theirs, dtype=np.int16)).ravel()
                for photo in photos[:20]
                for mine, theirs in zip(ours(photo), pillow(photo), strict=True)
            ]
        )
        print(
            f"{name:17}{way:15} {len(photos) / wall:5.0f}/s, plain Pillow {len(photos) / plain_wall:4.0f}/s: "
            f"{plain_wall / wall:5.2f}x (CPU time {plain_cpu / cpu:4.2f}x)  "
            f"levels apart: mean {apart.mean():.2f}, 99.9 % within {np.percentile(apart, 99.9):.0f}"
        )


def main() -> None:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, help="JPEGs to prepare, instead of synthesized ones")
    parser.add_argument("--photos", type=int, default=1000)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, best of {REPEATS} runs")
    if arguments.folder:
        files = sorted(arguments.folder.rglob("*.jpg"))
        compare(arguments.folder.name, [file.read_bytes() for file in files[: arguments.photos]])
        return
    for name, width, height, quality, share in SIZES:
        different = [synthesize(width, height, quality, seed) for seed in range(8)]
        count = max(8, round(arguments.photos * share))
        compare(name, [different[index % 8] for index in range(count)])


if __name__ == "__main__":
    main()
