"""Where a run's photos come from, brought to one S3 prefix."""

from __future__ import annotations

from pipelines.data.sources import photos_uri

__all__ = ["photos_uri"]
