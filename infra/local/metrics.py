"""CloudWatch's data points: gathered in memory by the second, read by period and statistic."""

from __future__ import annotations

import math
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from infra.local import lasting_metrics
from infra.local.metric import Metric
from infra.local.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.local.clock import Clock
    from infra.local.store import Store

_FINE_SECONDS = 900
_KEPT_SECONDS = 15 * 86_400
_MINUTE = 60
_SWEEP_SECONDS = 60


class Metrics:
    """Every metric of an account, in memory; for any thread.

    Seconds are kept for a quarter of an hour, then as minutes for fifteen days, as CloudWatch keeps minutes.

    Parameters
    ----------
    clock
        Says when a value without a moment is.
    store
        Where lasting values are kept and read again; ``None`` for nowhere.
    """

    def __init__(self, clock: Clock, store: Store | None = None) -> None:
        self._clock = clock
        self._store = store
        self._lock = threading.Lock()
        self._points: dict[Metric, dict[str, dict[int, Summary]]] = {}
        self._swept = 0
        for metric, unit, moment, of in lasting_metrics.kept(store, clock.now()) if store else ():
            self._at(metric, unit, moment).merge(of)

    def put(  # noqa: PLR0913, PLR0917 - what CloudWatch's PutMetricData says of a value
        self,
        namespace: str,
        name: str,
        value: float,
        dimensions: Mapping[str, str],
        unit: str = "None",
        moment: datetime | None = None,
        times: float = 1.0,
    ) -> None:
        """Take one value; it can be read at once.

        Parameters
        ----------
        namespace, name, dimensions
            The metric.
        value
            Finite.
        unit
            One of CloudWatch's, e.g. ``Count`` or ``Microseconds``.
        moment
            When, with a time zone; now unless told.
        times
            How often it occurred.
        """
        with self._lock:
            self._at(Metric.of(namespace, name, dimensions), unit, moment).add(value, times)

    def put_set(
        self, metric: Metric, unit: str, moment: datetime | None, of: Summary, *, lasting: bool = False
    ) -> None:
        """Take a statistic set; `of` holds its values as far as they are known.

        A `lasting` one is there again after a restart.
        """
        with self._lock:
            self._at(metric, unit, moment).merge(of)
        if lasting and self._store:
            lasting_metrics.keep(self._store, metric, unit, moment or self._clock.now(), of)

    def read(  # noqa: PLR0913 - what CloudWatch's GetMetricStatistics asks for
        self,
        metric: Metric,
        start: datetime,
        end: datetime,
        period: int,
        *,
        unit: str | None = None,
        aligned: bool = True,
        spread: bool = True,
    ) -> dict[int, Summary]:
        """Sum up a metric by periods.

        Parameters
        ----------
        metric
            Which one; its dimensions must be exactly these.
        start, end
            The stretch, its end left out.
        period
            Seconds of a period.
        unit
            Only values of this unit, else of every.
        aligned
            Whether periods begin at multiples of their length, as CloudWatch's do; else at `start`.
        spread
            Whether percentiles are wanted, which cost the most.

        Returns
        -------
        dict
            Summaries by the first second of their period, in order; periods without values are left out.
        """
        first, last = int(start.timestamp()), math.ceil(end.timestamp())
        offset = 0 if aligned else first % period
        first = (first - offset) // period * period + offset
        with self._lock:  # for no longer than it takes to copy: every request of an endpoint needs it
            seconds = [
                (second, points[second].copied(spread=spread))
                for points in self._of(metric, unit)
                for second in _within(points, first, last)
            ]
        found: dict[int, Summary] = {}
        for second, summary in seconds:
            begin = (second - offset) // period * period + offset
            found.setdefault(begin, Summary()).merge(summary)
        return dict(sorted(found.items()))

    def names(self) -> list[Metric]:
        """All metrics that have values, sorted."""
        with self._lock:
            return sorted(self._points)

    def _of(self, metric: Metric, unit: str | None) -> Iterator[dict[int, Summary]]:
        by_unit = self._points.get(metric, {})
        return (points for name, points in by_unit.items() if unit in {None, name})

    def _at(self, metric: Metric, unit: str, moment: datetime | None) -> Summary:
        now = self._clock.now()
        if now.timestamp() - self._swept >= _SWEEP_SECONDS:
            self._sweep(now)
        points = self._points.setdefault(metric, {}).setdefault(unit, {})
        return points.setdefault(int((moment or now).timestamp()), Summary())

    def _sweep(self, now: datetime) -> None:
        """Make minutes of old seconds, and forget what is older still."""
        self._swept = int(now.timestamp())
        fine = self._swept - _FINE_SECONDS
        oldest = int((now - timedelta(seconds=_KEPT_SECONDS)).timestamp())
        for metric, by_unit in list(self._points.items()):
            for unit, points in list(by_unit.items()):
                _coarsen(points, fine, oldest)
                if not points:
                    del by_unit[unit]
            if not by_unit:
                del self._points[metric]


def _within(points: dict[int, Summary], first: int, last: int) -> list[int]:
    if last - first < len(points):
        return [second for second in range(first, last) if second in points]
    return sorted(second for second in points if first <= second < last)


def _coarsen(points: dict[int, Summary], fine: int, oldest: int) -> None:
    for second in [second for second in points if second < fine]:
        if second < oldest:
            del points[second]
        elif second % _MINUTE:
            points.setdefault(second - second % _MINUTE, Summary()).absorb(points.pop(second))
