"""What an endpoint answers: a real process, real HTTP, real images."""

import base64
import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from endpoints import Endpoint
from serving_examples import LABELS, photo

from bestiary.classifiers import artifact
from bestiary.images import Preprocessing

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


def b64(data: bytes) -> dict[str, str]:
    return {"b64": base64.b64encode(data).decode()}


def test_a_photo_is_named_with_all_scores_and_the_version(endpoint: Endpoint) -> None:
    response = endpoint.invoke(photo())
    answer = response.json()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert set(LABELS) == set(answer["scores"])
    assert answer["species"] == max(answer["scores"], key=answer["scores"].get)
    assert answer["confidence"] == answer["scores"][answer["species"]]
    assert sum(answer["scores"].values()) == pytest.approx(1, abs=1e-5)
    assert answer["model_version"] == "7"
    names = {"bear": "Ursidae", "giant squid": "", "panda": "Ailuropoda melanoleuca"}
    assert answer["scientific_name"] == names[answer["species"]]


@pytest.mark.parametrize("kind", TYPES)
def test_every_format_gets_the_scores_of_training_s_own_preprocessing(
    endpoint: Endpoint, classifier_folder: Path, kind: str
) -> None:
    """Raw, as an instance and as a line: the same scores as Keras after `Preprocessing`, within 1e-4."""
    data = photo(3, kind)
    classifier = artifact.load(classifier_folder)
    expected = classifier.network(classifier.preprocessing.from_bytes(data)[np.newaxis], training=False)
    raw = endpoint.invoke(data, TYPES[kind]).json()
    instance = endpoint.invoke(json.dumps({"instances": [b64(data)]}).encode(), "application/json").json()
    line = endpoint.invoke(json.dumps(b64(data)).encode(), "application/jsonlines").json()
    assert np.asarray(expected)[0] == pytest.approx(list(raw["scores"].values()), abs=1e-4)
    assert raw == instance["predictions"][0] == line


