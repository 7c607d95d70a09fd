"""Views, alerts and dashboards of groups, deployed into a workspace."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator

import pytest

from lakestead.client import Warehouse
from lakestead.profiling.config import Alerting, Dashboards, OrchestratorConfig
from lakestead.profiling.findings import Finding
from lakestead.profiling.observability import deploy
from tests.functional.profiling import planted
from tests.functional.profiling.planted import Planted

# A tag may have any value.
MODELS = "ml/'x\n SELECT 1"
LABEL = "ml_x_select_1_" + hashlib.sha256(MODELS.encode()).hexdigest()[:6]


@pytest.fixture
def folder(warehouse: Warehouse) -> Iterator[str]:
    """A workspace folder for this test alone."""
    path = f"/Shared/monitoring-{uuid.uuid4().hex[:12]}"
    yield path
    warehouse.client.workspace.delete(path)


def configured(metrics: Planted, folder: str, **alerting: object) -> OrchestratorConfig:
    return OrchestratorConfig.model_validate(
        {
            "catalog_name": "main",
            "monitored_tables": {target.full_name: {} for target in metrics.targets},
            "profile_defaults": {"output_schema_name": metrics.schema.split(".")[1]},
            "alerting": Alerting.model_validate(alerting),
            "dashboards": Dashboards(folder=folder),
        }
    )


def fill(metrics: Planted) -> None:
    """Two windows of two groups, one of which has a model; the price and the country drift."""
    for target in metrics.targets:
        model = {"model_version": "'*'"} if target.name == "churn" else {}
        profiled = [
            {"window": planted.window(day), "column_name": f"'{column}'", "count": f"{400 + day}L"}
            | {"percent_null": f"{day * 8}D", "distinct_count": "20L", "avg": f"{day}D", **model}
            for day in range(1, 8)
            for column in (":table", "price", "country")
        ]
        if model:
            scores = {"accuracy_score": "0.9D", "f1_score": planted.pair(("macro", "weighted"), 0.8, 0.85)}
            profiled = [row | scores if row["column_name"] == "':table'" else row for row in profiled]
        metrics.profile(target, profiled)
        metrics.drift(
            target,
            [
                {"window": planted.window(day), "window_cmp": planted.window(day - 1), "count_delta": "1L"}
                | {"column_name": "'price'", "ks_test": planted.outcome(0.05 * day, 1e-6), **model}
                for day in range(2, 8)
            ]
            + [
                {"window": planted.window(day), "window_cmp": planted.window(day - 1), "count_delta": "1L"}
                | {"column_name": "'country'", "js_distance": f"{0.1 + 0.02 * day}D", **model}
                for day in range(2, 8)
            ],
        )


def test_all_of_it_is_deployed_once_and_follows_the_configuration(
    warehouse: Warehouse, metrics: Planted, folder: str
) -> None:
    """The second deployment changes nothing; less leaves nothing behind."""
    metrics.table("orders", "sales")
    metrics.table("churn", MODELS, "INFERENCE", profile=planted.QUALITY, drift={"model_version": "string"})
    fill(metrics)
    client = warehouse.client
    config = configured(metrics, folder, null_rate_threshold=0.5, default_notifications=["ada@example.org"])

    first = deploy(config, metrics.targets, warehouse, client)
    assert set(first.unified_profile_views) == {MODELS, "sales"}
    assert set(first.unified_performance_views) == {MODELS}
    assert first.alerts.created == [
        f"{LABEL}: drift",
        f"{LABEL}: null rate",
        f"{LABEL}: model quality",
        "sales: drift",
        "sales: null rate",
    ]
    alert = client.alerts_v2.get_alert(first.drift_alert_ids["sales"])
    assert alert.evaluation.notification is not None
    (told,) = alert.evaluation.notification.subscriptions or []
    assert told.user_email == "ada@example.org"
    assert first.dashboards.created == [f"Monitoring: {LABEL}", "Monitoring: sales", "Monitoring overview"]
    dashboard = client.lakeview.get_published(first.dashboard_ids[MODELS])
    assert dashboard.embed_credentials is False
    pages = json.loads(client.lakeview.get(first.dashboard_ids[MODELS]).serialized_dashboard or "")["pages"]
    assert [page["displayName"] for page in pages] == ["Overview", "Why", "Quality", "Models"]

    second = deploy(config, metrics.targets, warehouse, client)
    for changes in (second.alerts, second.dashboards):
        assert (changes.created, changes.updated, changes.removed) == ([], [], [])
    assert (second.views.written, second.views.removed) == ([], [])

    stricter = configured(metrics, folder, drift_threshold=0.1)
    third = deploy(stricter, metrics.targets[:1], warehouse, client)
    assert third.alerts.updated == ["sales: drift"]
    assert third.drift_alert_ids == {"sales": first.drift_alert_ids["sales"]}
    assert len(third.alerts.removed) == 4
    assert third.dashboards.updated == ["Monitoring: sales"]
    assert sorted(third.dashboards.removed) == ["Monitoring overview", f"Monitoring: {LABEL}"]
    assert set(third.alerts.ids["sales"]) == {Finding.DRIFT}

    last = deploy(stricter, [], warehouse, client)
    assert (last.alerts.removed, last.dashboards.removed) == (["sales: drift"], ["Monitoring: sales"])
    assert list(client.workspace.list(folder)) == []
