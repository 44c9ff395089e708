"""The history cannot be changed unseen: each entry's salted digest is linked into a chain of seals.

Each minute the sweep seals what was added (`ehs_seal()`, a seal over the one before). Each hour the newest seal is
written, signed, to another place (`AUDIT_HEADS`, and the log): who owns the database could make the chain anew, but not
what has left it. `manage.py verify_history` finds an entry changed, removed or put in later, a broken chain and a cut
tail. A transaction lasts at most fifteen minutes (the tasks' limit), so an entry that is twenty minutes older than the
seal before its own was not written when it says.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

log = logging.getLogger("ehs.history")
HEAD_EVERY = timedelta(hours=1)


# The tables of the trace by their number in a link; what a digest covers stands in migration 0008.
SOURCES = {1: "core_change", 2: "core_event", 3: "core_look"}


@dataclass(frozen=True)
class Finding:
    """What is wrong: `changed`, `removed`, `inserted`, `back`, `chain` or `head`, where, and in words."""

    kind: str
    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.place}: {self.words}"


def seal() -> int | None:
    """Seal what was added since. The new seal's number, or None when there was nothing or another process is at it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_seal()")
        return cursor.fetchone()[0]


def carry_on() -> None:
    """For the sweep: seal, and once an hour write the head."""
    seal()
    last = _last_head()
    if last is None or timezone.now() - datetime.fromisoformat(last["written"]) >= HEAD_EVERY:
        write_head()


def write_head() -> dict[str, Any] | None:
    """Append the newest seal to the file of heads, signed, and say it in the log. None when nothing is sealed yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, encode(digest, 'hex') FROM core_seal ORDER BY seq DESC LIMIT 1")
        row = cursor.fetchone()
    if row is None:
        return None
    head = {"seal": row[0], "digest": row[1], "written": timezone.now().astimezone(UTC).isoformat()}
    head["signature"] = _signature(head)
    path = Path(settings.AUDIT_HEADS)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
    log.info("history sealed up to %s: %s", head["seal"], head["digest"])
    return head


def _signature(head: dict[str, Any], key: str = "") -> str:
    said = f"{head['seal']} {head['digest']} {head['written']}"
    return hmac.new(b"history head" + (key or settings.SECRET_KEY).encode(), said.encode(), sha256).hexdigest()


def _is_signed(head: dict[str, Any]) -> bool:
    """By the key of today, or by one that signed before it was changed."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, *settings.AUDIT_HEADS_KEYS_BEFORE)
    return any(hmac.compare_digest(_signature(head, key), str(head["signature"])) for key in keys)


def _heads() -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line, head) of the file; None for a line that cannot be read."""
    path = Path(settings.AUDIT_HEADS)
    if path.exists():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                head = json.loads(line)
                yield number, head if {"seal", "digest", "written", "signature"} <= head.keys() else None
            except (ValueError, AttributeError):
                yield number, None


def _last_head() -> dict[str, Any] | None:
    last = None
    for _, head in _heads():
        last = head or last
    return last


_ENTRIES = """
SELECT 'removed', l.entry, l.seal FROM core_link l
WHERE l.source = {number} AND NOT EXISTS (SELECT FROM {table} e WHERE e.id = l.entry)
  AND NOT EXISTS (SELECT FROM core_disposed d WHERE d.source = l.source AND d.entry = l.entry)
UNION ALL
SELECT 'back', e.id, NULL FROM core_disposed d JOIN {table} e ON e.id = d.entry WHERE d.source = {number}
UNION ALL
SELECT 'changed', l.entry, l.seal FROM core_link l JOIN {table} e ON e.id = l.entry
WHERE l.source = {number} AND l.digest <> ehs_digest(e)
UNION ALL
SELECT 'inserted', e.id, NULL FROM {table} e
WHERE e.id <= (SELECT s.upto[{number}] FROM core_seal s WHERE s.at <
               (SELECT max(at) FROM core_seal) - interval '20 minutes' ORDER BY s.seq DESC LIMIT 1)
  AND NOT EXISTS (SELECT FROM core_link l WHERE l.source = {number} AND l.entry = e.id)
