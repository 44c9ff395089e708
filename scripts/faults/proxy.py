"""Stands between program and database and spoils the link: delay, resets, or nothing passes any more."""

import asyncio
import random
import socket
import struct
import threading
from contextlib import suppress

RESET = struct.pack("ii", 1, 0)
HALF_OPEN_SECONDS = 20


class Proxy:
    """mode: `well`, `delay` (up to 0.3 s each way), `reset` (each link ends somewhere), or `silent`: half-open, what a
    link has to carry is lost, and it stays open and carries nothing any more, in one direction or both (`deaf`).

    struck: how many packets were delayed, links reset, or packets lost. lost: of these, answers of the database.
    """

    def __init__(self, target: int, rng: random.Random) -> None:
        self.target, self.rng, self.mode = target, rng, "well"
        self.struck = self.lost = 0
        # Which way nothing passes while it is silent: to the database (up), from it (down).
        self.deaf = {"up", "down"}
        self.links: set[asyncio.StreamWriter] = set()
        self.loop = asyncio.new_event_loop()
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        started = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def cut(self) -> None:
        """Reset every link that is open now."""
        self.loop.call_soon_threadsafe(self._reset_all)

    def _reset_all(self) -> None:
        self.struck += len(self.links) // 2
        for link in list(self.links):
            _reset(link)

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._link, "127.0.0.1", 0))
        self.port = int(server.sockets[0].getsockname()[1])
        started.set()
        self.loop.run_forever()
        server.close()
        self._reset_all()
        for task in list(self.tasks):
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*self.tasks, return_exceptions=True))
        self.loop.close()

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            _reset(writer)
            return
        both = {writer, far_writer}
        self.links |= both
        dead: set[str] = set()
        ways = (
            self._pass("up", reader, far_writer, writer, dead),
            self._pass("down", far_reader, writer, far_writer, dead),
        )
        for way in ways:
            task = self.loop.create_task(way)
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def _pass(
        self,
        way: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        back: asyncio.StreamWriter,
        dead: set[str],
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.mode == "silent" and way in self.deaf:
                    dead.add(way)
                if way in dead:
                    self.struck += 1
                    self.lost += way == "down"
                    continue
                if self.mode == "delay":
                    self.struck += 1
                    await asyncio.sleep(self.rng.uniform(0, 0.3))
                elif self.mode == "reset" and self.rng.random() < 0.02:
                    self.struck += 1
                    _reset(writer)
                    _reset(back)
                writer.write(data)
                await writer.drain()
        if dead and not writer.is_closing():
            # Nobody is told that this end has gone: the other finds it out by itself.
            await asyncio.sleep(HALF_OPEN_SECONDS)
        for each in (writer, back):
            self.links.discard(each)
            with suppress(OSError):
                each.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side is told of a reset, not of an orderly end."""
    own = writer.get_extra_info("socket")
    if own is not None:
        with suppress(OSError):
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    with suppress(OSError):
        writer.transport.abort()
