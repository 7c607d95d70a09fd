"""Files read in queries: read_files('…') and paths in the place of a table's name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session
from sqlglot import exp

from lakestead.core.datatypes import DataType, Struct, TypeSyntaxError, parse_type
from lakestead.core.names import quote_name
from lakestead.engine.files import (
    NoColumn,
    Options,
    Reading,
    Relation,
    Scanner,
    SourceFile,
    file_format,
    find,
    rescued,
)
from lakestead.workspace.errors import ApiError, ErrorCode, unsupported
from lakestead.workspace.identity.principals import Principal
from lakestead.workspace.sql import sources
from lakestead.workspace.sql.context import Context

_FORMATS = frozenset({"delta", "parquet", "csv", "json", "text", "binaryfile"})
_BY_EXTENSION = {
    ".csv": "csv",
    ".tsv": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".txt": "text",
}
# What read_files has beside the options of readers.
_OWN = frozenset(
    {
        "format",
        "schema",
        "schemahints",
        "infercolumntypes",
        "filenamepattern",
        "rescueddatacolumn",
        "schemaevolutionmode",
    }
)


def is_path(form: str, name: str) -> bool:
    """Return whether a two-part name is a format and a path, such as ``csv.`/Volumes/…```."""
    return form in _FORMATS and "/" in name


def path_relation(ctx: Context, tx: Session, principal: Principal, form: str, path: str) -> str:
    """Return a relation over files given by format and path, as it stands behind FROM.

    Args:
        ctx: the statement.
        tx: an open transaction.
        principal: who reads.
        form: the format.
        path: where the files are.

    Raises:
        ApiError: they cannot be read.
    """
    with sources.explained():
        if form == "delta":
            return quote_name("delta", sources.folder(ctx, tx, principal, path))
        root = sources.resolve(ctx, tx, principal, path)
        options = Options.of(file_format(form), ())
        files = _some(find(root, options), path)
        root.tree.fetch(files)
        scanner = Scanner(
            options, ctx.scratch(), ctx.query, ctx.statement.check, infer=form == "json", lenient=True
        )
        return f"({scanner.scan(files).relation.select()})"


def register(ctx: Context, tx: Session, principal: Principal, call: exp.Expr) -> str:
    """Return a relation over the files that a read_files call reads, as it stands behind FROM.

    Args:
        ctx: the statement.
        tx: an open transaction.
        principal: who reads.
        call: the parsed call.

    Raises:
        ApiError: its arguments are wrong, or the files cannot be read.
    """
    path, arguments = _arguments(call)
    own = {name.lower(): value for name, value in arguments if name.lower() in _OWN}
    reader = [(name, value) for name, value in arguments if name.lower() not in _OWN]
    if own.get("schemaevolutionmode", "none").lower() not in ("none", "rescue"):
        raise unsupported(f"read_files with schemaEvolutionMode => '{own['schemaevolutionmode']}'")
    if "filenamepattern" in own:
        reader.append(("pathGlobFilter", own["filenamepattern"]))
    with sources.explained():
        root = sources.resolve(ctx, tx, principal, path)
        form = own.get("format")
        if form is None:
            form = _detected(find(root, Options.of("BINARYFILE", ())), path)
        options = Options.of(file_format(form), reader)
        files = _some(find(root, options), path)
        root.tree.fetch(files)
        wanted = _schema(own["schema"]) if "schema" in own else None
        rescue = own.get("rescueddatacolumn")
        scanner = Scanner(
            options,
            ctx.scratch(),
            ctx.query,
            ctx.statement.check,
            infer=wanted is None and own.get("infercolumntypes", "true").lower() == "true",
            lenient=True,
            metadata=rescue is not None,
        )
        relation = scanner.scan(files).relation
        read = _read(relation, options, wanted, own.get("schemahints"))
        if rescue is None:
            return f"({relation.select(read)})"
        return f"({rescued(relation, read, rescue)})"


def _arguments(call: exp.Expr) -> tuple[str, list[tuple[str, str]]]:
    path: str | None = None
    options: list[tuple[str, str]] = []
    for argument in call.expressions:
        if isinstance(argument, exp.Kwarg):
            options.append((argument.this.name, _literal(argument.expression, argument.this.name)))
        elif path is None:
            path = _literal(argument, "path")
        else:
            raise ApiError(ErrorCode.WRONG_ARGUMENTS, "read_files takes one path; options are name => value.")
    if path is None:
        raise ApiError(ErrorCode.WRONG_ARGUMENTS, "read_files needs a path.")
    return path, options


def _literal(value: exp.Expr, name: str) -> str:
    if isinstance(value, exp.Literal):
        return str(value.this)
    if isinstance(value, exp.Boolean):
        return "true" if value.this else "false"
    raise ApiError(ErrorCode.INVALID_REQUEST, f"The argument '{name}' of read_files must be a literal.")


def _detected(files: Sequence[SourceFile], path: str) -> str:
    for file in _some(files, path):
        for suffix in reversed(file.suffixes):
            if suffix in _BY_EXTENSION:
                return _BY_EXTENSION[suffix]
    raise ApiError(
        ErrorCode.INVALID_REQUEST,
        f"The format of the files in {path} cannot be told by their names: give it.",
    )


def _some(files: Sequence[SourceFile], path: str) -> Sequence[SourceFile]:
    if not files:
        raise ApiError(ErrorCode.FILE_NOT_FOUND, f"There are no files to read in {path}.")
    return files


def _schema(text: str) -> list[tuple[str, DataType]]:
    try:
        kind = parse_type(text if text.lower().startswith("struct<") else f"struct<{text}>")
    except TypeSyntaxError as error:
        raise ApiError(ErrorCode.INVALID_REQUEST, f"The schema of read_files is wrong: {error}.") from None
    if not isinstance(kind, Struct):
        raise ApiError(ErrorCode.INVALID_REQUEST, "The schema of read_files must be a list of columns.")
    return [(field.name, field.type) for field in kind.fields]


def _read(
    relation: Relation, options: Options, wanted: list[tuple[str, DataType]] | None, hints: str | None
) -> list[Reading]:
    """Return the columns of the result: name, column of the files and type."""
    if wanted is None:
        hinted = {name.lower(): kind for name, kind in _schema(hints)} if hints else {}
        known = {one.name.lower() for one in relation.columns}
        read = [(one.name, one, hinted.get(one.name.lower(), one.type)) for one in relation.columns]
        missing = [(name, kind) for name, kind in _schema(hints or "struct<>") if name.lower() not in known]
        return [*read, *((name, NoColumn(name, kind), kind) for name, kind in missing)]
    by_place = options.format == "CSV" and not options.flag("header", "headers")
    found: list[Reading] = []
    for place, (name, kind) in enumerate(wanted):
        column = relation.column(f"_c{place}" if by_place else name) or relation.column(name)
        found.append((name, column or NoColumn(name, kind), kind))
    return found
