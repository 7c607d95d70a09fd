"""The engine's own process: ``python -m lakestead.engine.host``.

Serves Spark Connect on loopback, prints its port, and ends when its standard input ends, which is when the
process that started it does, however that ends. Nothing else is imported here: this starts while the parent
still loads.
"""

from __future__ import annotations

import os
import sys

from pysail.spark import SparkConnectServer


def main() -> None:
    """Serve until standard input ends."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    address = server.listening_address
    if address is None:
        sys.exit("the engine did not start")
    sys.stdout.write(f"{address[1]}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    # What still runs is nobody's any more: there is nothing to wait for.
    os._exit(0)


if __name__ == "__main__":
    main()
