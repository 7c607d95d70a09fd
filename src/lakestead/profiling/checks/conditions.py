"""Rules as SQL conditions over a row. None of them is ever NULL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from lakestead.core.names import quote, quote_string
from lakestead.profiling.checks.rules import (
    Allowed,
    Expression,
    ForeignKey,
    Literally,
    NotNull,
    Pattern,
    Range,
    RowRule,
    TableRule,
    Unique,
)


def literal(value: Literally) -> str:
    """Return a value as SQL. A time without a zone is a TIMESTAMP_NTZ."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        kind = "TIMESTAMP_NTZ" if value.tzinfo is None else "TIMESTAMP"
        return f"{kind} '{value.isoformat(sep=' ')}'"
    if isinstance(value, dt.date):
        return f"DATE '{value.isoformat()}'"
    return quote_string(value)


def concerned(rule: RowRule | TableRule) -> str:
    """Return whether a rule is about a row."""
    return "true" if rule.where is None else f"coalesce(({rule.where}\n), false)"


def broken(rule: RowRule, condition: str | None = None) -> str:
    """Return whether a row breaks a rule.

    Args:
        rule: the rule.
        condition: whether the row breaks it if it is concerned, where the row does not say that by itself.
    """
    condition = condition or _broken(rule)
    if rule.where is None:
        return condition
    # What a rule says must not be evaluated where it does not apply: it may divide by what is zero there.
    # By numbers, because engines make a plain AND of a CASE of truth values.
    return f"CASE WHEN {concerned(rule)} THEN CASE WHEN {condition} THEN 1 ELSE 0 END ELSE 0 END = 1"


def asked_alone(rule: RowRule) -> bool:
    """Return whether a row says by itself if it keeps a rule."""
    return not isinstance(rule, Unique | ForeignKey)


def _broken(rule: RowRule) -> str:
    if isinstance(rule, NotNull):
        return "(" + " OR ".join(f"{quote(column)} IS NULL" for column in rule.columns) + ")"
    return f"NOT coalesce({_kept(rule)}, true)"


def _kept(rule: RowRule) -> str:
    if isinstance(rule, Expression):
        return f"({rule.expression}\n)"
    if isinstance(rule, Pattern):
        return f"{quote(rule.column)} RLIKE {quote_string(rule.regex)}"
    if isinstance(rule, Allowed):
        return f"{quote(rule.column)} IN ({', '.join(map(literal, rule.values))})"
    assert isinstance(rule, Range)
    ends = ((">=", rule.min), ("<=", rule.max))
    return " AND ".join(
        f"{quote(rule.column)} {sign} {literal(end)}" for sign, end in ends if end is not None
    )
