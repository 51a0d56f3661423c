"""Single pictures that a person names: a file, an object in S3, or an address on the web.

``reading``
    One function for all three.
``web``
    Fetches over HTTPS, within bounds of bytes and time, from public addresses only.
``connection``
    One TLS connection, pinned to the address that was checked, which keeps to a deadline.
``addresses``
    Which addresses are public.
"""

from pipelines.pictures.reading import read_picture
from pipelines.pictures.web import Web

__all__ = ["Web", "read_picture"]
