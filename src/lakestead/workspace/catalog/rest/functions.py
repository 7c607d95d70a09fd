"""REST: SQL functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sqlalchemy.orm import Session

from lakestead.core.datatypes import TypeSyntaxError, parse_type
from lakestead.workspace.access import BROWSE, MANAGE, Access, create_access
from lakestead.workspace.catalog import functions, info
from lakestead.workspace.catalog.functions import Function, Parameter
from lakestead.workspace.catalog.lookup import get as lookup
from lakestead.workspace.catalog.rest import common
from lakestead.workspace.catalog.rest.common import PREFIX, in_schema, needs
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.http import Body, Call, Route
from lakestead.workspace.store.objects import Kind


class ParameterBody(Body):
    """A parameter as the client sends it; its type is what ``type_text`` says, the rest follows from it."""

    name: str
    type_text: str
    type_name: str
    position: int
    comment: str | None = None
    parameter_default: str | None = None
    parameter_mode: Literal["IN"] = "IN"
    parameter_type: Literal["PARAM", "COLUMN"] | None = None
    type_json: str | None = None
    type_precision: int | None = None
    type_scale: int | None = None
    type_interval_type: str | None = None


class ParametersBody(Body):
    """Parameters as the client sends them."""

    parameters: tuple[ParameterBody, ...] = ()


class FunctionBody(Body):
    """A new function as the client sends it."""

    name: str
    catalog_name: str
    schema_name: str
    input_params: ParametersBody = ParametersBody()
    data_type: str
    full_data_type: str
    return_params: ParametersBody | None = None
    routine_body: Literal["SQL", "EXTERNAL"]
    routine_definition: str
    parameter_style: Literal["S"] = "S"
    is_deterministic: bool = True
    sql_data_access: Literal["CONTAINS_SQL", "READS_SQL_DATA", "NO_SQL"]
    is_null_call: Literal[False] = False
    security_type: Literal["DEFINER"] = "DEFINER"
    specific_name: str
    comment: str | None = None


class Create(Body):
    """Body of a new function."""

    function_info: FunctionBody


class Update(Body):
    """Body of a change."""

    owner: str | None = None


class Delete(Body):
    """Query parameter of a deletion. Nothing ever stands in its way, so it is the same with force."""

    force: bool = False


def may_create(call: Call, _: Session) -> Iterable[Access]:
    """Access rule: CREATE FUNCTION on the schema."""
    asked = call.parse(Create).function_info
    return [create_access(Kind.FUNCTION, (asked.catalog_name.lower(), asked.schema_name.lower()))]


def create(call: Call) -> info.Json:
    """POST a new function."""
    asked = call.parse(Create).function_info
    if asked.routine_body != "SQL":
        raise unsupported("A function in another language than SQL")
    returns_table = asked.data_type == "TABLE_TYPE"
    does = Function(
        parameters=_parameters(asked.input_params),
        body=asked.routine_definition,
        returns=None if returns_table else _type(asked.full_data_type),
        returns_table=_parameters(asked.return_params or ParametersBody()) if returns_table else None,
        deterministic=asked.is_deterministic,
        reads_data=asked.sql_data_access == "READS_SQL_DATA",
    )
    with call.workspace.store.write() as tx:
        name = (asked.catalog_name, asked.schema_name, asked.name)
        return info.function(functions.create(tx, call.principal, name, does, comment=asked.comment))


def list_(call: Call) -> info.Json:
    """GET the functions of a schema that the principal sees."""
    return common.list_in_schema(call, Kind.FUNCTION, "functions", info.function)


def get(call: Call) -> info.Json:
    """GET a function."""
    return common.show(call, Kind.FUNCTION, info.function)


def update(call: Call) -> info.Json:
    """PATCH a function."""
    return common.update(call, Kind.FUNCTION, info.function, Update)


def delete(call: Call) -> None:
    """DELETE a function."""
    call.arguments(Delete)
    with call.workspace.store.write() as tx:
        functions.drop(tx, lookup(tx, Kind.FUNCTION, common.parts(call.path["name"])))


def _parameters(sent: ParametersBody) -> tuple[Parameter, ...]:
    ordered = sorted(sent.parameters, key=lambda one: one.position)
    return tuple(
        Parameter(one.name, _type(one.type_text), one.parameter_default, one.comment) for one in ordered
    )


def _type(text: str) -> str:
    try:
        return parse_type(text).ddl
    except TypeSyntaxError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"{error}.") from None


_ONE = f"{PREFIX}/functions/{{name}}"
ROUTES = [
    Route(
        "POST",
        f"{PREFIX}/functions",
        create,
        may_create,
        "databricks-sdk: functions.create",
        "SQL functions only",
    ),
    Route("GET", f"{PREFIX}/functions", list_, in_schema, "databricks-sdk: functions.list"),
    Route("GET", _ONE, get, needs(BROWSE, Kind.FUNCTION), "databricks-sdk: functions.get"),
    Route("PATCH", _ONE, update, needs(MANAGE, Kind.FUNCTION), "databricks-sdk: functions.update"),
    Route("DELETE", _ONE, delete, needs(MANAGE, Kind.FUNCTION), "databricks-sdk: functions.delete"),
]
