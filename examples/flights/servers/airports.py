"""The aviation authority's API: the airports, a page at a time, for as long as the run goes on.

GET /v1/airports?page_size=500&after=JFK, with a bearer token, answers
{"airports": […], "next": "LGA"}; `next` is null on the last page.
"""

from __future__ import annotations

import csv
import json
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

AIRPORTS = Path(__file__).parents[1] / "build/airports.csv"
NUMBERS = {"lat": float, "lon": float, "alt": int, "tz": int}


def main() -> None:
    """Serve the airports, and say where, until standard input ends."""
    token = secrets.token_urlsafe()
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(read_airports(), token)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"DLT_FAA_BASE_URL=http://127.0.0.1:{server.server_port}")
        print(f"DLT_FAA_TOKEN={token}", "ready", sep="\n", flush=True)
        sys.stdin.read()
        server.shutdown()


def read_airports() -> list[dict[str, Any]]:
    """Return the airports by their codes, with numbers as numbers."""
    with AIRPORTS.open(encoding="utf-8", newline="") as file:
        rows = [{name: typed(name, text) for name, text in row.items()} for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: row["faa"])


def typed(name: str, text: str) -> Any:
    """Return what a field means; NA is nothing."""
    return None if text == "NA" else NUMBERS.get(name, str)(text)


def handler(airports: list[dict[str, Any]], token: str) -> type[BaseHTTPRequestHandler]:
    """Return what answers requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(url.query).items()}
            if self.headers["Authorization"] != f"Bearer {token}":
                self.answer(401, {"error": "a bearer token is needed"})
            elif url.path != "/v1/airports":
                self.answer(404, {"error": "there is only /v1/airports"})
            else:
                self.answer(200, page(airports, query.get("after", ""), int(query.get("page_size", "100"))))

        def answer(self, status: int, body: dict[str, Any]) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


def page(airports: list[dict[str, Any]], after: str, size: int) -> dict[str, Any]:
    """Return the airports that come after a code, as many as fit."""
    rest = [airport for airport in airports if airport["faa"] > after]
    rows = rest[:size]
    return {"airports": rows, "next": rows[-1]["faa"] if len(rest) > size else None}


if __name__ == "__main__":
    main()
