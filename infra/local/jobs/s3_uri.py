"""S3 URIs, taken apart."""

from __future__ import annotations

from typing import NamedTuple, Self


class S3Uri(NamedTuple):
    """A bucket and a key or prefix in it.

    Attributes
    ----------
    bucket
        The bucket's name.
    key
        The key or prefix, without a leading slash; may be empty.
    """

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take ``s3://bucket/key`` apart.

        Raises
        ------
        ValueError
            For any other form; the message is one line.
        """
        scheme, _, rest = text.partition("://")
        bucket, _, key = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise ValueError(f'"{text}" is no S3 URI: write s3://bucket/key')
        return cls(bucket, key)

    def under(self, *parts: str) -> S3Uri:
        """Return the place of a key below this prefix."""
        return S3Uri(self.bucket, "/".join([self.key.rstrip("/"), *parts] if self.key.rstrip("/") else parts))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
