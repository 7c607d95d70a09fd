"""What Databricks SQL has and the workspace does not: named here so that it is refused by name."""

from __future__ import annotations

from types import MappingProxyType

from .errors import UnsupportedSyntax
from .reader import Reader

# Statements known by their first word.
STATEMENTS = MappingProxyType(
    {
        "ADD": "ADD {ARCHIVE | FILE | JAR}",
        "APPLY": "APPLY CHANGES INTO",
        "BEGIN": "BEGIN … END and transactions",
        "CALL": "CALL",
        "COMMIT": "COMMIT",
        "CONVERT": "CONVERT TO DELTA",
        "DECLARE": "DECLARE VARIABLE",
        "DENY": "DENY",
        "EXECUTE": "EXECUTE IMMEDIATE",
        "EXPORT": "EXPORT TABLE",
        "FSCK": "FSCK REPAIR TABLE",
        "GENERATE": "GENERATE",
        "IMPORT": "IMPORT TABLE",
        "LOAD": "LOAD DATA",
        "LOCK": "LOCK",
        "MAP": "MAP … USING",
        "REDUCE": "REDUCE … USING",
        "REORG": "REORG TABLE",
        "ROLLBACK": "ROLLBACK",
        "START": "START TRANSACTION",
        "SYNC": "SYNC",
        "UNDROP": "UNDROP",
        "UNLOCK": "UNLOCK",
    }
)

# Kinds of object, by the words that name them behind CREATE, ALTER, DROP, SHOW, GRANT … ON and the like.
_OBJECTS = (
    ("MATERIALIZED", "VIEW"),
    ("STREAMING", "TABLE"),
    ("STREAMING", "LIVE", "TABLE"),
    ("LIVE", "TABLE"),
    ("PRIVATE",),
    ("TEMPORARY", "TABLE"),
    ("TEMP", "TABLE"),
    ("TEMPORARY", "VARIABLE"),
    ("GLOBAL", "TEMPORARY", "VIEW"),
    ("GLOBAL", "TEMP", "VIEW"),
    ("METRIC", "VIEW"),
    ("FOREIGN", "CATALOG"),
    ("FOREIGN", "SCHEMA"),
    ("FOREIGN", "TABLE"),
    ("CONNECTION",),
    ("CONNECTIONS",),
    ("SERVER",),
    ("EXTERNAL", "LOCATION"),
    ("EXTERNAL", "LOCATIONS"),
    ("EXTERNAL", "METADATA"),
    ("STORAGE", "CREDENTIAL"),
    ("STORAGE", "CREDENTIALS"),
    ("SERVICE", "CREDENTIAL"),
    ("SERVICE", "CREDENTIALS"),
    ("CREDENTIAL",),
    ("CREDENTIALS",),
    ("SHARE",),
    ("SHARES",),
    ("RECIPIENT",),
    ("RECIPIENTS",),
    ("PROVIDER",),
    ("PROVIDERS",),
    ("PROCEDURE",),
    ("PROCEDURES",),
    ("POLICY",),
    ("POLICIES",),
    ("EFFECTIVE", "POLICIES"),
    ("VARIABLE",),
    ("FLOW",),
    ("BLOOMFILTER", "INDEX"),
    ("INDEX",),
    ("MODEL",),
    ("GROUP",),
    ("USER",),
    ("CLEAN", "ROOM"),
    ("ANY", "FILE"),
    ("ANONYMOUS", "FUNCTION"),
)


def refuse_object(reader: Reader, verb: str) -> None:
    """Refuse the statement if a kind of object that the workspace does not have comes next.

    The words are no kind when a dot follows: then they are the first part of a name.

    Raises:
        UnsupportedSyntax: naming the verb and the kind.
    """
    for words in _OBJECTS:
        if reader.at(*words) and reader.ahead(len(words)).key != ".":
            raise UnsupportedSyntax(f"{verb} {' '.join(words)}")
