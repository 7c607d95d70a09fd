"""Spans and metrics at a real collector: sampling, batches, compression, TLS, headers."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client.parser import text_string_to_metric_families

from lakestead.core.errors import ConfigError
from lakestead.costs import get_cost_aggregator
from lakestead.telemetry.adapter import GenOpsDatabricksUnityCatalogAdapter
from lakestead.telemetry.dashboard import dashboard
from lakestead.telemetry.providers import OwnMeterProvider, OwnTracerProvider
from lakestead.telemetry.schema import problems
from lakestead.telemetry.setup import make_adapter
from tests.servers.otlp import Collector, attributes, collector


@pytest.fixture(scope="module")
def plain() -> Iterator[Collector]:
    with collector() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "collector")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def adapter(**config: Any) -> GenOpsDatabricksUnityCatalogAdapter:
    """Return an adapter with providers of its own; the process's stay as they are."""
    return make_adapter(
        "https://example.cloud.databricks.com",
        tracer_provider=OwnTracerProvider(),
        meter_provider=OwnMeterProvider(),
        **config,
    )


def queries(one: GenOpsDatabricksUnityCatalogAdapter, number: int, name: str) -> None:
    for _ in range(number):
        one.track_table_operation("query", "main", "raw", name, row_count=7, team="data")
    one.close()


def of(running: Collector, name: str) -> list[dict[str, Any]]:
    return [span for span in running.spans() if attributes(span).get("genops.table_name") == name]


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_spans_and_metrics_arrive(plain: Collector, protocol: str) -> None:
    port = plain.grpc_port if protocol == "grpc" else plain.http_port
    name = f"arrive_{port}"
    queries(
        adapter(
            otlp_endpoint=f"http://127.0.0.1:{port}",
            otlp_protocol=protocol,
            otlp_headers={"Api-Key": name},
            service_name=name,
        ),
        2,
        name,
    )
    first, second = of(plain, name)
    assert first["name"] == "genops.databricks.unity_catalog.table.query"
    assert first["spanId"] != second["spanId"]
    told = attributes(first)
    assert (
        problems(first["name"], {**told, "genops.data.row_count": int(told["genops.data.row_count"])}) == []
    )
    requests = [request for request in plain.received() if request["headers"].get("api-key") == name]
    assert {request["protocol"] for request in requests} == {protocol.split("/")[0]}
    resources = [one["resource"] for request in requests for one in request.get("resourceSpans", ())]
    assert attributes(resources[0])["service.name"] == name
    metrics = {
        metric["name"]
        for request in requests
        for resource in request.get("resourceMetrics", ())
        for scope in resource["scopeMetrics"]
        for metric in scope["metrics"]
    }
    assert "db.client.operation.duration" in metrics


def test_batches_are_as_large_as_was_said(plain: Collector) -> None:
    endpoint = f"http://127.0.0.1:{plain.grpc_port}"
    queries(adapter(otlp_endpoint=endpoint, batch_size=50, flush_interval_seconds=600), 120, "batched")
    batches = [batch for batch in plain.batches() if attributes(batch[0])["genops.table_name"] == "batched"]
    assert sorted(len(batch) for batch in batches) == [20, 50, 50]


def test_what_is_not_asynchronous_is_sent_at_once(plain: Collector) -> None:
    one = adapter(otlp_endpoint=f"http://127.0.0.1:{plain.grpc_port}", async_telemetry_export=False)
    one.track_catalog_operation("read", "at_once")
    assert [attributes(span).get("genops.catalog_name") for span in plain.spans()].count("at_once") == 1
    one.close()


