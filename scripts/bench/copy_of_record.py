"""How long the files of a copy take: `python -m scripts.bench.copy_of_record [entries]`, 1,034 unless said.

That many invented entries with four marks each, no database: redaction, PDF, JSON and zip, as the worker makes them.
Prints the processor's seconds (what a quiet machine takes) and the clock's.
"""

import os
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cluster_ehs.settings")

import django

django.setup()

from clusters.models import Cluster  # noqa: E402
from families.models import Person  # noqa: E402
from keeping.models import HeldCopy, HeldEntry, Mark, RightsRequest  # noqa: E402
from keeping.subject_access import files  # noqa: E402
from keeping.subject_access.sections import SECTIONS  # noqa: E402

MANY = 1034
_SAID = """the child was seen at school with her mother and we talked about mornings which are hard because of sleep
she said that it is better than before and the teacher agrees that attendance went up since the plan was made"""
WORDS = tuple(_SAID.split())
LINES = (("Kind", 2), ("Held at", 5), ("Who wrote it", 2), ("Note", 90), ("What the child said", 14), ("Next", 20))


def a_copy(number: int) -> tuple[RightsRequest, HeldCopy, list[HeldEntry], list[Mark]]:
    """So many entries over all chapters, some words of each withheld. Nothing is saved."""
    dice = random.Random(1034)  # noqa: S311 - invented words, the same each time
    person = Person(first_name="Ema", last_name="Invented")
    asked = RightsRequest(
        person=person, cluster=Cluster(name="Riverside"), reference="RI26-R1", received_on=date(2026, 1, 12)
    )
    entries, marks = [], []
    for count in range(1, number + 1):
        texts = [(label, " ".join(dice.choices(WORDS, k=length))) for label, length in LINES]
        lines = [{"label": label, "name": label, "value": text, "text": text, "other": False} for label, text in texts]
        section = list(SECTIONS)[count * len(SECTIONS) // (number + 1)]
        at = datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=3 * count)
        entry = HeldEntry(number=count, section=section, title="Contact", at=at, source="cases.contact", lines=lines)
        entries.append(entry)
        for line in (3, 3, 4, 5):
            start = dice.randrange(0, len(texts[line][1]) - 8)
            marks.append(Mark(entry=entry, line=line, start=start, end=start + 8, reason="others"))
    return asked, HeldCopy(request=asked, entries=number), entries, marks


def seconds(number: int) -> tuple[float, float, int]:
    """Of the processor, by the clock, and bytes of the PDF."""
    made = a_copy(number)
    spent, began = time.process_time(), time.monotonic()
    size = len(files.make(*made)["pdf"])
    return time.process_time() - spent, time.monotonic() - began, size


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    processor, clock, size = seconds(many)
    print(f"{many} entries: {processor:.1f} s of a processor, {clock:.1f} s by the clock, {size} bytes of PDF")
