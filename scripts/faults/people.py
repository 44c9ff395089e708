"""Those who write: they send, and when they are not told that it is saved they send the same again."""

import http.client
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

CSRF = "a" * 32
CLEAR = "Try again in a moment"
GIVE_UP_SECONDS = 150
ANSWER_SECONDS = 30


class Refused(Exception):
    """A write was refused for what it says: then the run proves nothing, and the seed is wrong."""


@dataclass
class Count:
    """What was sent and what came of it."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    tries: int = 0
    clear: int = 0
    cut: int = 0
    unclear: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def met(self) -> int:
        """How many tries were not answered with what was asked for."""
        return self.cut + self.clear + len(self.unclear)


class People:
    """Everybody of a run, at the address of its web."""

    def __init__(self, port: int, seeded: dict[str, Any]) -> None:
        self.port, self.seeded = port, seeded

    def deliver(self, write: dict[str, Any], count: Count) -> None:
        """Send until it is acknowledged. Raises Refused for an answer that no trying again changes."""
        end = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < end:
            with count.lock:
                count.tries += 1
            try:
                status, headers, text = self.send(write)
            except (OSError, http.client.HTTPException):
                with count.lock:
                    count.cut += 1
                time.sleep(0.2)
                continue
            if status in (200, 201, 302) and "/account/" not in headers.get("location", ""):
                with count.lock:
                    count.acknowledged[write["mark"]] = write
                return
            if status < 500:
                raise Refused(f"{write['kind']}: {status} {headers.get('location', '')} {_told(text)}")
            with count.lock:
                if status == 503 and headers.get("retry-after") and (CLEAR in text or '"detail"' in text):
                    count.clear += 1
                else:
                    count.unclear.append(f"{write['kind']}: {status}: {text[:80]}")
            time.sleep(0.2)
        with count.lock:
            count.given_up.append(f"{write['kind']} {write['mark']}")

    def send(self, write: dict[str, Any]) -> tuple[int, dict[str, str], str]:
        body, kind = self._body(write)
        headers = {"Content-Type": kind, "Connection": "close"}
        if write["who"] == "program":
            headers |= {"Authorization": f"Bearer {self.seeded['token']}", "Idempotency-Key": write["mark"]}
        else:
            session = self.seeded["sessions"][write["who"]]
            headers |= {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
        return self.ask("POST", write["path"], body, headers)

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, text
        finally:
            connection.close()

    def _body(self, write: dict[str, Any]) -> tuple[bytes, str]:
        if write["form"] == "json":
            return json.dumps(write["data"]).encode(), "application/json"
        if write["form"] == "file":
            return _with_file(write)
        return urlencode(write["data"], doseq=True).encode(), "application/x-www-form-urlencoded"


def _with_file(write: dict[str, Any]) -> tuple[bytes, str]:
    limit, content = uuid.uuid4().hex, write["mark"] * write.get("times", 4)
    lines = [f'--{limit}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}' for k, v in write["data"].items()]
    named = f'Content-Disposition: form-data; name="files"; filename="{write["mark"]}.txt"'
    lines += [f"--{limit}\r\n{named}\r\nContent-Type: text/plain\r\n\r\n{content}", f"--{limit}--\r\n"]
    return "\r\n".join(lines).encode(), f"multipart/form-data; boundary={limit}"


def _told(text: str) -> str:
    """What a page says is wrong, for the message of a run that stops."""
    start = text.find("error-summary")
    return text[start : start + 600] if start >= 0 else text[:300]
