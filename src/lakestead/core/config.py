"""Declarations: frozen models read from YAML, with errors that name file, line and column.

class Table(Declaration):
    comment: str | None = None

load_yaml(Path("tables.yaml"), Table)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from lakestead.core.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


class Declaration(BaseModel):
    """Something declared in a file: immutable, and with no key but the known ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Document:
    """A YAML document that remembers where everything in it is written.

    Attributes:
        path: the file.
        data: what it says; an empty mapping if it says nothing.
    """

    path: Path
    data: Any
    root: yaml.Node | None

    def place(self, *location: int | str) -> str:
        """Return where the value at a location is written, e.g. ``jobs.yaml:12:3``.

        Args:
            location: keys of mappings and indexes of lists, from the outside in.
        """
        mark = _marks(self.root, location)[1]
        return _place(self.path, mark) if mark else str(self.path)

    def inside(self, key: str) -> Document:
        """Return what the value of a key says, as a document of its own."""
        if not isinstance(self.root, yaml.MappingNode):
            return Document(self.path, {}, None)
        nodes = [value for name, value in self.root.value if name.value == key]
        return Document(self.path, self.data[key], nodes[0]) if nodes else Document(self.path, {}, None)

    def read_as(self, model: type[M]) -> M:
        """Return the document as a model.

        Raises:
            ConfigError: as in :func:`load_yaml`.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            lines = [_explain(detail, self.root, self.path, model) for detail in error.errors()]
            raise ConfigError("\n".join(lines)) from None


def read_yaml(path: Path) -> Document:
    """Read a YAML file.

    Args:
        path: the file; named in errors as it is given.

    Raises:
        ConfigError: when the file cannot be read, is no YAML, or gives a key twice; says where.
    """
    try:
        loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
        root = loader.get_single_node()
        if root is not None:
            _refuse_duplicate_keys(root, path)
        return Document(path, {} if root is None else loader.construct_document(root), root)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path)) from error
    except yaml.MarkedYAMLError as error:
        where = _place(path, error.problem_mark) if error.problem_mark else str(path)
        raise ConfigError(f"is not valid YAML: {error.problem}", where=where) from error
    except ValueError as error:  # what looks like a date and is none
        raise ConfigError(f"is not valid YAML: {error}", where=str(path)) from error


def load_yaml(path: Path, model: type[M]) -> M:
    """Read a YAML file into a model.

    Args:
        path: the file; named in errors as it is given.
        model: what the document must be.

    Raises:
        ConfigError: when the file cannot be read, is no YAML, or is not what the model says. Each mistake is
            one line of the message: file, line, column, what is wrong, and the nearest known key.
    """
    return read_yaml(path).read_as(model)


def _place(path: Path, mark: yaml.Mark) -> str:
    return f"{path}:{mark.line + 1}:{mark.column + 1}"


def _refuse_duplicate_keys(root: yaml.Node, path: Path) -> None:
    """YAML keeps the last of two equal keys and says nothing; that hides mistakes."""
    pending = [root]
    while pending:
        node = pending.pop()
        if isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        if not isinstance(node, yaml.MappingNode):
            continue
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ConfigError(f"the key '{key.value}' is given twice", where=_place(path, key.start_mark))
            seen.add(str(key.value))
            pending.append(value)


def _explain(detail: ErrorDetails, root: yaml.Node | None, path: Path, model: type[BaseModel]) -> str:
    location = detail["loc"]
    key_mark, value_mark = _marks(root, location)
    keys = ".".join(str(part) for part in location)
    if detail["type"] == "extra_forbidden":
        problem, mark = unknown("key", str(location[-1]), sorted(_known_keys(model, location[:-1]))), key_mark
    elif detail["type"] == "missing":
        problem, mark = f"the key '{location[-1]}' is missing", value_mark
    else:
        message = detail["msg"].removeprefix("Value error, ")
        problem, mark = f"{keys or 'the document'}: {message[:1].lower()}{message[1:]}", value_mark
    return f"{_place(path, mark) if mark else path}: {problem}"


def unknown(kind: str, name: str, known: Sequence[str]) -> str:
    """Return the message for a name that is not one of the known: the nearest, or all of them."""
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(known)}"
    return f"unknown {kind} '{name}'; {hint}"


def _marks(
    root: yaml.Node | None, location: Sequence[int | str]
) -> tuple[yaml.Mark | None, yaml.Mark | None]:
    """Return where the last key on the way and its value start; parts that only pydantic knows are passed."""
    if root is None:
        return None, None
    node, key_mark = root, root.start_mark
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if str(key.value) == str(part)]
            if found:
                key_mark, node = found[0][0].start_mark, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            key_mark = node.start_mark
    return key_mark, node.start_mark


def _known_keys(model: type[BaseModel], location: Sequence[int | str]) -> set[str]:
    """Return the keys that the models at a location declare."""
    here: list[Any] = [model]
    for part in location:
        here = [step for kind in here for step in _inner(kind, part)]
    models = {kind for kind in here if isinstance(kind, type) and issubclass(kind, BaseModel)}
    return {field.alias or name for kind in models for name, field in kind.model_fields.items()}


def _inner(kind: Any, part: int | str) -> Iterator[Any]:
    """Yield the types that `part` of a value of this type may have, unions and containers opened."""
    if isinstance(kind, type) and issubclass(kind, RootModel):
        for root in _alternatives(kind.model_fields["root"].annotation):
            yield from _inner(root, part)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part in (name, field.alias):
                yield from _alternatives(field.annotation)
    elif get_origin(kind) is not None:
        for argument in get_args(kind)[-2:]:
            yield from _alternatives(argument)


def _alternatives(kind: Any) -> Iterator[Any]:
    if get_origin(kind) in (Union, UnionType):
        for argument in get_args(kind):
            yield from _alternatives(argument)
    else:
        yield kind
