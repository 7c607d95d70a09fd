"""Configuration of telemetry."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakestead.core.errors import ConfigError
from lakestead.telemetry.settings import settings


def test_an_unknown_key_is_refused_and_the_nearest_named() -> None:
    with pytest.raises(ConfigError, match="unknown key 'sampling_ratio'; did you mean 'sampling_rate'"):
        settings({"sampling_ratio": 0.1}, {})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"enable_sampling": True, "sampling_rate": 2}, "sampling_rate: input should be less than"),
        ({"sampling_rate": 0.5}, "no effect without enable_sampling"),
        ({"batch_size": 0}, "batch_size"),
        ({"log_level": "LOUD"}, "log_level"),
        ({"encrypt_telemetry_data": True, "otlp_endpoint": "http://collector:4317"}, "without TLS"),
        ({"encrypt_telemetry_data": True, "otlp_endpoint": "collector:4317"}, "without TLS"),
        ({"otlp_client_key": "key.pem"}, "belong together"),
        ({"otlp_protocol": "carrier pigeon"}, "otlp_protocol"),
    ],
)
def test_a_wrong_value_is_refused(config: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        settings(config, {})


def test_the_environment_switches_where_the_program_says_nothing() -> None:
    environment = {"GENOPS_ENABLE_PII_DETECTION": "true", "GENOPS_ENABLE_AUDIT_LOGGING": "0"}
    found = settings({}, environment)
    assert (found.pii_detection_enabled, found.audit_all_operations) == (True, False)
    assert not settings({"pii_detection_enabled": False}, environment).pii_detection_enabled
    with pytest.raises(ConfigError, match="GENOPS_ENABLE_AUDIT_LOGGING: must be true or false"):
        settings({}, {"GENOPS_ENABLE_AUDIT_LOGGING": "perhaps"})


def test_headers_are_not_shown() -> None:
    assert "secret" not in repr(settings({"otlp_headers": {"api-key": "secret"}}, {}))


def test_keywords_are_above_the_governance_file_and_that_above_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "governance.yaml"
    file.write_text("telemetry:\n  batch_size: 7\n  audit_all_operations: false\n", encoding="utf-8")
    environment = {"GENOPS_ENABLE_AUDIT_LOGGING": "true"}
    found = settings({"governance_file": file}, environment)
    assert (found.batch_size, found.audit_all_operations) == (7, False)
    assert settings({"governance_file": file, "batch_size": 9}, environment).batch_size == 9
    file.write_text("telemetry:\n  batch_siez: 7\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"governance.yaml:2:3: unknown key 'batch_siez'"):
        settings({"governance_file": file}, environment)
