"""A program that runs a job and is killed on the way: `python killed.py PLACE DATABASE FIELDS AT`."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from tests.functional.ingest.filesystem.places import Database, Listening, Place, load


def main(place: str, database: str, fields: str, at: str) -> None:
    """Run a job; when it says what is given, the process is no more."""

    def die(what: str) -> None:
        if what.startswith(at):
            os.kill(os.getpid(), signal.SIGKILL)

    load(Place(**json.loads(place)), Database(Path(database)), Listening(die), **json.loads(fields))


if __name__ == "__main__":
    main(*sys.argv[1:])
