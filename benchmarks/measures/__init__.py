"""The measures, one file each: `run(size)` returns groups of figures."""
