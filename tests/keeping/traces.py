"""Where words are found after they should be gone: the database, files, Redis; packed and encoded ones too."""

import base64
import binascii
import io
import re
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

from cluster_ehs.core.backups.programs import environment, program

_HEX = re.compile(r"\\\\x([0-9a-f]{16,})")
_CODED = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def readings(raw: bytes, depth: int = 3) -> Iterator[str]:
    """The text of these bytes and of all that is packed or encoded in them: zip, PDF streams, zlib, base64."""
    yield raw.decode("utf-8", "replace")
    if not depth:
        return
    if raw.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in archive.namelist():
                yield name
                yield from readings(archive.read(name), depth - 1)
    packed = [raw] if raw[:1] == b"\x78" else _STREAM.findall(raw)
    for one in packed:
        try:
            yield from readings(zlib.decompress(one), depth - 1)
        except zlib.error:
            continue
    if len(raw) < 1_000_000:
        for coded in _CODED.findall(raw):
            try:
                plain = base64.urlsafe_b64decode(coded.replace(b"+", b"-").replace(b"/", b"_") + b"==")
            except binascii.Error:
                continue
            yield from readings(plain, depth - 1)


def dump_of(database: str) -> str:
    """All rows of a database beside the test's own, as its owner reads them."""
    command = [program("pg_dump", connection.pg_version // 10000), "--data-only"]
    env = environment(settings.DATABASE_OWNER_URL, database)
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


def _dump() -> Iterator[tuple[str, str]]:
    """(table, row) of the whole database, read by its owner."""
    table = ""
    for line in dump_of(connection.settings_dict["NAME"]).splitlines():
        if line.startswith("COPY "):
            table = line.split()[1]
        elif table:
            yield table, line


def left_of(words: str, *folders: Path) -> list[str]:
    """Every place that says something of this expression: row of the database, file, key of Redis."""
    known = re.compile(words, re.IGNORECASE)
    found = []
    for table, line in _dump():
        packed = [bytes.fromhex(digits) for digits in _HEX.findall(line)]
        texts = [line, *(text for one in packed for text in readings(one))]
        if table == "public.django_session":
            texts += readings(line.encode())
        if any(known.search(text) for text in texts):
            found.append(f"{table}: {line[:200]}")
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and any(known.search(text) for text in [str(path), *readings(path.read_bytes())]):
                found.append(f"file: {path}")
    server = redis.Redis.from_url(settings.REDIS_URL)
    for key in server.scan_iter():
        if any(known.search(text) for text in readings(key + b" " + _value(server, key))):
            found.append(f"redis: {key!r}")
    return found


def _value(server: redis.Redis, key: bytes) -> bytes:
    kind = server.type(key)
    if kind == b"list":
        return b" ".join(server.lrange(key, 0, -1))
    if kind == b"hash":
        return b" ".join(part for pair in server.hgetall(key).items() for part in pair)
    if kind == b"set":
        return b" ".join(server.smembers(key))
    if kind == b"zset":
        return b" ".join(server.zrange(key, 0, -1))
    return server.get(key) or b""
