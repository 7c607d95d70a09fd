"""`lakestead run`: a lakehouse project, declared in `lakestead.yaml`, made so in a workspace."""

from __future__ import annotations

from lakestead.run.changes import Change, Reporter, Step
from lakestead.run.governing import Governed
from lakestead.run.monitoring import Monitored
from lakestead.run.project import Project, load_project
from lakestead.run.runner import preview, run
from lakestead.run.summary import Summary, TableSummary

__all__ = [
    "Change",
    "Governed",
    "Monitored",
    "Project",
    "Reporter",
    "Step",
    "Summary",
    "TableSummary",
    "load_project",
    "preview",
    "run",
]
