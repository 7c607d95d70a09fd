"""Commands of SQL as the actions of Unity Catalog that they are."""

from __future__ import annotations

import json

from lakestead.workspace.sql.grammar import ast
from lakestead.workspace.system.lineage.trace import Trace

_DEPTH = {ast.Kind.CATALOG: 1, ast.Kind.SCHEMA: 2, ast.Kind.METASTORE: 0}
_NAMES = {
    ast.Kind.METASTORE: "Metastore",
    ast.Kind.CATALOG: "Catalog",
    ast.Kind.SCHEMA: "Schema",
    ast.Kind.VOLUME: "Volume",
    ast.Kind.FUNCTION: "Function",
}
_MADE = {
    ast.CreateCatalog: ast.Kind.CATALOG,
    ast.CreateSchema: ast.Kind.SCHEMA,
    ast.CreateTable: ast.Kind.TABLE,
    ast.CreateTableLike: ast.Kind.TABLE,
    ast.CreateView: ast.Kind.TABLE,
    ast.CreateVolume: ast.Kind.VOLUME,
    ast.CreateFunction: ast.Kind.FUNCTION,
}
_OF_TABLES = (
    ast.AddColumns,
    ast.DropColumns,
    ast.RenameColumn,
    ast.AlterColumns,
    ast.AddConstraint,
    ast.DropConstraint,
    ast.DropPrimaryKey,
    ast.DropForeignKey,
    ast.ClusterBy,
    ast.SetRowFilter,
)
Found = tuple[str, dict[str, str]]


def action_of_command(trace: Trace) -> Found | None:
    """Return the action and its parameters; None for commands that are none of Unity Catalog.

    Args:
        trace: a parsed statement, and where its names look.
    """
    command = trace.parsed
    if getattr(command, "temporary", False):
        return None
    if isinstance(command, ast.Grant | ast.Revoke):
        return _permissions(trace, command)
    if isinstance(command, ast.SetTags | ast.UnsetTags):
        return _tags(trace, command)
    if isinstance(command, ast.Drop):
        return _on(trace, "delete", command.kind, command.name)
    if isinstance(
        command, ast.Rename | ast.SetOwner | ast.SetProperties | ast.UnsetProperties | ast.CommentOn
    ):
        return _on(trace, "update", command.kind, command.name)
    if isinstance(command, ast.AlterViewQuery):
        return _on(trace, "update", ast.Kind.TABLE, command.name)
    if isinstance(command, _OF_TABLES):
        return _on(trace, "update", ast.Kind.TABLE, command.table)
    made = _MADE.get(type(command))
    return None if made is None else _created(trace, made, command.name)  # type: ignore[union-attr]


def _created(trace: Trace, kind: ast.Kind, name: ast.Name) -> Found:
    path = _path(trace, kind, name)
    places = ("catalog_name", "schema_name")
    params = dict(zip(places, path[:-1], strict=False)) | {"name": path[-1]}
    return f"create{_NAMES.get(kind, 'Table')}", params


def _on(trace: Trace, verb: str, kind: ast.Kind, name: ast.Name) -> Found:
    # Columns are their table's.
    path = _path(trace, kind, name[:-1] if kind is ast.Kind.COLUMN else name)
    noun = _NAMES.get(kind) or ("Tables" if verb == "update" else "Table")
    argument = {ast.Kind.CATALOG: "name_arg", ast.Kind.VOLUME: "volume_full_name"}.get(kind, "full_name_arg")
    return f"{verb}{noun}", {argument: ".".join(path)}


def _tags(trace: Trace, command: ast.SetTags | ast.UnsetTags) -> Found:
    column = command.kind is ast.Kind.COLUMN
    path = _path(trace, command.kind, command.name[:-1] if column else command.name)
    named = {"entity_type": f"{command.kind}S".lower(), "entity_name": ".".join(path)}
    if column:
        named["entity_name"] += f".{command.name[-1]}"
    if isinstance(command, ast.SetTags):
        tags = json.dumps(dict(command.tags), ensure_ascii=False)
        return "createEntityTagAssignment", named | {"tags": tags}
    return "deleteEntityTagAssignment", named | {"tag_keys": json.dumps(command.keys, ensure_ascii=False)}


def _permissions(trace: Trace, command: ast.Grant | ast.Revoke) -> Found:
    change = "add" if isinstance(command, ast.Grant) else "remove"
    changes = [{"principal": command.principal, change: list(command.privileges)}]
    return "updatePermissions", {
        "securable_type": command.kind,
        "securable_full_name": ".".join(_path(trace, command.kind, command.name)),
        "changes": json.dumps(changes, ensure_ascii=False),
    }


def _path(trace: Trace, kind: ast.Kind, name: ast.Name) -> tuple[str, ...]:
    depth = _DEPTH.get(kind, 3)
    missing = max(depth - len(name), 0)
    current = (trace.catalog, trace.schema)[: max(depth - 1, 0)]
    return tuple(part.lower() for part in (*current[:missing], *name))
