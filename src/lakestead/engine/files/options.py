"""The options with which files are read, under Databricks' names; unknown ones are refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Literal

from lakestead.engine.files.errors import FilesError, FilesErrorKind

Format = Literal["CSV", "JSON", "PARQUET", "TEXT", "BINARYFILE"]
Mode = Literal["PERMISSIVE", "DROPMALFORMED", "FAILFAST"]

_FORMATS: dict[str, Format] = {
    "CSV": "CSV",
    "JSON": "JSON",
    "PARQUET": "PARQUET",
    "TEXT": "TEXT",
    "BINARYFILE": "BINARYFILE",
}
_ANY = {
    "pathglobfilter",
    "recursivefilelookup",
    "modifiedafter",
    "modifiedbefore",
    "mergeschema",
    "ignorecorruptfiles",
    "ignoremissingfiles",
}
_TEXTUAL = {"encoding", "charset", "compression", "linesep"}
_VALUES = {
    "mode",
    "dateformat",
    "timestampformat",
    "inferschema",
    "locale",
    "samplingratio",
}
_KNOWN: dict[str, set[str]] = {
    "CSV": {
        *_ANY,
        *_TEXTUAL,
        *_VALUES,
        "header",
        "headers",
        "sep",
        "delimiter",
        "quote",
        "escape",
        "nullvalue",
        "comment",
        "multiline",
        "skiprows",
        "ignoreleadingwhitespace",
        "ignoretrailingwhitespace",
        "maxcolumns",
        "maxcharspercolumn",
        "preferdate",
    },
    "JSON": {
        *_ANY,
        *_TEXTUAL,
        *_VALUES,
        "multiline",
        "infertimestamp",
        "primitivesasstring",
        "prefersdecimal",
        "allowsinglequotes",
        "dropfieldifallnull",
    },
    "PARQUET": {*_ANY, "datetimerebasemode", "int96rebasemode"},
    "TEXT": {*_ANY, *_TEXTUAL, "wholetext"},
    "BINARYFILE": _ANY,
}
# Options that may be given, but only with the value that says what is done anyway.
_FIXED = {
    "locale": {"en-us", "en"},
    "samplingratio": {"1", "1.0"},
    "preferdate": {"true"},
    "allowsinglequotes": {"false"},
    "dropfieldifallnull": {"false"},
    "datetimerebasemode": {"corrected"},
    "int96rebasemode": {"corrected"},
}
_MODES: dict[str, Mode] = {
    "PERMISSIVE": "PERMISSIVE",
    "DROPMALFORMED": "DROPMALFORMED",
    "FAILFAST": "FAILFAST",
}


def file_format(name: str) -> Format:
    """Return the format of this name.

    Raises:
        FilesError: UNSUPPORTED.
    """
    found = _FORMATS.get(name.upper())
    if found is None:
        raise FilesError(FilesErrorKind.UNSUPPORTED, f"Files of the format {name} cannot be read.")
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one reading.

    Attributes:
        format: of the files.
        values: option, in lower case, and its text.
    """

    format: Format
    values: Mapping[str, str]

    @classmethod
    def of(cls, format: Format, pairs: Iterable[tuple[str, str]]) -> Options:
        """Check options.

        Raises:
            FilesError: OPTION naming one that is unknown for the format, given twice or has a wrong value.
        """
        values: dict[str, str] = {}
        for key, value in pairs:
            name = key.lower()
            if name not in _KNOWN[format]:
                near = get_close_matches(name, _KNOWN[format], n=1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                raise FilesError(
                    FilesErrorKind.OPTION, f"'{key}' is not a supported option for {format} files.{hint}"
                )
            if name in values:
                raise FilesError(FilesErrorKind.OPTION, f"The option '{key}' is given twice.")
            if value.lower() not in _FIXED.get(name, {value.lower()}):
                raise FilesError(FilesErrorKind.UNSUPPORTED, f"The option {key}={value} is not supported.")
            values[name] = value
        options = cls(format, values)
        _ = options.mode  # a wrong one is refused at once
        return options

    def text(self, *names: str) -> str | None:
        """Return an option's text by the first of its names that is given; None if none is."""
        return next((self.values[name] for name in names if name in self.values), None)

    def flag(self, *names: str, default: bool = False) -> bool:
        """Return whether an option is on.

        Raises:
            FilesError: OPTION when it is neither true nor false.
        """
        value = self.text(*names)
        if value is None:
            return default
        if value.lower() not in ("true", "false"):
            raise FilesError(
                FilesErrorKind.OPTION, f"The option '{names[0]}' must be true or false, not '{value}'."
            )
        return value.lower() == "true"

    def number(self, name: str) -> int:
        """Return an option's whole number, 0 if it is not given.

        Raises:
            FilesError: OPTION when it is none.
        """
        value = self.values.get(name, "0")
        if not (value.isascii() and value.isdigit()):
            raise FilesError(FilesErrorKind.OPTION, f"The option '{name}' must be a number, not '{value}'.")
        return int(value)

    def character(self, *names: str, default: str) -> str:
        """Return an option of one character; empty switches it off.

        Raises:
            FilesError: OPTION when it is longer.
        """
        value = self.text(*names)
        if value is None:
            return default
        value = {"\\t": "\t", "\\0": "", "\0": "", "\\u0000": ""}.get(value, value)
        if len(value) > 1 or not value.isascii():
            raise FilesError(
                FilesErrorKind.UNSUPPORTED,
                f"The option '{names[0]}' must be one ASCII character, not '{value}'.",
            )
        return value

    def moment(self, name: str) -> float | None:
        """Return an option's time in seconds since the epoch; without a zone it is UTC.

        Raises:
            FilesError: OPTION when it is none.
        """
        value = self.values.get(name)
        if value is None:
            return None
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            raise FilesError(
                FilesErrorKind.OPTION, f"The option '{name}' must be a time, not '{value}'."
            ) from None
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()

    @property
    def mode(self) -> Mode | None:
        """What happens to malformed records; None when nothing was said.

        Raises:
            FilesError: OPTION.
        """
        value = self.values.get("mode")
        if value is None:
            return None
        if value.upper() not in _MODES:
            raise FilesError(FilesErrorKind.OPTION, f"The option 'mode' must be one of {', '.join(_MODES)}.")
        return _MODES[value.upper()]
