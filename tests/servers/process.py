"""Servers that tests start as programs of their own, on ports that the system chooses."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

_URL = re.compile(r"http://127\.0\.0\.1:[1-9]\d*")


@contextmanager
def listening(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server that says where it listens, and give its URL.

    Args:
        command: the program and its arguments.
        environment: its environment, whole.
    """
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        found = _URL.search(line)
        if found:
            break
    else:
        raise OSError(f"{command[0]} did not start: {''.join(said)[-2000:]}")
    # A pipe that nobody reads would stop it.
    reader = threading.Thread(target=_drain, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        yield found.group()
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def _drain(lines: Iterator[str]) -> None:
    for _ in lines:
        continue
