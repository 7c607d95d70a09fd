"""Whether a clearance is enough for a table."""

from __future__ import annotations

from typing import Any

from lakestead.client import Warehouse
from lakestead.client.health import answers
from lakestead.govern.classification.levels import Classification
from lakestead.govern.classification.tags import Levels, levels_of


def enforce(
    name: tuple[str, str, str],
    required: str,
    clearance: str,
    *,
    classification: Classification | None = None,
    warehouse: Warehouse | None = None,
    system: str = "system",
) -> dict[str, Any]:
    """Return whether somebody may see a table, and why.

    What the table's tags say counts; `required` counts where it asks for more, and where there is no tag, no
    such table, or no workspace.

    Args:
        name: catalog, schema and table.
        required: the level that the caller takes the table for.
        clearance: the level up to which somebody may see.
        classification: the levels.
        warehouse: of the workspace that has the table.
        system: the catalog that has `information_schema` of all catalogs.

    Returns:
        `access_granted`; `table`; `required_classification` and `user_clearance` as given;
        `actual_classification`, what tags say (None if nothing); `effective_classification`, what was
        compared; `source`, where that is from; `columns_above_clearance`; `reasons`.

    Raises:
        ConfigError: a level is unknown, the given ones or one that a tag says.
        databricks.sql.Error: the workspace answers with an error; one that does not answer counts as none.
    """
    known = classification or Classification()
    cleared, asked = known.rank(clearance), known.rank(required)
    levels, looked = _look(warehouse, known, name, system)
    actual = _actual(known, levels)
    effective = known.levels[max(asked, known.rank(actual) if actual else 0)]
    above = sorted(
        column for column, level in (levels.columns if levels else {}).items() if known.rank(level) > cleared
    )
    granted = cleared >= known.rank(effective)
    table = ".".join(name)
    reasons = [_source_reason(table, looked, levels, actual, required)]
    if actual and known.rank(actual) != asked:
        reasons.append(f"the caller asked for '{required}', the tags say '{actual}': the higher counts")
    if above:
        reasons.append(f"columns above the clearance: {', '.join(above)}")
    verdict = "is enough" if granted else "is not enough"
    reasons.append(f"clearance '{known.levels[cleared]}' {verdict} for '{effective}'")
    return {
        "access_granted": granted,
        "table": table,
        "required_classification": required,
        "user_clearance": clearance,
        "actual_classification": actual,
        "effective_classification": effective,
        "source": "tags" if actual else "given",
        "columns_above_clearance": above,
        "reasons": reasons,
    }


def _look(
    warehouse: Warehouse | None, known: Classification, name: tuple[str, str, str], system: str
) -> tuple[Levels | None, bool]:
    """Return what tags say, and whether a workspace could be asked."""
    if warehouse is None or not answers(warehouse.profile):
        return None, False
    return levels_of(warehouse, known, name, system), True


def _actual(known: Classification, levels: Levels | None) -> str | None:
    """Return the highest level of a table and its columns."""
    if levels is None:
        return None
    said = [level for level in (levels.table, *levels.columns.values()) if level is not None]
    return known.highest(*said) if said else None


def _source_reason(table: str, asked: bool, levels: Levels | None, actual: str | None, required: str) -> str:
    if not asked:
        return f"no workspace could be asked: '{table}' is taken for '{required}'"
    if levels is None:
        return f"the workspace has no table '{table}', or none that you may see: taken for '{required}'"
    if actual is None:
        return f"no tag classifies '{table}': taken for '{required}'"
    return f"tags classify '{table}' as '{actual}'"
