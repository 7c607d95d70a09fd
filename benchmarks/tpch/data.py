"""TPC-H data as Parquet files, made by `tpchgen-cli` and kept."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

TABLES = ("region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem")


def generate(scale: float, folder: Path) -> dict[str, Path]:
    """Return the Parquet file of each table; made when they are not there.

    Args:
        scale: the scale factor; 1 has 6 million line items.
        folder: where they go.
    """
    files = {table: folder / f"{table}.parquet" for table in TABLES}
    if not all(file.exists() for file in files.values()):
        folder.mkdir(parents=True, exist_ok=True)
        program = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
        subprocess.run(
            [
                program,
                "parquet",
                "--scale-factor",
                str(scale),
                "--output-dir",
                folder,
                "--overwrite",
                "--quiet",
            ],
            check=True,
        )
    return files
