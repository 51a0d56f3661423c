"""Labels in S3, in the layout that Model Monitor merges with what an endpoint captured."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bestiary.labels.ground_truth import key, write_lines
from pipelines import s3
from pipelines.monitoring.watched import GROUND_TRUTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bestiary.labels import Labelled
    from pipelines.place import Place


def keep(place: Place, labels: Sequence[Labelled]) -> str:
    """Write labels under the hour in which they come, and return their S3 URI; later ones go before earlier.

    Raises
    ------
    OperatorError
        Where S3 refuses.
    """
    body = write_lines(labels).encode()
    where = key(datetime.now(UTC), hashlib.sha256(body).hexdigest())
    uri = f"s3://{place.surroundings.bucket}/{GROUND_TRUTH}/{where}"
    s3.write(place, uri, body, "application/jsonlines")
    return uri