def test_an_upside_down_photo_is_turned_first(endpoint: Endpoint) -> None:
    """EXIF orientation is obeyed as in training: width and height change places."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6
    image = endpoint.invoke(photo(exif=exif)).json()["image"]
    assert (image["width"], image["height"]) == (64, 96)


def test_many_photos_come_back_in_their_order(endpoint: Endpoint) -> None:
    """More than one batch holds."""
    photos = [photo(seed) for seed in range(30)]
    alone = [endpoint.invoke(data).json() for data in photos]
    body = json.dumps({"instances": [b64(data) for data in photos]}).encode()
    assert alone == endpoint.invoke(body, "application/json").json()["predictions"]


def test_the_same_photo_gets_the_same_bytes_in_whatever_batch(endpoint: Endpoint) -> None:
    """120 requests at once, of four photos, after each photo alone: byte for byte the same answers."""
    photos = [photo(seed, "PNG") for seed in range(4)]
    alone = [endpoint.invoke(data, "image/png").content for data in photos]
    with ThreadPoolExecutor(24) as threads:
        crowd = list(threads.map(lambda index: endpoint.invoke(photos[index % 4], "image/png"), range(120)))
    assert {200} == {response.status_code for response in crowd}
    assert [alone[index % 4] for index in range(120)] == [response.content for response in crowd]


def test_lines_are_answered_line_by_line_and_a_bad_one_hurts_no_other(endpoint: Endpoint) -> None:
    good = json.dumps(b64(photo())).encode()
    lines = [good, b"no json", json.dumps(b64(photo()[:300])).encode(), b'{"b65": ""}', b"", good]
    response = endpoint.invoke(b"\n".join(lines), "application/jsonlines")
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/jsonlines"
    assert ["error" in answer for answer in answers] == [False, True, True, True, False]
    assert "truncated" in answers[2]["error"]
    assert answers[0] == answers[4] == endpoint.invoke(photo()).json()


def test_csv_is_a_row_a_photo(endpoint: Endpoint) -> None:
    answer = endpoint.invoke(photo()).json()
    response = endpoint.invoke(photo(), accept="text/csv")
    row = next(csv.reader(io.StringIO(response.text)))
    assert response.headers["content-type"].startswith("text/csv")
    assert [answer["species"], answer["common_name"], answer["scientific_name"]] == row[:3]
    assert [str(answer["confidence"]), "7", ""] == row[3:6]
    assert [str(score) for score in answer["scores"].values()] == row[6:]
    mixed = b"\n".join([json.dumps(b64(photo())).encode(), b"{}"])
    rows = list(
        csv.reader(io.StringIO(endpoint.invoke(mixed, "application/jsonlines", accept="text/csv").text))
    )
    assert row == rows[0]
    assert rows[1][:5] == [""] * 5
    assert "b64" in rows[1][5]


def test_statistics_describe_the_photo(endpoint: Endpoint) -> None:
    """Black is dark, grey has no saturation, and the histogram says where the pixels are."""
    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (50, 40), (10, 200, 100)).save(file, "PNG")
    image = endpoint.invoke(file.getvalue(), "image/png").json()["image"]
    assert (image["width"], image["height"]) == (50, 40)
    assert image["brightness"] == pytest.approx((0.299 * 10 + 0.587 * 200 + 0.114 * 100) / 255, abs=0.005)
    assert image["contrast"] == image["sharpness"] == 0
    assert image["saturation"] == pytest.approx(190 / 200, abs=0.001)
    assert (image["red"][0], image["green"][200 // 16], image["blue"][100 // 16]) == (1, 1, 1)


def test_what_the_model_sees_is_what_its_baseline_is_made_of(
    endpoint: Endpoint, classifier_folder: Path
) -> None:
    """An evaluation and an endpoint run the network in different ways; a monitor compares the two."""
    data = photo(3)
    classifier = artifact.load(classifier_folder)
    expected = classifier.embed(classifier.preprocessing.from_bytes(data)[np.newaxis])[0]
    assert endpoint.invoke(data).json()["embedding"] == pytest.approx(expected, abs=2e-3)


def test_what_sagemaker_hands_through_comes_back_and_other_headers_do_no_harm(endpoint: Endpoint) -> None:
    names = ("X-Amzn-SageMaker-Custom-Attributes", "X-Amzn-SageMaker-Inference-Id")
    headers = {"X-Amzn-SageMaker-Target-Variant": "v", "X-Unknown": "~" * 8000, "Expect": "100-continue"}
    response = endpoint.invoke(photo(), **{names[0]: "trace=1;site=7", names[1]: "id-9"}, **headers)
    assert response.status_code == 200
    assert [response.headers[name] for name in names] == ["trace=1;site=7", "id-9"]
    refused = endpoint.invoke(b"x", **{names[1]: "id-10"})
    assert (refused.status_code, refused.headers[names[1]]) == (400, "id-10")


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status", "message"),
    [
        (photo(), "image/gif", "*/*", 415, r"image/jpeg, image/png, image/webp, application/json"),
        (photo(), None, "*/*", 415, r"no Content-Type"),
        (photo(), "image/jpeg", "image/png", 406, r"application/json, text/csv"),
        (photo(), "image/jpeg", "application/json;q=0", 406, r"application/json, text/csv"),
        (b"", "image/jpeg", "*/*", 400, r"empty"),
        (b"hello", "image/jpeg", "*/*", 400, r"not an image \(it looks like text\)"),
        (photo()[:400], "image/jpeg", "*/*", 400, r"truncated"),
        (photo(0, "GIF"), "image/png", "*/*", 400, r"GIF: send JPEG, PNG or WebP"),
        (b"{", "application/json", "*/*", 400, r"no JSON"),
        (b"[" * 100_000, "application/json", "*/*", 400, r"no JSON"),
        (b'{"instances": []}', "application/json", "*/*", 400, r"must look like"),
        (b'{"instances": [3]}', "application/json", "*/*", 400, r"instances\[0\] must look like"),
        (b'{"instances": [{"b64": "?"}]}', "application/json", "*/*", 400, r"instances\[0\] is no base64"),
        (b'{"instances": [{"b64": "aGVsbG8="}]}', "application/json", "*/*", 400, r"not an image"),
        (json.dumps({"instances": [{"b64": ""}] * 513}).encode(), "application/json", "*/*", 400, r"512"),
        (b"\xff\xfe", "application/json", "*/*", 400, r"no JSON"),
        (b"\n\n", "application/jsonlines", "*/*", 400, r"no line"),
    ],
)
def test_a_mistake_is_answered_with_what_would_be_right(  # noqa: PLR0917 - one row of the table
    endpoint: Endpoint, body: bytes, content_type: str | None, accept: str, status: int, message: str
) -> None:
    response = endpoint.invoke(body, content_type, accept=accept)
    assert status == response.status_code
    assert list(response.json()) == ["error"]
    assert re.search(message, response.json()["error"])
    assert "Traceback" not in response.text


def test_one_bad_instance_is_named(endpoint: Endpoint) -> None:
    body = json.dumps({"instances": [b64(photo()), b64(b"hello")]}).encode()
    response = endpoint.invoke(body, "application/json")
    assert (response.status_code, response.json()["error"].startswith("instances[1]: ")) == (400, True)


def test_a_body_over_six_megabytes_is_refused_before_it_is_read(endpoint: Endpoint) -> None:
    """Announced or in chunks; the connection stays usable."""
    large = bytes(6 * 2**20 + 1)
    announced = endpoint.invoke(large)
    chunked = endpoint.http.post(
        "/invocations", content=iter([large[: 2**20]] * 7), headers={"Content-Type": "image/jpeg"}
    )
    assert (announced.status_code, chunked.status_code) == (413, 413)
    assert "6291456 bytes" in announced.json()["error"]
    assert endpoint.invoke(photo()).status_code == 200


def test_a_decompression_bomb_is_refused_before_it_is_decoded(endpoint: Endpoint) -> None:
    """100,000 by 100,000 pixels in a PNG of a few bytes."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(9)))
        + chunk(b"IEND", b"")
    )
    response = endpoint.invoke(png, "image/png")
    assert (response.status_code, "too large" in response.json()["error"]) == (400, True)
    assert response.elapsed.total_seconds() < 2


def test_unknown_paths_and_methods_say_what_there_is(endpoint: Endpoint) -> None:
    missing, wrong = endpoint.http.get("/models"), endpoint.http.get("/invocations")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert wrong.headers["allow"] == "POST"
    assert all("POST /invocations" in response.json()["error"] for response in (missing, wrong))


def test_batch_transform_is_told_how_to_send(endpoint: Endpoint) -> None:
    parameters = endpoint.http.get("/execution-parameters").json()
    assert parameters["MaxPayloadInMB"] == 6
    assert parameters["BatchStrategy"] == "MULTI_RECORD"
    assert parameters["MaxConcurrentTransforms"] >= 1


def test_serving_prepares_photos_to_the_very_pixels_of_training() -> None:
    """Measuring a photo before it is equalized changes nothing in what the network sees."""
    from inference.classify import Classification

    for kind in TYPES:
        for equalize in (False, True):
            preprocessing = Preprocessing(48, equalize)
            task = Classification(
                lambda images: np.zeros((len(images), 0), np.float32), preprocessing, (), "", 8
            )
            data = photo(5, kind)
            assert np.array_equal(preprocessing.from_bytes(data), task.prepare(data).pixels)
