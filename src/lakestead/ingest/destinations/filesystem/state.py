"""How far a job has come, and what load it has claimed: numbered files beside the tables.

`00000007.json` is the job's seventh load: whoever creates that file owns it, because a key is created once.
`00000007.done` says that it is finished. What lies between the two can be repeated without effect, by any
machine: a process may be killed whenever.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from lakestead.ingest.loading.package import Package, StagedColumn
from lakestead.ingest.sources.source import Cursor
from lakestead.ingest.stores import Store

# Older loads are forgotten. A run that began before that many others is turned away all the same.
_KEPT = 20
_CLAIMED, _DONE = "json", "done"
_NAME = re.compile(r"(\d{8,})\.(json|done)")


@dataclass(frozen=True, slots=True)
class File:
    """A staged file.

    Attributes:
        name: within its load.
        rows: how many it has.
        size: in bytes.
        digest: SHA-256 of its bytes, in hexadecimal digits; None if nobody will compare it.
    """

    name: str
    rows: int
    size: int
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A load and all that is needed to finish it.

    Attributes:
        package: the load; its columns are those of the files as they are staged.
        format: `parquet` or `delta`.
        files: the package's files.
        columns: those of the table from this load on.
        replaced: keys of published files that make way for it.
        backfill: whether it is a part of the past, so that the cursor does not know of its rows.
        lag: how far below the cursor that knows of rows.
    """

    package: Package
    format: str
    files: tuple[File, ...]
    columns: tuple[StagedColumn, ...]
    replaced: tuple[str, ...] = ()
    backfill: bool = False
    lag: str | None = None

    def to_json(self) -> str:
        """Return it as text."""
        return json.dumps(
            {
                "package": json.loads(self.package.to_json()),
                "format": self.format,
                "files": [asdict(file) for file in self.files],
                "columns": [asdict(column) for column in self.columns],
                "replaced": self.replaced,
                "backfill": self.backfill,
                "lag": self.lag,
            }
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> Claim:
        """Return what `to_json` gave."""
        values = json.loads(text)
        return cls(
            Package.from_json(json.dumps(values["package"])),
            values["format"],
            tuple(File(**one) for one in values["files"]),
            tuple(StagedColumn(**one) for one in values["columns"]),
            tuple(values["replaced"]),
            values["backfill"],
            values["lag"],
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a job.

    Attributes:
        number: its newest load's; 0 if there was none.
        claim: the newest load.
        done: whether that is finished.
        cursor: how far the source is loaded with all that is finished.
    """

    number: int = 0
    claim: Claim | None = None
    done: bool = True
    cursor: Cursor | None = None


class State:
    """The state of one job.

    Args:
        store: where it is.
        folder: the key of its folder.
    """

    def __init__(self, store: Store, folder: str) -> None:
        self._store = store
        self._folder = folder

    def read(self) -> Record:
        """Return what is known of the job."""
        claimed, done = self._numbers()
        if not claimed:
            return Record()
        number = max(claimed)
        claim = self._claim(number)
        last = claim if number in done else self._claim(number - 1) if number - 1 in done else None
        return Record(number, claim, number in done, last.package.cursor if last else None)

    def claim(self, number: int, claim: Claim) -> bool:
        """Make a staged load the job's, unless another run has claimed one of this number or later."""
        key = self._key(number, _CLAIMED)
        # What was sent twice, because the answer was lost, is there the second time.
        if not self._store.create(key, claim.to_json().encode()):
            there = self._claim(number)
            return there.package.load_id == claim.package.load_id
        claimed, done = self._numbers()
        if max(claimed) > number and number not in done:
            # It was created anew where an old one had been forgotten.
            self._store.delete([key])
            return False
        return True

    def is_done(self, number: int) -> bool:
        """Return whether a load is finished."""
        return self._store.exists(self._key(number, _DONE))

    def finish(self, number: int) -> None:
        """Note that a load is finished."""
        self._store.create(self._key(number, _DONE), datetime.now(UTC).isoformat().encode())
        for kind, numbers in zip((_CLAIMED, _DONE), self._numbers(), strict=True):
            self._store.delete(self._key(one, kind) for one in numbers if one <= number - _KEPT)

    def _numbers(self) -> tuple[set[int], set[int]]:
        """Return the numbers of the claimed loads, and of those that are finished."""
        numbers: dict[str, set[int]] = {_CLAIMED: set(), _DONE: set()}
        for entry in self._store.list(f"{self._folder}/*"):
            found = _NAME.fullmatch(entry.key.rpartition("/")[2])
            if found:
                numbers[found[2]].add(int(found[1]))
        return numbers[_CLAIMED], numbers[_DONE]

    def _claim(self, number: int) -> Claim:
        return Claim.from_json(self._store.read(self._key(number, _CLAIMED)))

    def _key(self, number: int, kind: str) -> str:
        return f"{self._folder}/{number:08}.{kind}"
