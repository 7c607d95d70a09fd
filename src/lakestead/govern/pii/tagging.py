"""Tags on columns with personal data: planned, then set on approval. What people have tagged stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lakestead.client import Warehouse
from lakestead.core.names import quote, quote_name, quote_string
from lakestead.govern.pii.finding import ColumnFinding, TableScan
from lakestead.govern.pii.settings import PiiSettings

_TAGS = """
SELECT catalog_name, schema_name, table_name, column_name, tag_name, tag_value FROM {schema}.column_tags
WHERE tag_name IN (:tag, :reviewed)"""


@dataclass(frozen=True, slots=True)
class TagChange:
    """What happens to the tag of a column.

    Args:
        table: catalog, schema and table.
        column: its name.
        key: the tag's.
        value: the kind that was found.
        action: `set`; or `keep` if somebody has set the tag or has reviewed the column.
        present: the value that the tag has.
        confidence: of the finding, 0 to 1.
    """

    table: tuple[str, str, str]
    column: str
    key: str
    value: str
    action: Literal["set", "keep"]
    present: str | None
    confidence: float

    @property
    def statement(self) -> str:
        """The statement that sets the tag."""
        return (
            f"ALTER TABLE {quote_name(*self.table)} ALTER COLUMN {quote(self.column)}"
            f" SET TAGS ({quote_string(self.key)} = {quote_string(self.value)})"
        )


def plan_tags(
    warehouse: Warehouse, scans: Iterable[TableScan], settings: PiiSettings, system: str = "system"
) -> list[TagChange]:
    """Return what tags the findings ask for.

    Args:
        warehouse: says which tags there are.
        scans: what was found.
        settings: the keys of the tags.
        system: the catalog that has `information_schema` of all catalogs.
    """
    present: dict[tuple[str, ...], dict[str, str]] = {}
    rows = warehouse.rows(
        _TAGS.format(schema=f"{quote(system)}.information_schema"),
        tag=settings.tag,
        reviewed=settings.reviewed_tag,
    )
    for row in rows:
        place = (row["catalog_name"], row["schema_name"], row["table_name"], row["column_name"].lower())
        present.setdefault(place, {})[row["tag_name"]] = row["tag_value"]
    return [
        _change(finding, present.get((*finding.table, finding.top_column.lower()), {}), settings)
        for scan in scans
        for finding in _surest(scan.findings)
    ]


def apply_tags(warehouse: Warehouse, changes: Sequence[TagChange]) -> int:
    """Set the tags of a plan; return how many were set. A plan may be applied again.

    Raises:
        databricks.sql.Error: a tag may not be set; those before it are.
    """
    wanted = [change for change in changes if change.action == "set"]
    for change in wanted:
        warehouse.repeat(change.statement).close()
    return len(wanted)


def _surest(findings: Iterable[ColumnFinding]) -> list[ColumnFinding]:
    """Return one finding of each column of a table, as a column has one tag however much lies in it."""
    best: dict[str, ColumnFinding] = {}
    for finding in findings:
        other = best.get(finding.top_column)
        if other is None or finding.confidence > other.confidence:
            best[finding.top_column] = finding
    return list(best.values())


def _change(finding: ColumnFinding, tags: dict[str, str], settings: PiiSettings) -> TagChange:
    present = tags.get(settings.tag)
    kept = present is not None or settings.reviewed_tag in tags
    return TagChange(
        finding.table,
        finding.top_column,
        settings.tag,
        finding.kind,
        "keep" if kept else "set",
        present,
        finding.confidence,
    )
