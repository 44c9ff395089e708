"""What a file of the register of schools would change here, and changing it.

A school goes on when its URN changes: memberships, children and history stay where they are, the earlier URN is kept
with its dates. Schools that became one are closed and point to it. Memberships are a manager's own act and untouched.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from cluster_ehs.core.audit import Actor
from clusters.changes import apply, record, said
from clusters.directory.following import Merged, merge
from clusters.directory.models import FormerUrn
from clusters.directory.register_file import CLOSED, CLOSING, Line
from clusters.models import School

# Colleges, universities, "other types" and online providers are in the register and are no schools [gias_codes].
NO_SCHOOLS = frozenset({"1", "2", "9", "13"})
SPECIAL = "5"
PHASES = {
    "2": School.Phase.PRIMARY,
    "3": School.Phase.PRIMARY,
    "4": School.Phase.SECONDARY,
    "5": School.Phase.SECONDARY,
    "7": School.Phase.ALL_THROUGH,
}
SUCCEEDS_WITHIN = timedelta(days=62)
LABELS = {"name": "name", "phase": "phase", "opened_on": "open from", "closed_on": "closed from"}


@dataclass
class Change:
    """One line of the preview. kind: new, urn, joined (several became one), closed, changed, kept."""

    kind: str
    urn: str
    name: str
    text: str
    school_id: int | None = None
    former: str = ""
    # Not said by the register's links but concluded; a person may say no.
    concluded: bool = False
    # The URN that is succeeded, for saying no to it.
    succeeded: str = ""
    updates: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)


@dataclass
class Plan:
    changes: list[Change]
    unchanged: int

    @property
    def counts(self) -> dict[str, int]:
        found = {"unchanged": self.unchanged}
        for change in self.changes:
            found[change.kind] = found.get(change.kind, 0) + 1
        return found

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(change) for change in self.changes]


def offered(line: Line, school: School | None) -> dict[str, str]:
    """What the register says of a school, as texts."""
    phase = School.Phase.SPECIAL if line.group == SPECIAL else PHASES.get(line.phase, School.Phase.OTHER)
    closed = line.closed_on
    if line.status == CLOSED and closed is None:
        closed = (school.closed_on if school else None) or timezone.localdate()
    if line.status not in {CLOSED, CLOSING}:
        closed = None
    return {"name": line.name, "phase": str(phase), "opened_on": text_of(line.opened_on), "closed_on": text_of(closed)}


def text_of(day: date | None) -> str:
    return day.isoformat() if day else ""


def local(school: School) -> dict[str, str]:
    return {
        "name": school.name,
        "phase": school.phase,
        "opened_on": text_of(school.opened_on),
        "closed_on": text_of(school.closed_on),
    }


def make_plan(
    lines: Mapping[str, Line],
    links: Mapping[str, Collection[str]],
    *,
    authority: str,
    refused: Collection[str] = (),
) -> Plan:
    """What the file would change. `refused`: URNs whose concluded successor somebody said no to."""
    schools = {school.urn: school for school in School.objects.exclude(urn=None).order_by("name", "pk") if school.urn}
    former = set(FormerUrn.objects.values_list("urn", flat=True))
    successors = _successors(lines, links, known=schools, refused=refused)
    heirs: dict[str, list[str]] = {}
    for old, (new, _) in successors.items():
        heirs.setdefault(new, []).append(old)
    changes: list[Change] = []
    unchanged = 0
    taken: set[str] = set()
    for urn, school in schools.items():
        line = lines.get(urn)
        if line is None:
            continue
        new, concluded = successors.get(urn, ("", False))
        if new and new not in schools and len(heirs[new]) == 1:
            taken.add(new)
            changes.append(_goes_on(school, line, lines[new], concluded=concluded))
            continue
        change = _follows(school, line)
        if new and (school.successor is None or school.successor.urn != new):
            text = f"closed from {said(line.closed_on)}, now part of {lines[new].name} ({new})"
            change = change or Change("joined", urn, school.name, text, school.pk)
            change.kind, change.text, change.former = "joined", text, new
            change.concluded, change.succeeded = concluded, urn
        if change is None:
            unchanged += 1
        else:
            changes.append(change)
    changes += _without_urn(lines, schools, taken)
    taken |= {change.urn for change in changes}
    for urn, line in lines.items():
        wanted = line.authority == authority and line.is_open and line.group not in NO_SCHOOLS
        if (wanted or urn in heirs) and urn not in schools and urn not in former and urn not in taken:
            changes.append(_new(line))
    order = ("urn", "joined", "closed", "new", "changed", "kept")
    return Plan(sorted(changes, key=lambda c: (order.index(c.kind), c.name, c.urn)), unchanged)


def _successors(
    lines: Mapping[str, Line],
    links: Mapping[str, Collection[str]],
    *,
    known: Collection[str],
    refused: Collection[str],
) -> dict[str, tuple[str, bool]]:
    """The open establishment that a closed one of ours went over into, and whether that is only concluded."""
    places: dict[tuple[str, ...], list[Line]] = {}
    for line in lines.values():
        if line.is_open:
            for key in _places(line):
                places.setdefault(key, []).append(line)
    found: dict[str, tuple[str, bool]] = {}
    for urn in known:
        if urn not in lines or lines[urn].status != CLOSED:
            continue
        line = lines[urn]
        linked = _last(urn, lines, links)
        if linked:
            found[urn] = (linked, False)
        elif urn not in refused and urn not in links:
            near = {other.urn for key in _places(line) for other in places.get(key, []) if _follows_on(line, other)}
            if len(near) == 1:
                found[urn] = (near.pop(), True)
    return found


def _places(line: Line) -> list[tuple[str, ...]]:
    """By what a successor is known where no link says it: the same number in the authority, the same name and place."""
    keys: list[tuple[str, ...]] = []
    if line.number:
        keys.append(("number", line.authority, line.number))
    if line.postcode:
        keys.append(("name", line.name.casefold(), line.postcode))
    return keys


def _follows_on(old: Line, new: Line) -> bool:
    if old.urn == new.urn or old.closed_on is None or new.opened_on is None:
        return False
    return abs(new.opened_on - old.closed_on) <= SUCCEEDS_WITHIN


def _last(urn: str, lines: Mapping[str, Line], links: Mapping[str, Collection[str]]) -> str:
    """The end of the chain of successors, when it is one open establishment of the file."""
    seen = {urn}
    while True:
        following = [other for other in links.get(urn, ()) if other in lines and other not in seen]
        if len(following) != 1:
            return urn if lines[urn].is_open else ""
        urn = following[0]
        seen.add(urn)


def _new(line: Line) -> Change:
    values = offered(line, None)
    return Change("new", line.urn, line.name, f"{School.Phase(values['phase']).label}", updates=values, given=values)


def _merged(school: School, line: Line) -> Merged:
    return merge(local(school), school.register, offered(line, school))


def _goes_on(school: School, old: Line, new: Line, *, concluded: bool) -> Change:
    merged = _merged(school, new)
    closed = f", closed on {said(old.closed_on)}" if old.closed_on else ""
    text = f"URN {old.urn}{closed}, goes on as {new.name} with URN {new.urn}"
    return Change(
        "urn", new.urn, school.name, text, school.pk, old.urn, concluded, old.urn, merged.updates, merged.given
    )


def _follows(school: School, line: Line) -> Change | None:
    merged = _merged(school, line)
    theirs = offered(line, school)
    words = [f"{LABELS[name]}: {shown(name, value)}" for name, value in merged.updates.items()]
    kept = [
        f"{LABELS[name]}: ours is {shown(name, local(school)[name])}, the register has {shown(name, theirs[name])}"
        for name in merged.conflicts
    ]
    if merged.updates:
        kind = "closed" if merged.updates.get("closed_on") else "changed"
        text = "; ".join([*words, *kept])
        return Change(kind, line.urn, school.name, text, school.pk, updates=merged.updates, given=merged.given)
    if kept:
        return Change("kept", line.urn, school.name, "; ".join(kept), school.pk, given=merged.given)
    return None


def shown(name: str, value: str) -> str:
    if name == "phase":
        return School.Phase(value).label
    return said(date.fromisoformat(value) if value and name.endswith("_on") else value)


def _without_urn(lines: Mapping[str, Line], schools: Collection[str], taken: set[str]) -> list[Change]:
    """Schools that were kept by hand without a URN, known by a name that one open establishment has."""
    by_name: dict[str, list[Line]] = {}
    for line in lines.values():
        if line.is_open and line.group not in NO_SCHOOLS:
            by_name.setdefault(line.name.casefold(), []).append(line)
    changes = []
    ours: dict[str, list[School]] = {}
    for school in School.objects.filter(urn=None):
        ours.setdefault(school.name.casefold(), []).append(school)
    for name, alike in ours.items():
        found = by_name.get(name, [])
        if len(found) == len(alike) == 1 and found[0].urn not in schools and found[0].urn not in taken:
            merged = _merged(alike[0], found[0])
            text = f"gets its URN, {found[0].urn}, by its name"
            changes.append(
                Change(
                    "urn",
                    found[0].urn,
                    alike[0].name,
                    text,
                    alike[0].pk,
                    updates=merged.updates,
                    given=merged.given,
                )
            )
    return changes


def carry_out(plan: Plan, *, by: Actor, lines: Mapping[str, Line], source: str) -> None:
    """Apply a plan in the caller's transaction. New schools first: others may have become part of them."""
    for change in sorted(plan.changes, key=lambda c: c.kind != "new"):
        if change.school_id is None:
            school = School(urn=change.urn, register=change.given)
        else:
            school = School.objects.select_for_update().get(pk=change.school_id)
            school.register = {**school.register, **change.given}
        values: dict[str, Any] = {
            name: date.fromisoformat(value) if value and name.endswith("_on") else value or None
            for name, value in change.updates.items()
        }
        if change.kind == "urn":
            _keep_urn(school, change, lines, source)
            values["urn"] = change.urn
        if change.kind == "joined":
            values["successor"] = School.objects.get(urn=change.former)
        texts = apply(school, values)
        school.save()
        if change.kind == "new":
            record(by=by, kind="school", text=f"Added the school {school} from {source}.", about=school)
        elif texts:
            record(by=by, kind="school", text=f"{change.name}, from {source}: {' '.join(texts)}", about=school)


def _keep_urn(school: School, change: Change, lines: Mapping[str, Line], source: str) -> None:
    if not change.former:
        return
    old = lines[change.former]
    FormerUrn.objects.create(
        school=school,
        urn=old.urn,
        name=school.name,
        starts_on=old.opened_on or school.opened_on,
        ends_on=old.closed_on,
        successor_urn=change.urn,
        source=source[:200],
    )
