"""What the routes of all kinds of objects share: names in paths, lists, changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from sqlalchemy.orm import Session

from lakestead.workspace.access import BROWSE, MANAGE, USE_SCHEMA, Access, only_browses, visible
from lakestead.workspace.catalog import info, objects
from lakestead.workspace.catalog.lookup import children, get
from lakestead.workspace.http import Body, Call
from lakestead.workspace.paging import Paging, page
from lakestead.workspace.storage import Storage
from lakestead.workspace.store.objects import Kind, Securable

PREFIX = "/api/2.1/unity-catalog"
Rule = Callable[[Call, Session], Iterable[Access]]


def parts(full_name: str) -> tuple[str, ...]:
    """Return a full name of the REST API in parts; names have no dots in them."""
    return tuple(full_name.lower().split("."))


def needs(privilege: str, kind: Kind) -> Rule:
    """Return the access rule of routes for one object, named by ``{name}`` in their path."""
    return lambda call, _: [Access(privilege, kind, parts(call.path["name"]))]


class Shown(Body):
    """Query parameter of routes that show one object. What may only be browsed is shown too, and marked."""

    include_browse: bool = False


class Listed(Paging):
    """Query parameters of lists of objects."""

    include_browse: bool = False


class ListedInSchema(Listed):
    """Query parameters of lists of what is in a schema."""

    catalog_name: str
    schema_name: str


def in_schema(call: Call, _: Session) -> Iterator[Access]:
    """Access rule of lists of what is in a schema: its parents and it can be used, or browsed."""
    schema = (call.query.get("catalog_name", ""), call.query.get("schema_name", ""))
    browsing = call.query.get("include_browse") == "true"
    yield Access(BROWSE if browsing else USE_SCHEMA, Kind.SCHEMA, schema)


def seen(
    call: Call, tx: Session, found: Sequence[Securable], asked: Listed
) -> tuple[list[Securable], str | None]:
    """Return those of the objects that the principal sees, one page of them, and the token of the next."""
    shown = visible(tx, call.principal, found)
    if not asked.include_browse:
        shown = [one for one in shown if not only_browses(tx, call.principal, one)]
    chosen, token = page(shown, attrgetter("name"), asked.max_results, asked.page_token)
    return list(chosen), token


def list_in_schema(call: Call, kind: Kind, name: str, form: Callable[[Securable], info.Json]) -> info.Json:
    """Answer a list of what is in a schema.

    Args:
        call: the request.
        kind: what is listed.
        name: the field of the answer that has it.
        form: how one is shown.
    """
    asked = call.arguments(ListedInSchema)
    with call.workspace.store.read() as tx:
        schema = get(tx, Kind.SCHEMA, (asked.catalog_name, asked.schema_name))
        shown, token = seen(call, tx, children(tx, schema, kind), asked)
        return listed(name, [marked(call, tx, one, form(one)) for one in shown], token)


def listed(name: str, items: Sequence[Any], token: str | None) -> info.Json:
    """Return the answer of a list; the token is left out on the last page."""
    return {name: items} if token is None else {name: items, "next_page_token": token}


def marked(call: Call, tx: Session, target: Securable, shown: info.Json) -> info.Json:
    """Return what is shown of an object, with the mark that it can only be browsed."""
    return shown | {"browse_only": only_browses(tx, call.principal, target)}


def show(call: Call, kind: Kind, form: Callable[[Securable], info.Json]) -> info.Json:
    """Answer a request for one object."""
    call.arguments(Shown)
    with call.workspace.store.read() as tx:
        target = get(tx, kind, parts(call.path["name"]))
        return marked(call, tx, target, form(target))


class Update(Body):
    """Changes that most objects take; what is left out stays. ``properties`` replace all there are."""

    owner: str | None = None
    comment: str | None = None
    new_name: str | None = None
    properties: dict[str, str] | None = None


def update(call: Call, kind: Kind, form: Callable[[Securable], info.Json], model: type[Body]) -> info.Json:
    """Answer a change of one object.

    Args:
        call: the request.
        kind: what is changed.
        form: how it is shown afterwards.
        model: :class:`Update`, or those of its fields that this kind takes.
    """
    asked = Update.model_validate(call.parse(model).model_dump())
    actor = call.principal
    with call.workspace.store.write() as tx:
        target = get(tx, kind, parts(call.path["name"]))
        if asked.owner is not None:
            objects.set_owner(tx, actor, target, asked.owner)
        if asked.comment is not None:
            objects.set_comment(tx, actor, target, asked.comment)
        if asked.properties is not None:
            objects.replace_properties(tx, actor, target, asked.properties)
        if asked.new_name is not None:
            objects.rename(tx, actor, target, asked.new_name)
        return form(target)


def remove_files(storage: Storage, gone: Iterable[Securable]) -> None:
    """Remove the folders of managed tables and volumes whose records are gone."""
    for one in gone:
        storage.remove(storage.managed(one.kind, one.id))


__all__ = [
    "BROWSE",
    "MANAGE",
    "PREFIX",
    "Listed",
    "ListedInSchema",
    "Rule",
    "Update",
    "in_schema",
    "list_in_schema",
    "listed",
    "marked",
    "needs",
    "parts",
    "remove_files",
    "seen",
    "show",
    "update",
]
