"""Which expressions of a statement may use a column, or all of them."""

from __future__ import annotations

import pytest

from lakestead.workspace.errors import ApiError
from lakestead.workspace.sql.dml.guarded import names, refuse_stars


@pytest.mark.parametrize(
    "text",
    [
        "secret = 1",
        "t.secret",
        "m.s.t.SECRET > 2",
        "`Secret`",
        "f(secret.field)",
        "id IN (SELECT x FROM y WHERE secret = z)",
        "secret.secret",
        "to_json(struct(*))",
        "struct(1, t.*)",
        "t.s.secret",
    ],
)
def test_an_expression_that_may_use_the_column(text: str) -> None:
    assert names(text, "secret", "s")


@pytest.mark.parametrize(
    "text", ["", "id = 1", "'secret'", "s.secret", "`S`.secret", "secrets", "id * 2", "secret_"]
)
def test_an_expression_that_does_not(text: str) -> None:
    assert not names(text, "secret", "s")


@pytest.mark.parametrize("text", ["struct(*)", "t.*", "(SELECT struct(a, *))", "f(1, *)"])
def test_stars_that_may_be_all_columns(text: str) -> None:
    with pytest.raises(ApiError, match=r"\* in a change"):
        refuse_stars(text)


@pytest.mark.parametrize(
    "text", ["a * b", "(a) * 2", "EXISTS (SELECT * FROM x)", "(SELECT count(*) FROM x)", "2 * (3)"]
)
def test_other_stars(text: str) -> None:
    refuse_stars(text)
