"""The engine's messages in Databricks' terms: error conditions and SQLSTATEs."""

from __future__ import annotations

import re

from lakestead.workspace.errors import ApiError, ErrorCode

_NO_GROUP_BY = (
    "A column of the SELECT list is neither in the GROUP BY clause nor in an aggregate function. Add it to "
    "GROUP BY or wrap it in any_value() if you do not care which value you get."
)
# (pattern in the engine's message, code, Databricks' words with the pattern's groups; None keeps its own)
_PATTERNS: list[tuple[re.Pattern[str], ErrorCode, str | None]] = [
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), code, message)
    for pattern, code, message in [
        (
            r"TABLE_OR_VIEW_NOT_FOUND\] Table or view not found: (\S+)",
            ErrorCode.TABLE_NOT_FOUND,
            "The table or view `{0}` cannot be found.",
        ),
        (
            r"attribute ObjectName\(\[Identifier\(\"([^\"]*)\"\)\]\) is missing",
            ErrorCode.COLUMN_NOT_FOUND,
            "A column, variable, or function parameter with name `{0}` cannot be resolved.",
        ),
        (
            r"(?:cannot resolve attribute|attribute ObjectName\(\[(.*?)\]\) is missing)",
            ErrorCode.COLUMN_NOT_FOUND,
            None,
        ),
        (r"ambiguous", ErrorCode.AMBIGUOUS_REFERENCE, None),
        (r"unknown function: (\S+)", ErrorCode.UNRESOLVED_FUNCTION, "Cannot resolve routine `{0}`."),
        (r"unknown table function: (\S+)", ErrorCode.UNRESOLVED_FUNCTION, "Cannot resolve routine `{0}`."),
        (
            r"divi(?:de|sion) by zero",
            ErrorCode.DIVIDE_BY_ZERO,
            "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.",
        ),
        (
            r"the engine stopped while the statement ran",
            ErrorCode.INTERNAL,
            "The engine stopped while the statement ran, and is started again for the next one. Look whether "
            "a change was made before you repeat it; temporary views of the session are gone.",
        ),
        (r"task \d+ panicked", ErrorCode.INTERNAL, "The engine failed on this statement."),
        (r"element_at: the index is out of bounds", ErrorCode.INVALID_ARRAY_INDEX, None),
        (r"UNION queries have different number of columns", ErrorCode.NUM_COLUMNS_MISMATCH, None),
        (
            r"requires (?:\d|at least|at most|exactly|between).{0,40}arguments?",
            ErrorCode.WRONG_ARGUMENTS,
            None,
        ),
        (r"'Boolean\(false\)' is not true", ErrorCode.USER_RAISED, None),
        (r"\A(?:function: \w+|CLUSTER BY|DISTRIBUTE BY|SORT BY)\Z", ErrorCode.NOT_IMPLEMENTED, None),
        (r"No field named .*#\d+", ErrorCode.MISSING_AGGREGATION, _NO_GROUP_BY),
        (r"INVALID_ARRAY_INDEX", ErrorCode.INVALID_ARRAY_INDEX, None),
        (r"DELTA_NOT_NULL_CONSTRAINT_VIOLATED", ErrorCode.NOT_NULL_VIOLATION, None),
        (
            r"DELTA_VIOLATE_CONSTRAINT|DELTA_GENERATED_COLUMNS_VALUE_MISMATCH|CHECK constraint .* violated",
            ErrorCode.CHECK_VIOLATION,
            None,
        ),
        (
            r"MERGE_CARDINALITY_VIOLATION",
            ErrorCode.MERGE_CARDINALITY,
            "Cannot perform Merge as multiple source rows matched and attempted to modify the same target "
            "row in the Delta table in possibly conflicting ways.",
        ),
        (
            r"INSERT (?:is missing value|has|with)|input schema for INSERT|"
            r"number of column names \(\d+\) does not match",
            ErrorCode.INSERT_ARITY,
            None,
        ),
        (
            r"(?:can't cast value|too large to store|overflow|out of range)",
            ErrorCode.CAST_OVERFLOW,
            None,
        ),
        (
            r"(?:cannot cast string|can't cast|cast error: cannot cast string|could not parse|error parsing|"
            r"cannot be cast to \"\w+\" because it is malformed|Cannot cast value|"
            r"expected (?:numeric )?datetime)",
            ErrorCode.CAST_INVALID_INPUT,
            None,
        ),
        (r"Placeholder '?:?(\w+)'? was not provided", ErrorCode.UNBOUND_PARAMETER, None),
        (
            r"expected final version (\d+), replay reached (\d+)",
            ErrorCode.VERSION_NOT_FOUND,
            "Cannot time travel Delta table to version {0}. The newest version is {1}.",
        ),
        (r"Failed to commit transaction|conflict", ErrorCode.CONCURRENT_WRITE, None),
        (
            r"must appear in the GROUP BY|could not be resolved from available columns",
            ErrorCode.MISSING_AGGREGATION,
            None,
        ),
        (
            r"invalid argument: found (.{0,80}?) at (\d+):\d+",
            ErrorCode.SYNTAX_ERROR,
            "Syntax error at or near '{0}'.",
        ),
        (
            r"(?:coerce|type mismatch|No function matches|incompatible types|data type)",
            ErrorCode.DATATYPE_MISMATCH,
            None,
        ),
        (
            r"not (?:yet )?(?:supported|implemented)|unsupported|does not support|TABLESAMPLE with ROWS",
            ErrorCode.NOT_IMPLEMENTED,
            None,
        ),
    ]
]
_PREFIX = re.compile(
    r"\A(?:invalid argument|error in DataFusion|Error during planning|Internal error|Execution error|"
    r"Arrow error|External error|not supported|Optimizer rule '[^']*' failed|caused by|\s|:|\[[A-Z_.]+\])+",
)


def engine_error(message: str) -> ApiError:
    """Return the error for the engine's words.

    Args:
        message: what the engine said.
    """
    first = message.split("\nCandidate functions", 1)[0].split("This issue was likely caused by a bug", 1)[0]
    for pattern, code, template in _PATTERNS:
        match = pattern.search(first)
        if match:
            text = template.format(*match.groups()) if template else _PREFIX.sub("", first).strip()
            return ApiError(code, _sentence(text or first))
    return ApiError(ErrorCode.ENGINE_ERROR, _sentence(_PREFIX.sub("", first).strip() or first))


def _sentence(text: str) -> str:
    text = text.strip()[:2000]
    return text if text.endswith((".", "!", "?")) else text + "."
