"""What the coming days will cost, with an interval, and how wrong such forecasts have been.

The model is exponential smoothing with a damped trend and a pattern of weekdays (Holt-Winters, all additive).
The interval is that of simulated futures, of days and of their sum. Its error is measured by going back:
the model is fitted to what was known then, and compared with what came.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lakestead.core.errors import MissingExtra, SourceError

if TYPE_CHECKING:
    import numpy as np

WEEK = 7
LEAST_DAYS = 4 * WEEK
"""Fewer days of history show no pattern of weekdays."""

_DAY = dt.timedelta(days=1)
_FUTURES = 2000  # simulated: an interval's ends differ by about a hundredth of its width with other ones
_SEED = 20260101  # the same costs have the same forecast
_TESTS = 6


@dataclass(frozen=True, slots=True)
class DayForecast:
    """What a day will cost.

    Args:
        day: in UTC.
        expected: the cost.
        low: the interval's lower end.
        high: its upper end.
    """

    day: dt.date
    expected: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Backtest:
    """How wrong forecasts of the past days would have been.

    Args:
        days: how many were forecast.
        error: the sum of all errors, signs left out, as a share of what was spent; 0.1 is 10 %. None if
            nothing was spent.
        coverage: the share of days that the interval held.
    """

    days: int
    error: Decimal | None
    coverage: Decimal


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the coming days will cost.

    Args:
        days: each of them.
        confidence: of the intervals, e.g. 0.8.
        expected: the sum of all days.
        low: the lower end of the sum's interval.
        high: its upper end.
        backtest: how wrong it would have been; None if history is too short to say.
    """

    days: Sequence[DayForecast]
    confidence: Decimal
    expected: Decimal
    low: Decimal
    high: Decimal
    backtest: Backtest | None


def forecast(
    history: Mapping[dt.date, Decimal], until: dt.date, confidence: Decimal = Decimal("0.8")
) -> Forecast:
    """Return what the days after a history will cost.

    Args:
        history: the cost of each day, without gaps.
        until: the day after the last that is forecast.
        confidence: of the intervals, between 0 and 1.

    Raises:
        SourceError: when the history is too short, or `until` lies in it.
        MissingExtra: when statsmodels is not installed.
    """
    days = sorted(history)
    if len(days) < LEAST_DAYS:
        raise SourceError(
            f"the costs of {len(days)} days are known: a forecast needs those of {LEAST_DAYS}, four weeks"
        )
    horizon = (until - days[-1]).days - 1
    if horizon < 1:
        raise SourceError(f"nothing is to be forecast: the costs are known up to {days[-1]}")
    values = [float(history[day]) for day in days]
    futures = _futures(values, horizon)
    low, middle, high = _interval(futures, confidence)
    total_low, total, total_high = _interval(futures.sum(axis=0, keepdims=True), confidence)
    coming = [
        DayForecast(days[-1] + (n + 1) * _DAY, _money(middle[n]), _money(low[n]), _money(high[n]))
        for n in range(horizon)
    ]
    backtest = _backtest(values, min(horizon, WEEK), confidence)
    return Forecast(
        coming, confidence, _money(total[0]), _money(total_low[0]), _money(total_high[0]), backtest
    )


def _futures(values: Sequence[float], horizon: int) -> np.ndarray[Any, Any]:
    """Return simulated futures, one in each column; none below 0."""
    import numpy as np

    if max(values) == min(values):  # nothing varies, which the model cannot be fitted to
        return np.full((horizon, 1), values[0])
    model, warning = _model()
    with warnings.catch_warnings():
        # The best parameters that were found serve, whether or not the search thinks that it has ended.
        warnings.simplefilter("ignore", warning)
        fitted = model(
            np.asarray(values),
            error="add",
            trend="add",
            damped_trend=True,
            seasonal="add",
            seasonal_periods=WEEK,
            initialization_method="heuristic",  # estimated, it takes a hundred times as long for the same
        ).fit(disp=False)
        paths = fitted.simulate(horizon, anchor="end", repetitions=_FUTURES, rng=np.random.default_rng(_SEED))
    futures: np.ndarray[Any, Any] = np.maximum(np.asarray(paths).reshape(horizon, _FUTURES), 0.0)
    return futures


def _model() -> tuple[Any, type[Warning]]:
    try:
        from statsmodels.tools.sm_exceptions import ConvergenceWarning
        from statsmodels.tsa.exponential_smoothing.ets import ETSModel
    except ImportError as error:
        raise MissingExtra("a forecast", "costs") from error
    return ETSModel, ConvergenceWarning


def _interval(
    futures: np.ndarray[Any, Any], confidence: Decimal
) -> tuple[Sequence[float], Sequence[float], Sequence[float]]:
    """Return the lower end, the mean and the upper end of each row."""
    import numpy as np

    tail = (1 - float(confidence)) / 2
    low, high = np.quantile(futures, [tail, 1 - tail], axis=1)
    return low, futures.mean(axis=1), high


def _backtest(values: Sequence[float], horizon: int, confidence: Decimal) -> Backtest | None:
    """Forecast the last weeks from what was known before each of them."""
    starts = [len(values) - n * horizon for n in range(1, _TESTS + 1)]
    starts = [start for start in starts if start >= LEAST_DAYS]
    if not starts:
        return None
    errors, actual, held = 0.0, 0.0, 0
    for start in starts:
        low, middle, high = _interval(_futures(values[:start], horizon), confidence)
        for n, value in enumerate(values[start : start + horizon]):
            errors += abs(value - middle[n])
            actual += abs(value)
            held += bool(low[n] - _ROUNDING <= value <= high[n] + _ROUNDING)
    days = len(starts) * horizon
    error = Decimal(str(round(errors / actual, 4))) if actual else None
    return Backtest(days, error, Decimal(held) / days)


_ROUNDING = 0.005  # half a cent is no error


def _money(value: float) -> Decimal:
    return Decimal(str(round(float(value), 2)))
