"""SQL Server and Azure SQL, through the Arrow reader of Microsoft's driver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from lakestead.core.errors import MissingExtra, SourceError

from .arrow import Batches
from .column import Relation, chosen
from .mssql_login import connection_string, server
from .mssql_types import SQLServerColumn, bound, literal, quoted, reading
from .settings import ServerSettings
from .source import Request
from .streamed import Streamed

_LISTED = """
SELECT s.name, o.name FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
"""
_TABLE = """
SELECT o.object_id, CONVERT(nvarchar(4000), e.value),
  (SELECT SUM(p.rows) FROM sys.partitions p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1))
FROM sys.objects o JOIN sys.schemas s ON s.schema_id = o.schema_id
LEFT JOIN sys.extended_properties e
  ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description'
WHERE o.type IN ('U', 'V') AND s.name = {schema} AND o.name = {table}
"""
# A type of the user's own is the system type that it is based on.
_COLUMNS = """
SELECT c.name, CASE WHEN c.system_type_id = 240 THEN u.name ELSE t.name END, c.precision, c.scale,
  c.is_nullable,
  CONVERT(nvarchar(4000), e.value)
FROM sys.columns c JOIN sys.types u ON u.user_type_id = c.user_type_id
LEFT JOIN sys.types t ON t.user_type_id = c.system_type_id
LEFT JOIN sys.extended_properties e
  ON e.class = 1 AND e.major_id = c.object_id AND e.minor_id = c.column_id AND e.name = 'MS_Description'
WHERE c.object_id = {oid} ORDER BY c.column_id
"""
_KEY = """
SELECT c.name FROM sys.indexes i
JOIN sys.index_columns k ON k.object_id = i.object_id AND k.index_id = i.index_id
JOIN sys.columns c ON c.object_id = k.object_id AND c.column_id = k.column_id
WHERE i.is_primary_key = 1 AND i.object_id = {oid} ORDER BY k.key_ordinal
"""
_QUERY = """
SELECT d.name, CASE WHEN d.system_type_id = 240 THEN d.user_type_name ELSE t.name END, d.precision, d.scale,
  d.is_nullable, NULL, d.error_message
FROM sys.dm_exec_describe_first_result_set({query}, NULL, 0) d
LEFT JOIN sys.types t ON t.user_type_id = d.system_type_id ORDER BY d.column_ordinal
"""


class SQLServer(Streamed):
    """A database of SQL Server or Azure SQL.

    Args:
        name: the source's.
        settings: its section of the secrets, see :class:`ServerSettings`. `url` or `connection_string` may
            also be as for ODBC: ``Server=…;Database=…;UID=…;PWD=…``. `options` are further keywords of the
            driver, such as ``Encrypt``, ``TrustServerCertificate`` or ``Authentication`` (for Entra ID).

    Raises:
        ConfigError: when the settings are wrong.
        MissingExtra: when the driver is not installed.
    """

    kind: ClassVar[str] = "SQL Server"
    listed: ClassVar[str] = _LISTED
    current: ClassVar[str] = "SELECT SCHEMA_NAME()"

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self._login = server(ServerSettings.read(name, settings), name)
        super().__init__(name, self._login.place, (self._login.secret,))

    def _new(self) -> Any:
        return _driver().connect(connection_string(self._login))

    def _connect(self) -> None:
        self._rows("SELECT 1")

    def _errors(self) -> tuple[type[Exception], ...]:
        # What is wrong with the connection string is raised as an error of its own, or of Python.
        return (_driver().Error, _driver().ConnectionStringParseError, RuntimeError)

    def _batches(self, connection: Any, sql: str, rows: int) -> Batches:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            yield from cursor.arrow_reader(rows)

    def _literal(self, value: Any, declared: str) -> str:
        return bound(value, declared)

    def _relation(self, request: Request) -> Relation:
        if request.query is not None:
            return self._query(request, request.query.strip().rstrip(";"))
        schema, table = self._asked(request)
        schema = schema or self._schema()
        found = self._rows(_TABLE.format(schema=literal(schema), table=literal(table)))
        if not found:
            raise self._absent(schema, table)
        oid, comment, rows = found[0]
        columns = [SQLServerColumn(*row) for row in self._rows(_COLUMNS.format(oid=oid))]
        key = tuple(row[0] for row in self._rows(_KEY.format(oid=oid)))
        source = f"{quoted(schema)}.{quoted(table)}"
        return _related(request, self._label(schema, table), source, columns, key, comment, rows)

    def _query(self, request: Request, text: str) -> Relation:
        label = f"{self._label()}, the query"
        described = self._rows(_QUERY.format(query=literal(text)))
        wrong = [row[6] for row in described if row[6]]
        if wrong:
            raise SourceError(f"{label}: {wrong[0]}")
        columns = [SQLServerColumn(*row[:6]) for row in described]
        return _related(request, label, f"({text}) AS asked", columns, (), None, None)


def _related(
    request: Request,
    label: str,
    source: str,
    columns: Sequence[SQLServerColumn],
    key: tuple[str, ...],
    comment: str | None,
    rows: int | None,
) -> Relation:
    names = chosen(request, [column.name for column in columns], label)
    readings = tuple(reading(one, request.types.get(one.name)) for one in columns if one.name in names)
    return Relation(label, source, readings, {one.name: one.base for one in columns}, key, comment, rows)


def _driver() -> Any:
    try:
        import mssql_python
    except ImportError:
        raise MissingExtra("reading from SQL Server", "mssql") from None
    return mssql_python
