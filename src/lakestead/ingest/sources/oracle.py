"""Oracle, through the thin mode of its driver, which gives Arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa

from lakestead.core.errors import MissingExtra, SourceError

from .arrow import Batches
from .column import Relation, chosen
from .duck_types import literal, quoted
from .oracle_types import OracleColumn, bound, reading
from .settings import Login, ServerSettings, login
from .source import Request
from .streamed import Streamed

_PORT = 1521
_LISTED = """
SELECT o.owner, o.object_name FROM all_objects o
WHERE o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') AND o.generated = 'N'
  AND o.owner NOT IN (SELECT username FROM all_users WHERE oracle_maintained = 'Y')
GROUP BY o.owner, o.object_name
"""
_TABLE = """
SELECT o.object_name, (SELECT MAX(c.comments) FROM all_tab_comments c
    WHERE c.owner = o.owner AND c.table_name = o.object_name),
  (SELECT MAX(t.num_rows) FROM all_tables t WHERE t.owner = o.owner AND t.table_name = o.object_name)
FROM all_objects o WHERE o.object_type IN ('TABLE', 'VIEW') AND o.owner = {schema} AND o.object_name = {table}
"""
_COLUMNS = """
SELECT c.column_name, c.data_type, c.data_precision, c.data_scale, c.nullable, m.comments
FROM all_tab_columns c LEFT JOIN all_col_comments m
  ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
WHERE c.owner = {schema} AND c.table_name = {table} ORDER BY c.column_id
"""
_KEY = """
SELECT k.column_name FROM all_constraints c
JOIN all_cons_columns k ON k.owner = c.owner AND k.constraint_name = c.constraint_name
WHERE c.constraint_type = 'P' AND c.owner = {schema} AND c.table_name = {table} ORDER BY k.position
"""
# What the driver calls a type of a query's column, and what the data dictionary does.
_DRIVER_TYPES = {
    "VARCHAR": "VARCHAR2",
    "NVARCHAR": "NVARCHAR2",
    "INTERVAL_DS": "INTERVAL DAY TO SECOND",
    "INTERVAL_YM": "INTERVAL YEAR TO MONTH",
    "TIMESTAMP_TZ": "TIMESTAMP WITH TIME ZONE",
    "TIMESTAMP_LTZ": "TIMESTAMP WITH LOCAL TIME ZONE",
    "LONG_RAW": "LONG RAW",
}
_ANY_SCALE = -127


class Oracle(Streamed):
    """An Oracle database, version 12.1 or newer.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`ServerSettings`; `database` is the service name,
            and `options` are further parameters of the driver's `connect`: ``sid``, ``wallet_location`` ….

    Raises:
        ConfigError: when the settings are wrong.
    """

    kind: ClassVar[str] = "Oracle"
    listed: ClassVar[str] = _LISTED
    current: ClassVar[str] = "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM dual"

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._login = login(ServerSettings.read(name, settings), name, _PORT)
        super().__init__(name, self._login.place, (self._login.secret,))

    def _new(self) -> Any:
        return _driver().connect(**parameters(self._login))

    def _connect(self) -> None:
        self._rows("SELECT 1 FROM dual")

    def _errors(self) -> tuple[type[Exception], ...]:
        return (_driver().Error,)

    def _batches(self, connection: Any, sql: str, rows: int) -> Batches:
        for frame in connection.fetch_df_batches(sql, size=rows):
            yield from pa.table(frame).to_batches()

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value, declared)

    def _relation(self, request: Request) -> Relation:
        if request.query is not None:
            return self._query(request, request.query.strip().rstrip(";"))
        schema, table = self._asked(request)
        schema = schema or self._schema()
        named = {"schema": literal(schema), "table": literal(table)}
        found = self._rows(_TABLE.format(**named))
        if not found:
            raise self._absent(schema, table)
        columns = [
            OracleColumn(name, declared, precision, scale, nullable == "Y", about)
            for name, declared, precision, scale, nullable, about in self._rows(_COLUMNS.format(**named))
        ]
        key = tuple(row[0] for row in self._rows(_KEY.format(**named)))
        source = f"{quoted(schema)}.{quoted(table)}"
        return related(request, self._label(schema, table), source, columns, key, *found[0][1:])

    def _query(self, request: Request, text: str) -> Relation:
        cursor = self._connection.cursor()
        try:
            cursor.execute(f"SELECT * FROM ({text}) asked WHERE 1 = 0")
            columns = [described(*column) for column in cursor.description]
        finally:
            cursor.close()
        return related(request, f"{self._label()}, the query", f"({text}) asked", columns)


def related(
    request: Request,
    label: str,
    source: str,
    columns: Sequence[OracleColumn],
    key: tuple[str, ...] = (),
    comment: str | None = None,
    rows: int | None = None,
) -> Relation:
    """Return how a table or a query is read.

    Raises:
        SourceError: when a column is wanted that is not there, or that has no form outside of Oracle.
    """
    names = chosen(request, [column.name for column in columns], label)
    readings = []
    for column in columns:
        if column.name not in names:
            continue
        made = reading(column, request.types.get(column.name))
        if made is None:
            raise SourceError(
                f"{label}: the column '{column.name}' is of the type {column.declared}, which has no form"
                " outside of Oracle: leave it out (columns), or make text of it in a query"
            )
        readings.append(made)
    return Relation(
        label, source, tuple(readings), {one.name: one.declared for one in columns}, key, comment, rows
    )


def described(
    name: str, kind: Any, display: Any, size: Any, precision: int | None, scale: int | None, nullable: bool
) -> OracleColumn:
    """Return a query's column, as the driver describes it."""
    driver = kind.name.removeprefix("DB_TYPE_")
    if scale == _ANY_SCALE:  # any, or FLOAT
        precision = scale = None
    return OracleColumn(name, _DRIVER_TYPES.get(driver, driver), precision or None, scale, bool(nullable))


def parameters(place: Login) -> dict[str, Any]:
    """Return what the driver connects with."""
    return {
        "host": place.host,
        "port": place.port,
        "service_name": None if "sid" in place.options else place.database,
        "user": place.username,
        "password": place.secret or None,
        **place.options,
    }


def _driver() -> Any:
    try:
        import oracledb
    except ImportError:
        raise MissingExtra("reading from Oracle", "oracle") from None
    return oracledb
