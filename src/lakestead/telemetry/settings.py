"""How telemetry is made and where it is sent: the keywords of `instrument_databricks_unity_catalog`.

They may stand in `governance.yaml`, too, under `telemetry:`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from lakestead.core.config import Declaration, unknown
from lakestead.core.errors import ConfigError
from lakestead.core.governance import DEFAULT_PATH, section

DEFAULT_SERVICE = "databricks-unity-catalog"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SWITCHES = {
    "pii_detection_enabled": "GENOPS_ENABLE_PII_DETECTION",
    "audit_all_operations": "GENOPS_ENABLE_AUDIT_LOGGING",
}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


class Protocol(StrEnum):
    """How OTLP is spoken to a collector."""

    GRPC = "grpc"
    HTTP = "http/protobuf"


class Settings(Declaration):
    """How telemetry is made and where it is sent.

    Args:
        service_name: what the program is called in traces; else OTEL_SERVICE_NAME.
        otlp_endpoint: a collector's URL, without a path; else OTEL_EXPORTER_OTLP_ENDPOINT. Nothing is sent
            anywhere without either.
        otlp_protocol: else OTEL_EXPORTER_OTLP_PROTOCOL, else grpc.
        otlp_headers: sent along, such as an API key; never shown.
        otlp_certificate: a file of certificates (PEM) that the collector's is checked with.
        otlp_client_certificate: a file (PEM) that tells the collector who sends.
        otlp_client_key: the key of it.
        prometheus_port: where metrics are offered to Prometheus, on `prometheus_host`; 0 takes any free port.
        prometheus_host: the address of this machine to offer them on.
        enable_sampling: record only a share of the traces, as `sampling_rate` says.
        sampling_rate: the share, from 0 to 1. A trace that another program has begun stays whole.
        async_telemetry_export: send from a thread of its own, in batches; else at the end of each span.
        batch_size: the most spans of a batch.
        flush_interval_seconds: how often what has gathered is sent.
        enable_compression: send by gzip.
        log_level: from which level on the logger `lakestead` says something.
        enable_trace_correlation: put the ids of trace and span on every log record of the program.
        export_traces_to_console: print spans on standard output, too.
        validate_telemetry_schema: check every span by `schema.json`; what is wrong is logged and counted.
        enable_performance_metrics: measure what instrumentation itself costs, `genops.telemetry.overhead`.
        audit_all_operations: write every operation to the audit log, `audit_folder`; also
            GENOPS_ENABLE_AUDIT_LOGGING.
        audit_folder: where its files are, one a day.
        data_retention_days: how long they are kept; older ones are deleted. Spans tell it to the collector.
        encrypt_telemetry_data: refuse a collector that is not reached by TLS.
        enable_data_masking: put `?` for what looks like personal data in the values that spans show.
        pii_detection_enabled: name the kinds of personal data in statements' values, `genops.data.pii_types`,
            never the values; also GENOPS_ENABLE_PII_DETECTION.
        compliance_frameworks: GDPR, CCPA, SOX, HIPAA: spans carry them, and `adapter.check_compliance()`
            asks their questions.
        enable_rbac: refuse statements on tables that are classified above the user's clearance, as
            `governance.yaml` says.
        enforce_governance: refuse statements that break a policy of `governance.yaml`, or for which a budget
            of it is used up.
        governance_file: that file.
    """

    service_name: str | None = None
    otlp_endpoint: str | None = None
    otlp_protocol: Protocol | None = None
    otlp_headers: dict[str, str] = Field(default_factory=dict, repr=False)
    otlp_certificate: Path | None = None
    otlp_client_certificate: Path | None = None
    otlp_client_key: Path | None = None
    prometheus_port: int | None = Field(default=None, ge=0, le=65_535)
    prometheus_host: str = "127.0.0.1"

    enable_sampling: bool = False
    sampling_rate: float = Field(default=1.0, ge=0, le=1)
    async_telemetry_export: bool = True
    batch_size: int = Field(default=512, ge=1)
    flush_interval_seconds: float = Field(default=5.0, gt=0)
    enable_compression: bool = False

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] | None = None
    enable_trace_correlation: bool = False
    export_traces_to_console: bool = False
    validate_telemetry_schema: bool = False
    enable_performance_metrics: bool = False

    audit_all_operations: bool = False
    audit_folder: Path = Path(".lakestead/audit")
    data_retention_days: int | None = Field(default=None, ge=1)
    encrypt_telemetry_data: bool = False
    enable_data_masking: bool = False
    pii_detection_enabled: bool = False
    compliance_frameworks: tuple[str, ...] = ()
    enable_rbac: bool = False
    enforce_governance: bool = False
    governance_file: Path = DEFAULT_PATH

    @property
    def stops_statements(self) -> bool:
        """Whether statements are judged before they are sent."""
        return self.enable_rbac or self.enforce_governance

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("compliance_frameworks")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from lakestead.govern.compliance.settings import FRAMEWORKS

        for one in value:
            if one.upper() not in FRAMEWORKS:
                raise ValueError(unknown("framework", one, FRAMEWORKS))
        return tuple(dict.fromkeys(one.upper() for one in value))

    @model_validator(mode="after")
    def _agree(self) -> Settings:
        collector = self.collector
        if self.encrypt_telemetry_data and collector and not collector.startswith("https://"):
            raise ValueError(
                f"encrypt_telemetry_data: the collector {collector} may be reached without TLS; give an"
                " https:// endpoint"
            )
        if "sampling_rate" in self.model_fields_set and not self.enable_sampling:
            raise ValueError("sampling_rate: has no effect without enable_sampling=True")
        if bool(self.otlp_client_certificate) != bool(self.otlp_client_key):
            raise ValueError("otlp_client_certificate and otlp_client_key belong together: give both")
        return self

    @property
    def service(self) -> str:
        """What the program is called in traces."""
        return self.service_name or os.environ.get("OTEL_SERVICE_NAME") or DEFAULT_SERVICE

    @property
    def collector(self) -> str | None:
        """The collector's URL, also if the environment names it; None if nobody does."""
        return self.otlp_endpoint or _first(os.environ, _ENDPOINTS)

    @property
    def protocol(self) -> Protocol:
        """How OTLP is spoken, also if the environment says it.

        Raises:
            ConfigError: when the environment says something else.
        """
        said = self.otlp_protocol or _first(os.environ, _PROTOCOLS) or Protocol.GRPC
        if said not in list(Protocol):
            raise ConfigError(unknown("protocol", said, list(Protocol)), where=" or ".join(_PROTOCOLS))
        return Protocol(said)

    def given(self, names: tuple[str, ...]) -> list[str]:
        """Return which of these were not left at their defaults."""
        defaults = type(self).model_fields
        return [
            name
            for name in names
            if getattr(self, name) != defaults[name].get_default(call_default_factory=True)
        ]


