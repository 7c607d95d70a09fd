"""Policies as code: what tables must be like, looked up, put right, and held to before statements run."""

from __future__ import annotations

from lakestead.govern.policies.declared import Governance, Policies
from lakestead.govern.policies.evaluation import apply, evaluate, plan
from lakestead.govern.policies.findings import Change, Finding, Mode
from lakestead.govern.policies.guard import PolicyGuard

__all__ = ["Change", "Finding", "Governance", "Mode", "Policies", "PolicyGuard", "apply", "evaluate", "plan"]
