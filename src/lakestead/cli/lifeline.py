"""Tells whether a program still uses the workspace: each holds a connection that ends with it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

ATTACHED = b"+"
"""What a program is sent when it is attached; one that is not sent it came too late."""
OTHERS, LAST = b"+", b"-"
"""What a program is sent that ends its half: whether others are still attached."""

_FIRST_SECONDS = 60


class Lifeline:
    """A port that programs connect to for as long as they use the workspace.

    The operating system ends the connection of a program that was killed, too.

    Args:
        ended: is called once, when the last program has gone, or none came within a minute.
    """

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def _watch(self) -> None:
        # One thread takes newcomers and counts, so that nobody can come between the count and the end.
        with self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            attached = 0
            while events := selector.select(None if attached else _FIRST_SECONDS):
                leaving: list[socket.socket] = []
                for key, _ in events:
                    if key.fileobj is self._listener:
                        attached += self._take(selector)
                    elif isinstance(key.fileobj, socket.socket) and _leaves(key.fileobj):
                        leaving.append(key.fileobj)
                attached -= len(leaving)
                for program in leaving:
                    selector.unregister(program)
                    _dismiss(program, OTHERS if attached else LAST)
                if leaving and not attached:
                    break
        self._ended()

    def _take(self, selector: selectors.BaseSelector) -> int:
        program, _ = self._listener.accept()
        try:
            program.sendall(ATTACHED)
        except OSError:  # it is gone already
            program.close()
            return 0
        selector.register(program, selectors.EVENT_READ)
        return 1


def _leaves(program: socket.socket) -> bool:
    try:
        return not program.recv(1)
    except OSError:
        return True


def _dismiss(program: socket.socket, word: bytes) -> None:
    with program, contextlib.suppress(OSError):  # one that was killed does not listen
        program.sendall(word)
