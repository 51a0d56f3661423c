"""An alarm's datapoints, read from the account's metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from infra.local import metric_math
from infra.local.metric import Metric
from infra.local.summary import Summary, check_statistic

if TYPE_CHECKING:
    import ast

    from infra.local.metrics import Metrics

Record = dict[str, Any]

_HOUR = 3600
_DAY = 86_400
_WEEK = 7 * _DAY


@dataclass(frozen=True)
class Source:
    """One metric by one statistic.

    Attributes
    ----------
    metric, statistic, unit
        Which, by which statistic, and of which unit only, if any.
    """

    metric: Metric
    statistic: str
    unit: str | None

    def values(self, metrics: Metrics, first: datetime, periods: int, period: int) -> list[float | None]:
        """Datapoints of `periods` periods of `period` seconds from `first` on, oldest first."""
        end = first + timedelta(seconds=periods * period)
        spread = self.statistic.startswith("p")
        found = metrics.read(self.metric, first, end, period, unit=self.unit, aligned=False, spread=spread)
        begins = (int(first.timestamp()) + number * period for number in range(periods))
        return [self._value(found.get(begin)) for begin in begins]

    def _value(self, summary: Summary | None) -> float | None:
        return summary.statistic(self.statistic) if summary and summary.count else None


@dataclass(frozen=True)
class Watched:
    """What an alarm looks at.

    Attributes
    ----------
    period
        Seconds of a datapoint.
    sources
        Metrics by id.
    expression
        What to make of them; ``None`` for a single metric.
    """

    period: int
    sources: dict[str, Source]
    expression: ast.expr | None

    @classmethod
    def of(cls, alarm: Record) -> Watched:
        """Read off a ``MetricAlarm`` what it looks at.

        Raises
        ------
        ValueError
            For a statistic or expression that is not known here, or more time than an alarm may look at.
        """
        found = _of_queries(alarm["Metrics"]) if "Metrics" in alarm else cls._of_metric(alarm)
        longest = _WEEK if found.period >= _HOUR else _DAY
        if alarm["EvaluationPeriods"] * found.period > longest:
            raise ValueError(
                f"EvaluationPeriods * Period must be <= {longest}: a day, or a week by periods of an hour"
            )
        return found

    @classmethod
    def _of_metric(cls, alarm: Record) -> Watched:
        if "Period" not in alarm:
            raise ValueError("an alarm needs Period, or Metrics")
        return cls(alarm["Period"], {"m": _source(alarm, alarm, statistic(alarm))}, None)

    def points(self, metrics: Metrics, end: datetime, count: int) -> list[float | None]:
        """The last `count` datapoints before `end`, oldest first; ``None`` where there is none."""
        first = end - timedelta(seconds=count * self.period)
        columns = {
            name: source.values(metrics, first, count, self.period) for name, source in self.sources.items()
        }
        if self.expression is None:
            return next(iter(columns.values()))
        rows = ({name: column[row] for name, column in columns.items()} for row in range(count))
        return [metric_math.value(self.expression, row) for row in rows]


def statistic(alarm: Record) -> str:
    """Name the statistic of an alarm on one metric."""
    found = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
    if not found:
        raise ValueError("an alarm on one metric needs Statistic or ExtendedStatistic")
    return str(found)


def _of_queries(queries: list[Record]) -> Watched:
    shown = [query for query in queries if query.get("ReturnData", True)]
    if len(shown) != 1:
        raise ValueError("exactly one element of the metrics list should return data")
    stats = {query["Id"]: query["MetricStat"] for query in queries if "MetricStat" in query}
    sources = {name: _source(stat["Metric"], stat, stat["Stat"]) for name, stat in stats.items()}
    periods = {stat["Period"] for stat in stats.values()}
    if len(periods) != 1:
        raise ValueError("the local CloudWatch needs the metrics of an alarm to be of one Period")
    if "MetricStat" in shown[0]:
        name = shown[0]["Id"]
        return Watched(periods.pop(), {name: sources[name]}, None)
    expression = metric_math.parse(shown[0].get("Expression", ""))
    if unknown := metric_math.ids(expression) - sources.keys():
        raise ValueError(f"the expression speaks of {', '.join(sorted(unknown))}, which is no metric of it")
    return Watched(periods.pop(), sources, expression)


def _source(metric: Record, options: Record, name: str) -> Source:
    check_statistic(name)
    for needed in ("MetricName", "Namespace"):
        if needed not in metric:
            raise ValueError(f"an alarm needs {needed}, or Metrics that have it")
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    return Source(Metric.of(metric["Namespace"], metric["MetricName"], dimensions), name, options.get("Unit"))
