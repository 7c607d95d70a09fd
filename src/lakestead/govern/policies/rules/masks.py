"""Personal data is masked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from lakestead.core.names import quote, quote_name, quote_string, split_name
from lakestead.govern.policies.findings import Problem, Step
from lakestead.govern.policies.metadata import ColumnFacts, TableFacts
from lakestead.govern.policies.rules.rule import HIDDEN, Rule, Sender
from lakestead.govern.policies.statements import Statement
from lakestead.govern.policies.view import View
from lakestead.govern.scope import words

Masking = Literal["redact", "null", "hash", "email", "last4", "year"]

PREFIX = "lakestead_mask_"
"""Functions that `apply` makes have it; masks that are such functions are ours to change, others are not."""

# What somebody sees who may not see the `value`. Of other types than these it is NULL.
_STRINGS: dict[Masking, str] = {
    "redact": "'***'",
    "hash": "sha2(value, 256)",
    "email": "concat(substr(value, 1, 1), '***@', substring_index(value, '@', -1))",
    "last4": "if(length(value) > 4, concat('***', substr(value, -4)), '***')",
}
_TIMES = ("DATE", "TIMESTAMP", "TIMESTAMP_NTZ")


class Masked(Rule):
    """Columns with certain tags must have a mask.

    `apply` sets masks that show the value to the groups of `reveal_to`, and to others what `show` says. A
    statement breaks the rule that reads or writes such a column while it has no mask, or that makes a table
    from one.

    Args:
        tags: which columns: globs of a tag's name, or of `name.value`.
        show: what others see, by globs of the same; the first that matches. `redact`: `***`; `null`; `hash`:
            the SHA-256; `email`: the first letter and the domain; `last4`: the last four characters; `year`:
            January 1st of a date's year. Values of types that this does not fit are NULL.
        reveal_to: groups whose members see the values.
        functions_in: `catalog.schema` where `apply` makes the functions; without, it sets no masks.
    """

    rule: Literal["masked"]
    tags: tuple[str, ...] = ("pii", "pii.*")
    show: dict[str, Masking] = Field(default_factory=dict)
    reveal_to: tuple[str, ...] = ()
    functions_in: str | None = None

    @model_validator(mode="after")
    def _names_a_schema(self) -> Self:
        if self.functions_in is not None and len(split_name(self.functions_in)) != 2:
            raise ValueError(f"'{self.functions_in}' is no schema: give catalog.schema")
        return self

    def problems(self, view: View) -> Iterator[Problem]:
        for row in self.tagged(view):
            if not row["mask_name"]:
                what = f"is tagged {row['tag']} and has no mask"
                yield Problem(f"{row['full_name']}.{row['column_name']}", what, _mask(row, "…"))

    def steps(self, view: View) -> Iterator[Step]:
        if self.functions_in is None:
            return
        schema = split_name(self.functions_in)
        made = {
            row["routine_name"]
            for row in view.warehouse.rows(
                f"SELECT routine_name FROM {view.schema}.routines WHERE routine_catalog = :catalog"
                " AND routine_schema = :in_schema",
                catalog=schema[0].lower(),
                in_schema=schema[1].lower(),
            )
        }
        for row in self.tagged(view):
            name, definition = self._function(row["tag"], row["full_data_type"])
            mask = row["mask_name"]
            if mask and not _is_ours(mask):
                continue
            function = quote_name(*schema, name)
            if name not in made:
                made.add(name)
                yield Step(
                    ".".join((*schema, name)),
                    "make a mask function",
                    f"CREATE FUNCTION IF NOT EXISTS {function}{definition}",
                )
            if not mask or mask.rsplit(".", 1)[-1].strip("`") != name:
                yield Step(
                    f"{row['full_name']}.{row['column_name']}", f"mask by {name}", _mask(row, function)
                )

    def refusals(self, statement: Statement, tables: Sequence[TableFacts], sender: Sender) -> Iterator[str]:
        if statement.hidden:
            yield HIDDEN
        used = statement.reads | statement.writes
        for table in (one for one in tables if any(one.is_called(parts) for parts in used)):
            for name, column in table.columns.items():
                tag = self._tag_of(column)
                if tag is None or not statement.uses(name):
                    continue
                if not column.masked:
                    yield f"{table.full_name}.{name} is tagged {tag} and has no mask"
                elif statement.made is not None:
                    yield (
                        f"{'.'.join(statement.made.parts)} would hold {table.full_name}.{name}, tagged {tag},"
                        " without a mask: make it with its columns, tag and mask them, then insert"
                    )

    def _tag_of(self, column: ColumnFacts) -> str | None:
        named = (f"{name}.{value}" if value else name for name, value in column.tags.items())
        matcher = words(self.tags)
        return next(
            (tag for tag in named if _matches(matcher, tag) or _matches(matcher, tag.split(".")[0])), None
        )

    def tagged(self, view: View) -> list[dict[str, Any]]:
        """Return the columns that have to be masked, each once."""
        return view.rows(
            """
