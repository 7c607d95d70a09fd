"""How rows that a source gave become a table's: staged, claimed, applied in one commit, remembered."""

from __future__ import annotations
