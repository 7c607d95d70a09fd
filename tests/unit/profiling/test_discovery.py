"""Discovery by tags, settings that tags say, and policies."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from lakestead.profiling.config import Discovery, Policy
from lakestead.profiling.discovery import settings_of, tagged
from lakestead.profiling.policy import refusals
from lakestead.profiling.settings import ProfileSettings
from lakestead.profiling.targets import Target

ON = {"monitor_enabled": "true"}
TAGS = {
    "prod.sales.orders": ON,
    "prod.sales.orders_tmp": ON,
    "prod.sales.off": {"monitor_enabled": "false"},
    "prod.sales.private": {**ON, "pii": "high"},
    "prod.tmp_x.orders": ON,
    "prod.hr.people": {**ON, "tier": "gold"},
}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ["hr.people", "sales.orders", "sales.orders_tmp", "sales.private", "tmp_x.orders"]),
        (
            {"exclude_schemas": ["tmp_*"], "exclude_tables": ["*_tmp"]},
            ["hr.people", "sales.orders", "sales.private"],
        ),
        ({"include_schemas": ["SALES"], "exclude_tables": ["sales.o*"]}, ["sales.private"]),
        ({"exclude_tags": {"pii": "*"}, "include_schemas": ["sales"]}, ["sales.orders", "sales.orders_tmp"]),
        ({"include_tags": {**ON, "tier": "*"}}, ["hr.people"]),
        ({"include_tags": {"monitor_enabled": False}}, ["sales.off"]),
    ],
)
def test_which_tables_are_found(said: dict[str, object], found: list[str]) -> None:
    discovery = Discovery.model_validate({"include_tags": ON, **said})
    assert tagged(discovery, TAGS) == [f"prod.{name}" for name in found]


def test_tags_say_settings() -> None:
    found = settings_of(
        {
            "monitor_profile_type": "snapshot",
            "monitor_granularity": "1 hour, 1 day",
            "monitor_slicing_exprs": "region; amount > 10, note = 'a;b'",
            "monitor_group": "not a setting",
            "other": "tag",
        }
    )
    assert found.model_dump(exclude_unset=True) == {
        "profile_type": "SNAPSHOT",
        "granularity": ("1 hour", "1 day"),
        "slicing_exprs": ("region", "amount > 10, note = 'a", "b'"),
    }
    with pytest.raises(ValidationError, match="unknown granularity"):
        settings_of({"monitor_granularity": "2 days"})


def target(name: str, priority: int = 100, tags: dict[str, str] | None = None, **said: object) -> Target:
    settings = ProfileSettings.model_validate(said)
    return Target("prod", "ml", name, name, settings, "default", tags=tags or {}, priority=priority)


def test_policy_refuses_with_all_reasons() -> None:
    policy = Policy(
        table_names=("ml.model_*",),
        output_schema_names=("monitoring*",),
        require_baseline=True,
        require_slicing=True,
        require_tags=("owner",),
    )
    good = target("model_a", tags={"owner": "x"}, baseline_table_name="prod.ml.b", slicing_exprs=["a"])
    bad = target("a", output_schema_name="other")
    found = refusals(policy, [good, bad])
    assert list(found) == ["prod.ml.a"]
    for word in ("ml.model_*", "monitoring*", "baseline_table_name", "slicing_exprs", "owner"):
        assert word in found["prod.ml.a"]


def test_the_most_important_tables_are_kept() -> None:
    targets = [
        target("first", 0),
        target("unfit", 1, output_schema_name="x"),
        target("second", 2),
        target("third", 3),
    ]
    policy = Policy(max_tables=2, output_schema_names=("monitoring_results",))
    found = refusals(policy, targets)
    assert set(found) == {"prod.ml.unfit", "prod.ml.third"}
    assert "2 tables" in found["prod.ml.third"]
