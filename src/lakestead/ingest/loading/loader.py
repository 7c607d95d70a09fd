"""A load into a table: staged files are claimed, and applied in one commit.

Whatever is killed when, the next run finishes what was claimed, and forgets what was not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lakestead.client import Warehouse
from lakestead.core.datatypes import TIMESTAMP, VARIANT
from lakestead.core.errors import ConfigError, LakesteadError, PolicyError, SourceError
from lakestead.core.names import quote
from lakestead.ingest.loading import strategies
from lakestead.ingest.loading.evolution import Fit, fitted
from lakestead.ingest.loading.names import Table
from lakestead.ingest.loading.package import Package, StagedColumn
from lakestead.ingest.loading.rejects import any_of, rejected
from lakestead.ingest.loading.staging import Staging, files_clause, readable
from lakestead.ingest.loading.strategies import STRATEGIES, VALID_FROM, VALID_TO, Move
from lakestead.ingest.loading.table import Column, Definition, add_columns, create, look, widen

logger = logging.getLogger(__name__)

# Strategies that go by the rows' key.
KEYED = ("merge", "delete+insert", "scd2", "mirror")
# Strategies that do nothing when no row comes; the others have something to take away.
ONLY_ADDING = ("append", "merge", "delete+insert")


class Mismatch(LakesteadError):
    """A table has not the rows that were loaded into it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a load did to its table, in rows."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    rejected: int = 0

    @property
    def written(self) -> int:
        """Rows inserted or updated."""
        return self.inserted + self.updated


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a job says of its table.

    Attributes:
        evolution: the policy for changed columns, see `evolution`.
        comment: of a new table.
        tags: of a new table.
        cluster_by: of a new table.
        reconcile: `none`, `count` or `hash`.
        unique: whether the source itself keeps keys unique.
    """

    evolution: str = "evolve"
    comment: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    cluster_by: tuple[str, ...] = ()
    reconcile: str = "count"
    unique: bool = False


class Loader:
    """Loads packages into one table.

    Args:
        warehouse: runs statements.
        target: the table.
        job: whose load it is, for the rejects.
        wishes: what the job says of the table.
    """

    def __init__(self, warehouse: Warehouse, target: Table, job: str, wishes: Wishes) -> None:
        self._warehouse = warehouse
        self._target = target
        self._job = job
        self._wishes = wishes

    def prepare(self, package: Package, staging: Staging) -> Package:
        """Make the table ready for a package; return the package as it is to be claimed.

        Rows of a table that has none are simply added, where that comes to the same: it is the fastest.

        Raises:
            PolicyError: when the package does not go into the table.
        """
        columns = look(self._warehouse, self._target)
        if columns is None:
            create(self._warehouse, self._target, self._definition(package))
            # It may be another job's that was faster, with other columns.
            columns = look(self._warehouse, self._target) or ()
        fit = self._fit(package, columns)
        if fit.rejects and package.strategy == "append" and package.whole:
            raise PolicyError(
                f"{self._target.full_name}: {fit.rejects[0].reason}, and rows that are only added cannot be"
                " rejected one by one: let values be discarded (`evolution: discard_value`), or use a"
                " primary_key and the strategy merge"
            )
        add_columns(self._warehouse, self._target, fit.added)
        for name, kind in fit.widened:
            widen(self._warehouse, self._target, name, kind)
        if fit.rejects or self._warehouse.rows(f"SELECT 1 AS one FROM {self._target.sql} LIMIT 1"):
            return package
        return self._first(package, staging)

    def _first(self, package: Package, staging: Staging) -> Package:
        if package.strategy == "scd2":
            return package
        if package.strategy in KEYED and not self._wishes.unique and self._has_bad_keys(package, staging):
            return package
        return package.appending()

    def apply(self, package: Package, staging: Staging) -> Counts:
        """Do what a claimed package says; doing it again changes nothing.

        Raises:
            PolicyError: when its rows do not go into the table.
            ConfigError: when its rows have no keys that tell them apart.
            SourceError: when the table is not there any more.
            Mismatch: when the table has not the package's rows afterwards.
            databricks.sql.Error: when a statement fails; the table is as it was before it.
        """
        columns = look(self._warehouse, self._target)
        if columns is None:
            raise SourceError(f"{self._target.full_name} was dropped while it was being loaded: run it again")
        fit = self._fit(package, columns)
        if package.strategy == "append" and package.whole:
            counts = self._copy(package, staging, fit)
        else:
            counts = self._applied(package, staging, fit)
        logger.info(
            "%s: %d inserted, %d updated, %d deleted, %d rejected",
            self._target.full_name, counts.inserted, counts.updated, counts.deleted, counts.rejected,
        )  # fmt: skip
        return counts

    def _applied(self, package: Package, staging: Staging, fit: Fit) -> Counts:
        if not package.files:
            move = self._move(package, fit, _no_rows(package, fit))
            return self._run(package, move)
        with readable(self._warehouse, staging, package.files, self._target, package.load_id) as relation:
            refused = 0
            if fit.rejects:
                refused = rejected(
                    self._warehouse, self._target, relation, fit.rejects,
                    job=self._job, load_id=package.load_id, at=package.started,
                )  # fmt: skip
            move = self._move(package, fit, _rows(fit, relation))
            if package.strategy in KEYED:
                self._refuse_bad_keys(package, move)
            counts = replace(self._run(package, move), rejected=refused)
            self._reconcile(package, move, refused)
            return counts

    def _run(self, package: Package, move: Move) -> Counts:
        statement = STRATEGIES[package.strategy](move)
        values = strategies.parameters(move, package.strategy, package.lower, package.started)
        found = self._warehouse.changed(statement, **values)
        affected = found.get("num_affected_rows", 0)
        if package.strategy in ("replace", "append"):
            return Counts(inserted=found.get("num_inserted_rows", affected))
        return Counts(
            found.get("num_inserted_rows", 0),
            found.get("num_updated_rows", 0),
            found.get("num_deleted_rows", 0),
        )

    def _copy(self, package: Package, staging: Staging, fit: Fit) -> Counts:
        """Add the files' rows; a file that was added is not added again."""
        source = staging.copy_source
        if not fit.as_they_are:
            listed = ", ".join(f"{one.expression} AS {quote(one.name)}" for one in fit.values)
            source = f"(SELECT {listed} FROM {source})"
        found = self._warehouse.changed(
            f"COPY INTO {self._target.sql} FROM {source} FILEFORMAT = PARQUET {files_clause(package.files)}"
        )
        return Counts(inserted=found.get("num_inserted_rows", 0))

    def _reconcile(self, package: Package, move: Move, refused: int) -> None:
        """Compare what came with what is there.

        Raises:
            Mismatch: when they differ.
        """
        if self._wishes.reconcile == "none":
            return
        if package.strategy == "replace":
            there = self._warehouse.rows(f"SELECT count(*) AS n FROM {self._target.sql}")[0]["n"]
            if there != package.rows - refused:
                raise Mismatch(
                    f"{self._target.full_name} has {there} rows, {package.rows - refused} were loaded:"
                    " does something else write to it?"
                )
        if self._wishes.reconcile == "hash":
            lost = self._warehouse.rows(strategies.missing(move, package.strategy))[0]["n"]
            if lost:
                raise Mismatch(f"{lost} rows that came are not in {self._target.full_name}")

    def _move(self, package: Package, fit: Fit, rows: str) -> Move:
        return Move(
            self._target,
            tuple(value.name for value in fit.values),
            package.keys,
            rows,
            package.whole,
            package.watermark_column,
            package.lower is not None,
            frozenset(one.name for one in package.columns if one.datatype == VARIANT),
        )

    def _fit(self, package: Package, columns: tuple[Column, ...]) -> Fit:
        own = {VALID_FROM, VALID_TO} if package.strategy == "scd2" else set()
        there = [column for column in columns if column.name not in own]
        return fitted(package.columns, there, self._wishes.evolution, self._target.full_name)

    def _definition(self, package: Package) -> Definition:
        # With SCD2 a key has many rows: it is no key of the table.
        keys = () if package.strategy == "scd2" else package.keys
        columns = [_column(one, package.keys) for one in package.columns]
        if package.strategy == "scd2":
            columns.append(
                Column(VALID_FROM, TIMESTAMP, comment="When this version of the row was first loaded")
            )
            columns.append(Column(VALID_TO, TIMESTAMP, comment="When the next one was; null for the current"))
        wishes = self._wishes
        return Definition(tuple(columns), keys, wishes.cluster_by, wishes.comment, wishes.tags)

    def _has_bad_keys(self, package: Package, staging: Staging) -> bool:
        columns = look(self._warehouse, self._target) or ()
        fit = self._fit(package, columns)
        relation = staging.relation(package.files)
        if relation is None:
            return True
        move = self._move(package, fit, _rows(fit, relation))
        return bool(self._warehouse.rows(strategies.bad_keys(move)))

    def _refuse_bad_keys(self, package: Package, move: Move) -> None:
        if self._wishes.unique:
            return
        found = self._warehouse.rows(strategies.bad_keys(move))
        # With a watermark the newest row of a key is taken; with delete+insert a key may have many rows.
        many = package.watermark_column is None and package.strategy != "delete+insert"
        for row in found:
            key = ", ".join(f"{name} = {row[name]}" for name in move.keys)
            if any(row[name] is None for name in move.keys):
                raise ConfigError(f"the source has rows whose key is null ({key}): they cannot be told apart")
            if many:
                raise ConfigError(
                    f"the source has {row['n']} rows with the key {key}: name a primary_key that is unique,"
                    " or a watermark_column by which the newest is taken"
                )


def _column(one: StagedColumn, keys: tuple[str, ...]) -> Column:
    return Column(one.name, one.datatype, nullable=one.name not in keys, comment=one.comment)


def _rows(fit: Fit, relation: str) -> str:
    values = ", ".join(f"{one.expression} AS {quote(one.name)}" for one in fit.values)
    where = f" WHERE NOT coalesce({any_of(fit.rejects)}, false)" if fit.rejects else ""
    return f"SELECT {values} FROM {relation}{where}"


def _no_rows(package: Package, fit: Fit) -> str:
    kinds = {one.source: one.type for one in package.columns}
    names = {one.name: one.source for one in package.columns}
    values = ", ".join(
        f"CAST(NULL AS {kinds[names.get(one.name, one.name)]}) AS {quote(one.name)}" for one in fit.values
    )
    return f"SELECT {values} WHERE false"