def test_sampling_keeps_a_share_of_traces_and_whole_ones(plain: Collector) -> None:
    one = adapter(
        otlp_endpoint=f"http://127.0.0.1:{plain.grpc_port}", enable_sampling=True, sampling_rate=0.2
    )
    for _ in range(1_000):
        with one.catalog_operation("read", "sampled"):
            one.track_table_operation("query", "sampled", "raw", "sampled")
    one.close()
    children = of(plain, "sampled")
    # 5 standard deviations of the binomial distribution, about 63.
    assert abs(len(children) - 200) < 64
    parents = {span["spanId"] for span in plain.spans() if span["name"].endswith("catalog.read")}
    assert all(span["parentSpanId"] in parents for span in children)


def test_compression(plain: Collector) -> None:
    endpoint = f"http://127.0.0.1:{plain.http_port}"
    for compressed, name in ((True, "small"), (False, "large")):
        headers = {"x-test": name}
        config = {"otlp_endpoint": endpoint, "otlp_protocol": "http/protobuf", "otlp_headers": headers}
        queries(adapter(**config, enable_compression=compressed), 1, name)
        encodings = {
            request["headers"].get("content-encoding")
            for request in plain.received()
            if request["headers"].get("x-test") == name
        }
        assert encodings == {"gzip" if compressed else None}


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_tls(certificate: tuple[Path, Path], protocol: str) -> None:
    with collector(*certificate) as running:
        port = running.grpc_port if protocol == "grpc" else running.http_port
        trusted = adapter(
            otlp_endpoint=f"https://127.0.0.1:{port}",
            otlp_protocol=protocol,
            otlp_certificate=certificate[0],
            encrypt_telemetry_data=True,
        )
        queries(trusted, 1, "encrypted")
        assert len(of(running, "encrypted")) == 1


def test_a_certificate_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no file"):
        adapter(otlp_endpoint="https://127.0.0.1:1", otlp_certificate=tmp_path / "none.pem")


def test_what_only_the_maker_of_a_provider_can_say_is_refused() -> None:
    with pytest.raises(ConfigError, match="enable_sampling: this program has a TracerProvider of its own"):
        make_adapter(tracer_provider=TracerProvider(), enable_sampling=True, sampling_rate=0.1)


def test_a_programs_own_provider_gets_what_is_asked_for_besides(plain: Collector) -> None:
    provider = TracerProvider()
    one = make_adapter(
        tracer_provider=provider,
        meter_provider=OwnMeterProvider(),
        otlp_endpoint=f"http://127.0.0.1:{plain.grpc_port}",
    )
    one.track_catalog_operation("read", "added")
    one.close()
    provider.shutdown()
    assert "added" in [attributes(span).get("genops.catalog_name") for span in plain.spans()]


def test_prometheus_has_what_the_dashboard_asks_for() -> None:
    one = adapter(prometheus_port=0)
    one.track_sql_warehouse_operation("w", "transform", team="data", cost=Decimal("0.25"))
    one.track_table_operation(
        "write", "a", "b", "c", team="data", lineage_upstream="x", lineage_downstream="a.b.c"
    )
    one.record_budget("team data", 40, 50)
    one.recorder.instruments.violation("pii", "blocked", {"genops.provider": "databricks_unity_catalog"})
    assert isinstance(one.recorder.pipeline.meter_provider, OwnMeterProvider)
    with urllib.request.urlopen(one.recorder.pipeline.meter_provider.prometheus.url) as answer:
        families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    one.close()
    get_cost_aggregator().reset()
    samples = {sample.name: sample for family in families.values() for sample in family.samples}
    cost = samples["genops_cost_total"]
    assert cost.value == 0.25
    assert cost.labels["genops_team"] == "data"
    assert cost.labels["genops_provider"] == "databricks_unity_catalog"
    assert samples["genops_budget_used"].value == 0.8
    for query in dashboard_metrics():
        assert query in samples


def dashboard_metrics() -> set[str]:
    """Return the names of the metrics that the dashboard asks for."""
    expressions = [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", ())]
    assert expressions
    return {name for text in expressions for name in re.findall(r"\b(?:genops|db_client)_\w+(?=[{\[])", text)}
