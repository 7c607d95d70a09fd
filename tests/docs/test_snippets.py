"""What README and docs/ show runs: every Python snippet, and the whole of the tutorial."""

from __future__ import annotations

import io
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from unittest.mock import patch

import pytest

from lakestead.testing import Workspace

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TUTORIAL = ROOT / "docs/tutorial/first-lakehouse.md"
GOVERNED = ROOT / "docs/tutorial/governed-programs.md"
LIMIT = 300  # seconds; only a hang takes as long

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"`(shop/[\w/.-]+)`")


@dataclass(frozen=True)
class Snippet:
    """A fenced block: its language, its text, and the paragraph before it."""

    page: Path
    line: int
    language: str
    text: str
    before: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets(page: Path) -> Iterator[Snippet]:
    text = page.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n\n")[2]
        yield Snippet(page, text.count("\n", 0, match.start()) + 1, match[2], match[3], before)


PYTHON = [
    s for page in PAGES if page not in (TUTORIAL, GOVERNED) for s in snippets(page) if s.language == "python"
]
# What instruments its process for good, or is a process that others talk to.
OF_ITS_OWN = re.compile(r"telemetry|governance|stdin")


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # Programs keep their own things in the home folder; dlt sends word of each run unless told not to.
    own = {"PATH": path, "HOME": str(folder), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment, **own},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.filterwarnings("default")  # as in a program of one's own
@pytest.mark.parametrize("snippet", PYTHON, ids=str)
def test_python_runs(
    snippet: Snippet, request: pytest.FixtureRequest, workspace_session: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "snippet.py"
    file.write_text(snippet.text, encoding="utf-8")
    if OF_ITS_OWN.search(snippet.text):
        run([sys.executable, str(file)], tmp_path, workspace_session.env())
        return
    own = {**workspace_session.env(), "HOME": str(tmp_path), "RUNTIME__DLTHUB_TELEMETRY": "false"}
    with patch.dict(os.environ, own), chdir(tmp_path), redirect_stdout(io.StringIO()):
        defined = runpy.run_path(str(file), run_name="__main__")
        for name, test in defined.items():
            if name.startswith("test_"):
                test(**{wanted: request.getfixturevalue(wanted) for wanted in signature(test).parameters})


def test_the_tutorial(tmp_path: Path) -> None:
    outputs: dict[str, str] = {}
    for snippet in snippets(TUTORIAL):
        if snippet.language == "console":
            for command, shown in commands(snippet.text):
                if not command.startswith("pip install"):
                    outputs[command] = run(["bash", "-c", command], tmp_path, {})
                    assert shown in ("", outputs[command])
        else:
            path = tmp_path / _FILE.findall(snippet.before)[-1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(snippet.text, encoding="utf-8")
            if path.name == "orders-2.csv":
                project = tmp_path / "shop/lakestead.yaml"
                text = project.read_text(encoding="utf-8")
                project.write_text(text.replace("files: orders.csv", "files: orders*.csv"), encoding="utf-8")
    run(["lakestead", "run", "shop"], tmp_path, {})
    look = next(command for command in outputs if "look.py" in command)
    assert run(["bash", "-c", look], tmp_path, {}) == outputs[look].replace("Linus 0 None", "Linus 1 7.25")


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command after `$ ` with the output that is shown for it."""
    for part in ("\n" + text).split("\n$ ")[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown
