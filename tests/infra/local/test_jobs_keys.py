from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.jobs import keys
from infra.local.jobs.plan import relative
from infra.local.jobs.s3_uri import S3Uri


@pytest.mark.parametrize(
    ("prefix", "key", "expected"),
    [
        ("photos/", "photos/bear/a b.jpg", "bear/a b.jpg"),
        ("photos", "photos/bear/a.jpg", "bear/a.jpg"),
        ("photos", "photos2/a.jpg", "photos2/a.jpg"),
        ("in/photos", "in/photos.zip", "photos.zip"),
        ("in/photos.zip", "in/photos.zip", "photos.zip"),
        ("", "a/b", "a/b"),
        ("", "/etc/passwd", "etc/passwd"),
        ("p/", "p//etc/passwd", "etc/passwd"),
        ("p/", "p/../../x", "%2E%2E/%2E%2E/x"),
        ("p/", "p/a/./b", "a/%2E/b"),
        ("p/", "p/野生/é.jpg", "野生/é.jpg"),
        ("p/", "p/...", "..."),
    ],
)
def test_an_object_lies_where_sagemaker_would_put_it(prefix: str, key: str, expected: str) -> None:
    assert keys.below(prefix, key) == expected


@given(st.text(st.characters(blacklist_categories=["Cs"])), st.text(st.sampled_from("./a\0 é")))
def test_no_key_leaves_its_folder(prefix: str, rest: str) -> None:
    """Whatever is in a bucket, staging it never writes outside of the job's folder."""
    path = keys.below(prefix, prefix + rest)
    folder = Path("/base/in").resolve()
    assert (folder / path).resolve().is_relative_to(folder)
    assert "\0" not in path


@pytest.mark.parametrize(
    "text", ["", "s3://", "s3:///key", "https://bucket/key", "/local/file", "bucket/key"]
)
def test_what_is_no_s3_uri_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is no S3 URI: write s3://bucket/key"):
        S3Uri.parse(text)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("s3://b/out", "s3://b/out/x/y"), ("s3://b/out/", "s3://b/out/x/y"), ("s3://b", "s3://b/x/y")],
)
def test_a_key_below_a_prefix_has_one_slash_between(prefix: str, expected: str) -> None:
    assert str(S3Uri.parse(prefix).under("x", "y")) == expected


@pytest.mark.parametrize(
    "path", ["/opt/ml", "/etc", "/opt/ml/../x", "/opt/ml/a/../../..", "opt/ml/x", "/opt/mlx"]
)
def test_a_path_outside_of_opt_ml_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is not below /opt/ml"):
        relative(path)
