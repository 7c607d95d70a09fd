"""What a server takes, and lets go of when it cannot start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from lakestead.core.errors import WorkspaceLocked
from lakestead.testing import serve


def test_a_taken_port_leaves_the_folder_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), serve(tmp_path, port=port):
            pass
    with serve(tmp_path) as workspace:
        assert workspace.host
        with pytest.raises(WorkspaceLocked, match="another process"), serve(tmp_path):
            pass