SELECT s.catalog_name, s.schema_name, s.table_name, s.full_name, g.column_name,
    min(if(g.tag_value = '', g.tag_name, concat_ws('.', g.tag_name, g.tag_value))) AS tag,
    max(c.full_data_type) AS full_data_type, max(m.mask_name) AS mask_name
FROM scoped AS s JOIN {schema}.column_tags AS g ON g.catalog_name = s.catalog_name
    AND g.schema_name = s.schema_name AND g.table_name = s.table_name
JOIN {schema}.columns AS c ON c.table_catalog = s.catalog_name AND c.table_schema = s.schema_name
    AND c.table_name = s.table_name AND c.column_name = g.column_name
LEFT JOIN {schema}.column_masks AS m ON m.table_catalog = s.catalog_name AND m.table_schema = s.schema_name
    AND m.table_name = s.table_name AND m.column_name = g.column_name
WHERE (g.tag_name RLIKE :tags OR concat_ws('.', g.tag_name, g.tag_value) RLIKE :tags) AND s.table_type <>
'VIEW' GROUP BY s.catalog_name, s.schema_name, s.table_name, s.full_name, g.column_name
ORDER BY s.full_name, g.column_name""",
            self.scope,
            self.without,
            tags=words(self.tags),
        )

    def _function(self, tag: str, column_type: str) -> tuple[str, str]:
        """Return the name and the definition of the function that masks columns of a tag and a type.

        The name changes with the definition, so that a policy that changes makes a function of its own.
        """
        showing = next((how for glob, how in self.show.items() if _matches(words((glob,)), tag)), "redact")
        kind = column_type.upper()
        if kind == "STRING" and showing in _STRINGS:
            shown = _STRINGS[showing]
        elif showing == "year" and kind in _TIMES:
            shown = f"CAST(date_trunc('YEAR', value) AS {kind})"
        else:
            shown = f"CAST(NULL AS {kind})"
        checks = " OR ".join(f"is_account_group_member({quote_string(one)})" for one in self.reveal_to)
        body = f"CASE WHEN {checks} THEN value ELSE {shown} END" if checks else shown
        definition = (
            f"(value {kind}) RETURNS {kind}"
            f" COMMENT {quote_string(f'Masks columns tagged {tag}: {showing}')} RETURN {body}"
        )
        return PREFIX + showing + "_" + hashlib.sha256(definition.encode()).hexdigest()[:8], definition


def _matches(pattern: str, text: str) -> bool:
    return re.match(pattern, text) is not None


def _is_ours(mask: str) -> bool:
    return mask.rsplit(".", 1)[-1].strip("`").startswith(PREFIX)


def _mask(row: dict[str, Any], function: str) -> str:
    table = quote_name(row["catalog_name"], row["schema_name"], row["table_name"])
    return f"ALTER TABLE {table} ALTER COLUMN {quote(row['column_name'])} SET MASK {function}"
