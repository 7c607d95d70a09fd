"""Where the files of a job and of its table are, as keys of a store."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime

from lakestead.ingest import naming

ROOT = "_lakestead"
PARTITION = "load_date"

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_PUBLISHED = re.compile(rf"{PARTITION}=[\d-]+/(\d{{8}}T\d{{6}}Z-[0-9a-f]{{32}})-\d+\.parquet")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one job's files are. Readers of Parquet folders pass over names that begin with `_`.

    Attributes:
        job: the job's name.
        schema: the folder that the table's is in; None for none.
        table: the table's name, as the job has it.
    """

    job: str
    schema: str | None
    table: str

    @property
    def folder(self) -> str:
        """The table's folder."""
        return "/".join(_name(part) for part in (self.schema, self.table) if part)

    @property
    def state(self) -> str:
        """The folder that says how far the job has come."""
        return f"{ROOT}/state/{plain(self.job)}/{self.folder}"

    @property
    def staged(self) -> str:
        """The folder of the folders of all loads that are not published yet."""
        return f"{ROOT}/staging/{plain(self.job)}/{self.folder}"

    def staging(self, load_id: str, name: str) -> str:
        """Return the key of a staged file."""
        return f"{self.staged}/{load_id}/{name}"

    def published(self, load_id: str, started: datetime, name: str) -> str:
        """Return the key of a file of the table."""
        return f"{self.folder}/{day_folder(started.date())}/{load_id}-{name}"

    def rejected(self, load_id: str, started: datetime, name: str) -> str:
        """Return the key of a file of what the source could not read as rows."""
        return f"{ROOT}/rejects/{self.published(load_id, started, name)}"

    def is_published(self, key: str) -> bool:
        """Return whether a key is that of a file which a load has published."""
        return _PUBLISHED.fullmatch(key.removeprefix(self.folder + "/")) is not None


def day_folder(day: date) -> str:
    """Return the name of the folder of a day's loads."""
    return f"{PARTITION}={day.isoformat()}"


def plain(name: str) -> str:
    """Return a name of which every store makes a key, another for each name."""
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST:
        return name
    readable = re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip("._-")[:_LONGEST]
    return f"{readable}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _name(part: str) -> str:
    return re.sub(r"[^\w$-]", "_", naming.table_name(part))
