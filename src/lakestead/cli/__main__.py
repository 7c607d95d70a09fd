"""`python -m lakestead.cli`."""

from __future__ import annotations

from lakestead.cli import main

main()
