"""SQL functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from lakestead.workspace.catalog import objects
from lakestead.workspace.catalog.lookup import find, get
from lakestead.workspace.errors import ApiError, ErrorCode
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.objects import Kind, Securable


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, or a column of the table it returns.

    Attributes:
        name: its name.
        type: canonical DDL text.
        default: a SQL expression.
        comment: what it is.
    """

    name: str
    type: str
    default: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """What a SQL function does.

    Attributes:
        parameters: in order.
        body: the expression or query that it returns.
        returns: canonical DDL text of a scalar's type; None for a table function.
        returns_table: columns of a table function; None for a scalar one.
        deterministic: whether equal arguments give equal results.
        reads_data: whether the body reads tables (READS SQL DATA).
    """

    parameters: tuple[Parameter, ...]
    body: str
    returns: str | None = None
    returns_table: tuple[Parameter, ...] | None = None
    deterministic: bool = True
    reads_data: bool = False

    @classmethod
    def of(cls, target: Securable) -> Function:
        """Return what a recorded function does."""
        columns = target.spec["returns_table"]
        return cls(
            parameters=tuple(Parameter(**one) for one in target.spec["parameters"]),
            body=target.spec["body"],
            returns=target.spec["returns"],
            returns_table=None if columns is None else tuple(Parameter(**one) for one in columns),
            deterministic=target.spec["deterministic"],
            reads_data=target.spec["reads_data"],
        )


def create(
    tx: Session,
    actor: Principal,
    name: tuple[str, str, str],
    function: Function,
    *,
    comment: str | None = None,
    or_replace: bool = False,
) -> Securable:
    """Make a SQL function.

    Args:
        tx: the transaction it is made in.
        actor: who makes it and owns it.
        name: catalog, schema and function.
        function: what it does.
        comment: what it is for.
        or_replace: change the one of this name, if there is one; its owner and grants stay.

    Raises:
        ApiError: SCHEMA_NOT_FOUND, INVALID_NAME, FUNCTION_EXISTS, INVALID_REQUEST for two parameters of one
            name or parameters without a default after ones with.
    """
    schema = get(tx, Kind.SCHEMA, name[:2])
    _check_parameters(function.parameters)
    spec = asdict(function)
    existing = find(tx, Kind.FUNCTION, name) if or_replace else None
    if existing is None:
        return objects.create(tx, actor, Kind.FUNCTION, schema, name[2], comment=comment, spec=spec)
    existing.spec = spec
    objects.set_comment(tx, actor, existing, comment)
    return existing


def drop(tx: Session, target: Securable) -> None:
    """Remove a function."""
    objects.remove(tx, target)


def _check_parameters(parameters: Sequence[Parameter]) -> None:
    names = [one.name.lower() for one in parameters]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"The parameter `{double}` is given twice.")
    defaults = [one.default is not None for one in parameters]
    if defaults != sorted(defaults):
        raise ApiError(ErrorCode.INVALID_REQUEST, "Parameters with a default must come last.")
