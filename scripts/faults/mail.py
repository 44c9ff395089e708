"""A mail server of the run's own: takes mails and keeps their ids, or says nothing, as one that hangs."""

import re
import socketserver
import threading
from collections import Counter
from contextlib import suppress
from typing import Any

_ID = re.compile(rb"^Message-ID: *(\S+)", re.IGNORECASE | re.MULTILINE)


class Mail:
    """ids: how often each mail was taken. hangs: while it is set nobody is answered. hung: how many were not."""

    def __init__(self) -> None:
        self.ids: Counter[str] = Counter()
        self.hangs = threading.Event()
        self.hung = 0
        self.ended = threading.Event()
        mail = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                # Whoever was sending may have been killed.
                with suppress(ConnectionError):
                    mail.talk(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", 0), Session)
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self.ended.set()
        self.server.shutdown()
        self.server.server_close()

    def talk(self, session: Any) -> None:
        """Enough of SMTP (RFC 5321) for one client."""
        if self._hang():
            return
        session.wfile.write(b"220 ready\r\n")
        while line := session.rfile.readline():
            if self._hang():
                return
            word = line[:4].upper()
            if word == b"DATA":
                session.wfile.write(b"354 go on\r\n")
                text = b""
                while (line := session.rfile.readline()) not in (b".\r\n", b""):
                    text += line
                if not line:
                    return
                found = _ID.search(text)
                self.ids[found[1].decode() if found else "none"] += 1
            session.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return

    def _hang(self) -> bool:
        if self.hangs.is_set():
            self.hung += 1
            self.ended.wait(30)
            return True
        return False
