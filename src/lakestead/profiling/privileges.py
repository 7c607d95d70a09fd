"""What one may do with the tables to be monitored, and with the schemas their metrics go to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from lakestead.core.names import quote, quote_string
from lakestead.profiling.pacing import Requests
from lakestead.profiling.problems import Problem
from lakestead.profiling.targets import Target

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

    from lakestead.client import Warehouse

_ALL = "ALL_PRIVILEGES"
_EVERYBODY = "account users"
# Whoever administers the workspace may manage and use what there is, and grant themselves the rest.
_ADMINS = "admins"
_NOT_IN_ALL = {"MANAGE"}


class Privileges:
    """What the caller may do, as far as grants and ownership tell.

    Args:
        requests: how to ask.
        warehouse: the workspace.
    """

    def __init__(self, requests: Requests, warehouse: Warehouse) -> None:
        self._requests = requests
        self._warehouse = warehouse
        self._client = warehouse.client
        me = requests.make(self._client.current_user.me)
        groups = {group.display for group in me.groups or () if group.display}
        self.names = {_EVERYBODY, *groups} | ({me.user_name} if me.user_name else set())
        self._administers = _ADMINS in groups

    def problems(self, targets: Sequence[Target], output_schemas: Mapping[str, str | None]) -> list[Problem]:
        """Return which privileges are missing.

        Args:
            targets: the tables.
            output_schemas: the ids of the output schemas by full names; None for those to be created.
        """
        if not targets:
            return []
        catalog = targets[0].catalog
        on_catalog = self._on_container(("CATALOG", catalog))
        schemas = {f"{catalog}.{target.schema}" for target in targets}
        standing = {name for name, schema_id in output_schemas.items() if schema_id is not None}
        asked = [("SCHEMA", name) for name in sorted(schemas | standing)]
        held = self._requests.gather(asked, self._on_container)
        found = _lacking(on_catalog, catalog, "catalog_name", "USE_CATALOG")
        for name in sorted(schemas):
            found += _lacking(held["SCHEMA", name], name, "monitored_tables", "USE_SCHEMA")
        for name, schema_id in output_schemas.items():
            if schema_id is None:
                found += _lacking(on_catalog, catalog, "output_schema_name", "CREATE_SCHEMA")
            else:
                needs = ("USE_SCHEMA", "CREATE_TABLE")
                found += _lacking(held["SCHEMA", name], name, "output_schema_name", *needs)
        return found + self._on_tables(targets, held)

    def _on_tables(
        self, targets: Sequence[Target], held: Mapping[tuple[str, str], set[str]]
    ) -> list[Problem]:
        unclear = [
            target
            for target in targets
            if target.table_owner not in self.names
            and not _has(held["SCHEMA", f"{target.catalog}.{target.schema}"], "SELECT", "MANAGE")
        ]
        granted = self._granted_on_tables(unclear)
        found = []
        for target in unclear:
            privileges = held["SCHEMA", f"{target.catalog}.{target.schema}"] | granted[target.full_name]
            found += _lacking(privileges, target.full_name, "monitored_tables", "SELECT", "MANAGE")
        return found

    def _granted_on_tables(self, targets: Sequence[Target]) -> dict[str, set[str]]:
        """Return what is granted to the caller on tables, by full names: one statement for all."""
        found: dict[str, set[str]] = defaultdict(set)
        if not targets:
            return found
        catalog = targets[0].catalog
        schemas = _listed({target.schema for target in targets})
        rows = self._warehouse.rows(
            f"SELECT table_schema, table_name, privilege_type, grantee"
            f" FROM {quote(catalog)}.information_schema.table_privileges"
            f" WHERE grantee IN ({_listed(self.names)}) AND table_schema IN ({schemas})"
        )
        for row in rows:
            name = f"{catalog}.{row['table_schema']}.{row['table_name']}"
            found[name].add(row["privilege_type"].replace(" ", "_"))
        return found

    def _on_container(self, container: tuple[str, str]) -> set[str]:
        """Return the caller's privileges on a catalog or schema, those that come from above included."""
        from databricks.sdk.errors import PermissionDenied

        kind, name = container
        try:
            effective = self._requests.make(lambda: self._client.grants.get_effective(kind, name))
        except PermissionDenied:
            # What may not be known is not called missing: the service itself will say so.
            return {_ALL, "MANAGE"}
        held = {
            privilege.privilege.value
            for assignment in effective.privilege_assignments or ()
            if assignment.principal in self.names
            for privilege in assignment.privileges or ()
            if privilege.privilege is not None
        }
        if self._owner(kind, name) in self.names:
            held |= {_ALL, "MANAGE"}
        if self._administers:
            held |= {"MANAGE", "USE_CATALOG", "USE_SCHEMA"}
        return held

    def _owner(self, kind: str, name: str) -> str | None:
        client: WorkspaceClient = self._client
        if kind == "CATALOG":
            return self._requests.make(lambda: client.catalogs.get(name)).owner
        return self._requests.make(lambda: client.schemas.get(name)).owner


def _has(held: Collection[str], *needed: str) -> bool:
    return not _missing(held, needed)


def _missing(held: Collection[str], needed: Sequence[str]) -> list[str]:
    return [one for one in needed if one not in held and (_ALL not in held or one in _NOT_IN_ALL)]


def _lacking(held: Collection[str], name: str, setting: str, *needed: str) -> list[Problem]:
    return [
        Problem(name, setting, f"Privilege {one.replace('_', ' ')} on '{name}' is missing (from {setting})")
        for one in _missing(held, needed)
    ]


def _listed(names: Collection[str]) -> str:
    return ", ".join(quote_string(name) for name in sorted(names))