def settings(config: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Return settings from keywords, else the governance file's section `telemetry`, else the environment.

    Args:
        config: fields of `Settings`; `governance_file` names the file, which need not be there.
        environment: the variables; the process's own if not given.

    Raises:
        ConfigError: for a key that is unknown (names the nearest), or a value that cannot be.
    """
    variables = os.environ if environment is None else environment
    for key in config:
        if key not in Settings.model_fields:
            raise ConfigError(unknown("key", key, sorted(Settings.model_fields)))
    given = {key: value for key, value in config.items() if value is not None}
    values = {**_switched(variables), **_declared(Path(given.get("governance_file", DEFAULT_PATH))), **given}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError("; ".join(_explained(detail) for detail in error.errors())) from None


def _declared(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    return section(path, "telemetry", Settings).model_dump(exclude_unset=True)


def _explained(detail: Any) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    return f"{where}: {message[:1].lower()}{message[1:]}" if where else message


def _first(variables: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((variables[name] for name in names if variables.get(name)), None)


def _switched(variables: Mapping[str, str]) -> dict[str, bool]:
    switched: dict[str, bool] = {}
    for key, name in _SWITCHES.items():
        value = variables.get(name, "").strip().lower()
        if value not in (*_TRUE, *_FALSE):
            raise ConfigError(f"must be true or false, not '{value}'", where=name)
        if value in _TRUE:
            switched[key] = True
    return switched
