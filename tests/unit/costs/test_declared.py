"""What governance.yaml says of costs, and what the command line knows of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakestead.cli.costs.options import Owner, What, days
from lakestead.core.errors import ConfigError
from lakestead.costs import By
from lakestead.costs.declared import OWNERS, read_attribution, read_prices


def test_the_command_lines_choices_are_the_reports() -> None:
    assert [one.value for one in What] == [one.value for one in By]
    assert {one.value for one in Owner} == set(OWNERS) == {one.value for one in By if one.owner}


def test_without_a_file_the_usual_holds(tmp_path: Path) -> None:
    assert read_attribution(tmp_path / "none.yaml").team == ("team",)
    assert read_prices(tmp_path / "none.yaml").currency is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prices:\n  rates:\n    - {currency: EUR, rate: 1}\n", "rates lead into a currency"),
        (
            "prices:\n  list:\n    - {sku: A, price: 1}\n    - {sku: A, price: 2, since: 2026-01-01}\n",
            "same time",
        ),
        ("prices:\n  list:\n    - {sku: A, price: -1}\n", "greater than or equal to 0"),
        ("attribution:\n  fallbacks:\n    - {warehouse: w}\n", "a fallback says one of team"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "governance.yaml"
    path.write_text(text, encoding="utf-8")
    reading: Any = read_prices if text.startswith("prices") else read_attribution
    with pytest.raises(ConfigError, match=problem):
        reading(path)


def test_prices_may_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "governance.yaml"
    path.write_text(
        "prices:\n  list:\n    - {sku: A, price: '1', until: 2026-01-01}\n"
        "    - {sku: A, price: '2', since: 2026-01-01}\n    - {sku: B, price: '2'}\n",
        encoding="utf-8",
    )
    assert len(read_prices(path).list) == 3


def test_days_are_whole_and_in_order() -> None:
    since, until = days("2026-01-01", "2026-02-01")
    assert (until - since).days == 31
    assert (days(None, "2026-02-01")[1] - days(None, "2026-02-01")[0]).days == 30
    with pytest.raises(ConfigError, match="no day lies between"):
        days("2026-02-01", "2026-02-01")
