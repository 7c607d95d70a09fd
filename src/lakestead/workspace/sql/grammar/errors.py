"""What a text that is no statement of ours raises."""

from __future__ import annotations

import re

# COPY INTO … WITH (CREDENTIAL (…, up to a fault inside.
_IN_SECRETS = re.compile(
    r"\b(?:CREDENTIAL|ENCRYPTION)\s*\((?:[^()'\"]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\Z",
    re.IGNORECASE | re.DOTALL,
)


class SqlSyntaxError(ValueError):
    """A text that Databricks SQL would not parse.

    Attributes:
        condition: Databricks' error condition, such as PARSE_SYNTAX_ERROR.
        sqlstate: its five-character SQLSTATE.
        detail: the message without the condition.
        offset: where the fault is, in characters from the start of the text.
        line: the line of the fault, from 1.
        column: the position of the fault in its line, from 0.
    """

    def __init__(
        self,
        text: str,
        offset: int,
        detail: str,
        condition: str = "PARSE_SYNTAX_ERROR",
        sqlstate: str = "42601",
    ) -> None:
        if _IN_SECRETS.search(text[:offset]):
            # What stands there may be a secret.
            detail = "Syntax error in the credentials or the encryption of the source."
        super().__init__(f"[{condition}] {detail}")
        self.condition = condition
        self.sqlstate = sqlstate
        self.detail = detail
        self.offset = offset
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - (text.rfind("\n", 0, offset) + 1)


class UnsupportedSyntax(Exception):
    """A statement or clause of Databricks that the workspace refuses; `parse` makes it a value."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature
