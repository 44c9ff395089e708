"""What two people agreed to dispose of is written outside the database too, beside the heads of the history.

A back-up that is brought back holds again what was disposed of since it was made, and knows no certificate of it. So a
disposal adds a signed line to `disposals.txt` before it removes anything, and `manage.py dispose_again` reads them. No
name stands there: keys, a reference, dates, and by their numbers who asked and who confirmed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signing import BadSignature, Signer
from django.db import connection, transaction
from django.utils.dateparse import parse_datetime

from cluster_ehs.core import audit
from clusters.models import User
from families.models import Family
from keeping.models import Disposal

OF_THE_ROW = ("reference", "rule", "ended_on", "due_on", "asked_by_id", "asked_at", "answered_by_id", "answered_at")


def place() -> Path:
    return Path(settings.AUDIT_HEADS).with_name("disposals.txt")


def _signer() -> Signer:
    before: list[bytes | str] = [*settings.SECRET_KEY_FALLBACKS, *settings.AUDIT_HEADS_KEYS_BEFORE]
    return Signer(salt="keeping.disposal", fallback_keys=before)


def note(disposal: Disposal) -> None:
    """Add a line for a confirmed disposal that is to be carried out. Raises OSError where nothing can be written.

    Run as the disposal. One that was killed and is taken up again adds another line.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_disposal_families(%s)", [disposal.pk])
        families = cursor.fetchone()[0]
    if families:
        said = {"disposal": disposal.pk, "families": families, **{name: getattr(disposal, name) for name in OF_THE_ROW}}
        line = _signer().sign(json.dumps(said, cls=DjangoJSONEncoder))
        place().parent.mkdir(parents=True, exist_ok=True)
        with place().open("a", encoding="ascii") as file:
            file.write(line + "\n")


def noted() -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(line, what it says), None for a line that this service has not signed."""
    if place().exists():
        for number, line in enumerate(place().read_text(encoding="ascii", errors="replace").splitlines(), start=1):
            try:
                yield number, json.loads(_signer().unsign(line))
            except BadSignature:
                yield number, None


def agree_again(said: dict[str, Any]) -> list[Disposal]:
    """Make each family of a line that is here again one that the same two people agreed to dispose of.

    Run as the owner of the tables: the program's own role may confirm nothing. Raises LookupError in words where one
    of the two is not known here.
    """
    again = []
    for family in Family.objects.filter(pk__in=said["families"]).order_by("pk"):
        asked, answered = (_who(said, which) for which in ("asked", "answered"))
        with transaction.atomic():
            waiting = Disposal.objects.filter(family_key=family.pk, status__in=["asked", "confirmed"]).first()
            disposal = waiting or Disposal(pk=uuid5(UUID(said["disposal"]), str(family.pk)), family_key=family.pk)
            for name in OF_THE_ROW:
                setattr(disposal, name, said[name])
            disposal.cluster_id, disposal.reference = family.cluster_id, family.reference
            disposal.status = Disposal.Status.CONFIRMED
            disposal.save()
            # The history vouches for what is removed from it only where two people said so.
            text = f"the disposal of {family.reference} of before a back-up was brought back"
            audit.event(by=asked, kind="disposal.asked", text=f"Asked for {text}", about=disposal)
            audit.event(by=answered, kind="disposal.confirmed", text=f"Confirmed {text}", about=disposal)
        again.append(disposal)
    return again


def _who(said: dict[str, Any], which: str) -> User:
    found = User.objects.filter(pk=said[f"{which}_by_id"], created_at__lte=parse_datetime(said[f"{which}_at"])).first()
    if found is None:
        raise LookupError(f"who {which} is not known in this database: ask and confirm it anew in the pages")
    return found
