"""Seeing many objects by one condition is the same as seeing each of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from lakestead.workspace.access import GRANTABLE, visible
from lakestead.workspace.bootstrap import ADMIN
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.store.base import Store
from lakestead.workspace.store.objects import Grant, Kind, Securable
from lakestead.workspace.visibility import may_see

SOMEBODY = Principal(7, "somebody", "USER", frozenset({"account users", "team"}))
_KINDS = (Kind.CATALOG, Kind.SCHEMA, Kind.TABLE, Kind.VOLUME, Kind.FUNCTION)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A metastore with two catalogs of two schemas with one object of each kind."""
    store = Store(Path(tmp_path_factory.mktemp("visibility")) / "metastore.db")
    by = {"owner": ADMIN, "created_by": ADMIN, "updated_by": ADMIN}
    with store.write() as tx:
        top = Securable(kind=Kind.METASTORE, name="lakestead", **by)
        catalogs = [Securable(kind=Kind.CATALOG, name=name, parent=top, **by) for name in "ab"]
        schemas = [
            Securable(kind=Kind.SCHEMA, name=name, parent=one, **by) for one in catalogs for name in "xy"
        ]
        tx.add_all([top, *catalogs, *schemas])
        for schema in schemas:
            for kind in _KINDS[2:]:
                spec = {"table_type": "MANAGED"}
                tx.add(Securable(kind=kind, name="one", parent=schema, spec=spec, **by))
    yield store
    store.close()


def seen_each(tx: Session, kind: Kind) -> set[str]:
    objects = tx.execute(select(Securable).where(Securable.kind == kind)).scalars().all()
    return {one.full_name for one in visible(tx, SOMEBODY, objects)}


def seen_at_once(tx: Session, kind: Kind) -> set[str]:
    depth = {Kind.CATALOG: 1, Kind.SCHEMA: 2}.get(kind, 3)
    chain = [aliased(Securable) for _ in range(depth)]
    query = select(chain[0]).where(chain[0].kind == kind, may_see(SOMEBODY, kind, *chain))
    for child, parent in pairwise(chain):
        query = query.join(parent, child.parent_id == parent.id)
    return {one.full_name for one in tx.execute(query).scalars()}


_PLACES = st.integers(0, 18)
_WHO = st.sampled_from(["somebody", "team", "account users", "another"])
_PRIVILEGES = st.sampled_from(sorted(set().union(*GRANTABLE.values())))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(_PLACES, _WHO, _PRIVILEGES), max_size=4, unique=True),
    st.lists(st.tuples(_PLACES, _WHO), max_size=2),
)
def test_one_condition_sees_what_each_check_sees(
    store: Store, grants: list[tuple[int, str, str]], owners: list[tuple[int, str]]
) -> None:
    with store.read() as tx:
        objects = tx.execute(select(Securable).order_by(Securable.id)).scalars().all()
        for place, principal, privilege in grants:
            target = objects[place % len(objects)]
            if privilege in GRANTABLE[target.kind]:
                tx.merge(Grant(securable_id=target.id, principal=principal, privilege=privilege))
        for place, owner in owners:
            objects[place % len(objects)].owner = owner
        tx.flush()
        for kind in _KINDS:
            assert seen_at_once(tx, kind) == seen_each(tx, kind)
        tx.rollback()


def test_an_admin_sees_everything(store: Store) -> None:
    admin = Principal(1, "root", "USER", frozenset({"admins"}))
    target = aliased(Securable)
    with store.read() as tx:
        query = select(target.id).where(target.kind == Kind.TABLE, may_see(admin, Kind.TABLE, target))
        assert len(tx.execute(query).all()) == 4
