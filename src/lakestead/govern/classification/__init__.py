"""How confidential data is, and who may see it."""

from __future__ import annotations

from lakestead.govern.classification.clearance import Clearances
from lakestead.govern.classification.enforcement import enforce
from lakestead.govern.classification.levels import Classification
from lakestead.govern.classification.tags import Levels, levels_of

__all__ = ["Classification", "Clearances", "Levels", "enforce", "levels_of"]
