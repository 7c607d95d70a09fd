"""What lakestead costs in time and memory, beside the bare engine and beside minilake.

`python -m benchmarks` (or `make bench`) runs everything; `python -m benchmarks fetch --quick` one measure
at a small size. Every figure stands beside a peer that did the same work in the same run, in turns with it:
what else the machine does then weighs on both.
"""
