"""A mail server of our own, as a process: told on its command line to turn every message away, or to take them.

python -m tests.core.smtp_server PORT refuse|accept FILE
Taken messages are written to FILE, one JSON line each. Prints "ready" when it listens.
"""

import json
import socketserver
import sys
from email import message_from_bytes
from pathlib import Path


class Session(socketserver.StreamRequestHandler):
    """As much of SMTP as a sender needs. A server that refuses answers 451 to each recipient, as a full one does."""

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        refuses, into = self.server.refuses, self.server.into  # type: ignore[attr-defined]
        to: list[str] = []
        self.say("220 mail.example ready")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            if verb == "RCPT" and "<refused@" in line:
                self.say("550 5.1.1 no such person")
            elif verb == "RCPT" and refuses:
                self.say("451 4.3.0 try again later")
            elif verb == "RCPT":
                to.append(line.partition("<")[2].partition(">")[0])
                self.say("250 ok")
            elif verb == "DATA":
                self.say("354 go on")
                self.take(to, into)
                to = []
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def take(self, to: list[str], into: Path) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        mail = message_from_bytes(b"".join(lines))
        text = mail.get_payload(decode=True)
        with into.open("a") as file:
            file.write(json.dumps({"to": to, "subject": mail["Subject"], "body": text.decode()}) + "\n")
        self.say("250 taken")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    port, what, file = sys.argv[1:4]
    with Server(("127.0.0.1", int(port)), Session) as server:
        server.refuses, server.into = what == "refuse", Path(file)  # type: ignore[attr-defined]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()
