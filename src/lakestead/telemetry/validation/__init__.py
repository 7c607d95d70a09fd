"""Whether everything is there that telemetry and governance need, and what to do if not."""

from __future__ import annotations

from lakestead.telemetry.validation.result import Check, Status, ValidationResult, print_validation_result
from lakestead.telemetry.validation.setup import validate_setup

__all__ = ["Check", "Status", "ValidationResult", "print_validation_result", "validate_setup"]
