"""What AWS asks for, about: a dated table (``prices.json``) that names the pages to check it against."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Prices:
    """The table.

    Attributes
    ----------
    as_of
        Year and month of the prices.
    region
        Where they hold; elsewhere most are 0 to 30 % higher.
    instance_hour
        USD an hour by instance type; the same for endpoints, training and processing.
    key_month, alarm_metric_month, metric_month
        USD a month for one KMS key, one metric that an alarm looks at, one metric of one's own.
    api_million, function_million, function_gb_second
        USD for a million requests to API Gateway and to Lambda, and for each second of a function with 1 GB.
    s3_gb_month, ecr_gb_month
        USD a month for each GB.
    vpc_endpoint_hour
        USD an hour for one interface of a VPC's endpoint in one zone.
    assumed
        What is not known beforehand: minutes a job takes, GB stored, metrics, spot's share of
        the price.
    """

    as_of: str
    region: str
    instance_hour: Mapping[str, float]
    key_month: float
    alarm_metric_month: float
    metric_month: float
    api_million: float
    function_million: float
    function_gb_second: float
    s3_gb_month: float
    ecr_gb_month: float
    vpc_endpoint_hour: float
    assumed: Mapping[str, float]

    def hours(self, instance_type: str, hours: float) -> float | None:
        """USD for so many hours of a machine; ``None`` for a type that the table lacks."""
        price = self.instance_hour.get(instance_type)
        return None if price is None else price * hours


@cache
def read() -> Prices:
    """Read the table."""
    table = json.loads(TABLE.read_text())
    return Prices(**{name: table[name] for name in Prices.__dataclass_fields__})