UNION ALL
SELECT 'inserted', l.entry, l.seal FROM core_link l JOIN {table} e ON e.id = l.entry
JOIN core_seal s ON s.seq = l.seal - 1
WHERE l.source = {number} AND e.at < s.at - interval '20 minutes'
"""
# What was disposed of together: the entry that vouches for it must say this digest, and two people must have agreed.
_DISPOSED = """
SELECT d.proof FROM (SELECT DISTINCT proof FROM core_disposed) d
LEFT JOIN core_event e ON e.id = d.proof AND e.kind = 'disposal.history'
WHERE e.id IS NULL OR e.text NOT LIKE '%digest ' || ehs_disposed_digest(d.proof)
   OR NOT EXISTS (SELECT FROM core_event a JOIN core_event c ON c.about = a.about AND c.user_id <> a.user_id
                  WHERE a.about = e.about AND a.kind = 'disposal.asked' AND c.kind = 'disposal.confirmed')
ORDER BY 1
"""
_SEALS = """
SELECT s.seq, s.at,
    s.previous = coalesce(b.digest, ''::bytea) AND (b.seq IS NOT NULL OR s.seq = 1),
    s.entries = (SELECT count(*) FROM core_link l WHERE l.seal = s.seq)
        AND s.digest = ehs_seal_digest(s.previous, s.seq, s.at, s.upto)
FROM core_seal s LEFT JOIN core_seal b ON b.seq = s.seq - 1
WHERE %(day)s::date IS NULL OR (s.at AT TIME ZONE 'Europe/London')::date = %(day)s::date ORDER BY s.seq
"""
WORDS = {
    "removed": "was sealed and is gone",
    "changed": "is not what was sealed",
    "inserted": "was put in later than it says",
    "back": "was disposed of and is there again",
}


def verify(*, day: date | None = None, heads_upto: int | None = None) -> list[Finding]:
    """Everything that is wrong with the history; an empty list when it is whole. Run it as the tables' owner.

    day: look only at the chain of one day's seals (and at every entry); default: all of it. heads_upto: in a database
    that was restored, heads of later seals were written after the back-up and are not looked for.
    """
    found = []
    with connection.cursor() as cursor:
        for number, table in SOURCES.items():
            # Names and numbers of our own; nothing comes from elsewhere.
            cursor.execute(_ENTRIES.format(number=number, table=table))
            found += [
                Finding(kind, f"{table} {entry}", WORDS[kind] + (f" (seal {seq})" if seq else ""))
                for kind, entry, seq in cursor.fetchall()
            ]
        cursor.execute(_DISPOSED)
        found += [
            Finding("removed", f"core_event {proof}", "does not vouch for what is marked as disposed of by it")
            for (proof,) in cursor.fetchall()
        ]
        cursor.execute(_SEALS, {"day": day})
        for seq, at, follows, holds in cursor.fetchall():
            place = f"seal {seq} of {timezone.localtime(at):%d/%m/%Y %H:%M}"
            if not follows:
                found.append(Finding("chain", place, "does not follow the one before it"))
            if not holds:
                found.append(Finding("chain", place, "does not say what its entries say"))
        cursor.execute(
            "SELECT count(*) FROM core_link l WHERE NOT EXISTS (SELECT FROM core_seal s WHERE s.seq = l.seal)"
        )
        if loose := cursor.fetchone()[0]:
            found.append(Finding("chain", "the end", f"{loose} links have no seal"))
        cursor.execute("SELECT seq, encode(digest, 'hex') FROM core_seal")
        digests = dict(cursor.fetchall())
        cursor.execute("SELECT min(at) FROM core_seal")
        first = cursor.fetchone()[0]
        if first and first < timezone.now() - 2 * HEAD_EVERY and heads_upto is None and _last_head() is None:
            found.append(Finding("head", str(settings.AUDIT_HEADS), "has no head: an end that was cut off is not seen"))
    return found + list(_verify_heads(digests, heads_upto))


def _verify_heads(digests: dict[int, str], upto: int | None) -> Iterator[Finding]:
    for line, head in _heads():
        place = f"line {line} of the file of heads"
        if head is None or not _is_signed(head):
            yield Finding("head", place, "is not signed by this service")
        elif upto is not None and head["seal"] > upto:
            continue
        elif head["seal"] not in digests:
            yield Finding("head", place, f"seal {head['seal']} is gone: the end of the history was cut off")
        elif digests[head["seal"]] != head["digest"]:
            yield Finding("head", place, f"seal {head['seal']} is another one than was written here")
