"""A directory in the shape of Open Referral UK 3.0 on the loopback, with the faults that a test asks of it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


class Directory(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.services: list[dict[str, Any]] = []
        self.per_page = 2
        self.asked: list[str] = []
        # page number, or the id of a service -> what goes wrong there
        self.faults: dict[int | str, str] = {}
        self.total: int | None = None
        self.etags = False
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"

    def listed(self) -> list[dict[str, Any]]:
        return [{k: v for k, v in s.items() if k != "contacts"} for s in self.services]

    def page(self, number: int) -> dict[str, Any]:
        start = (number - 1) * self.per_page
        pages = -(-len(self.services) // self.per_page)
        return {
            "total_items": len(self.services) if self.total is None else self.total,
            "total_pages": pages,
            "page_number": number,
            "size": self.per_page,
            "first_page": number == 1,
            "last_page": number == pages,
            "empty": not self.services,
            "contents": self.listed()[start : start + self.per_page],
        }


class Handler(BaseHTTPRequestHandler):
    server: Directory

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(self.path)
        if parts.path == "/api/services":
            number = int(parse_qs(parts.query)["page"][0])
            return self.give(number, self.server.page(number))
        external_id = unquote(parts.path.rpartition("/")[2])
        found = next((s for s in self.server.services if s.get("id") == external_id), None)
        return self.give(external_id, found, status=200 if found else 404)

    def give(self, what: int | str, data: Any, *, status: int = 200) -> None:
        fault = self.server.faults.get(what, "")
        body = json.dumps(data).encode()
        kind = "text/html" if fault == "html" else "application/json"
        if fault == "500":
            status = 500
        if fault == "malformed":
            body = b'{"contents": [{'
        if fault == "huge":
            body = b" " * (9 * 1024 * 1024)
        if fault == "silent":
            self.server.release.wait(5)
            return
        if fault.startswith("to "):
            self.send_response(302)
            self.send_header("Location", fault[3:])
            self.end_headers()
            return
        tag = f'"{hash(body)}"'
        if self.server.etags and self.headers.get("If-None-Match") == tag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if self.server.etags:
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault == "cut" else body)

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Directory]:
    server = Directory()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
