"""What somebody of a family is asked on its page, and answers there with nobody of the service beside them.

As with the page itself, the family sees no table: what waits is read, and what is answered is written, by functions of
the database (outcomes migration 0018).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from cases.models import Case
from cases.services.common import tell
from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.duty import on_duty
from clusters.models import User
from families.alerts import people_to_tell
from outcomes.family_page.services import Visitor, ask_as_family, holders
from outcomes.measures.models import Instrument, Occasion
from outcomes.measures.scoring import next_due, score
from outcomes.measures.services import result_of_answers
from referrals import harm

# Before the day on which it is due: what is asked at the start can be answered from the first day on.
AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class OwnMeasure:
    """A measure that waits for the visitor. private: agreed with a counsellor or therapist, who alone reads it."""

    instrument_id: int
    code: str
    name: str
    agreed_id: UUID | None
    private: bool
    occasion: str


@dataclass(frozen=True)
class OwnSurvey:
    invitation_id: UUID
    survey_id: int


@dataclass(frozen=True)
class Tasks:
    measures: list[OwnMeasure]
    surveys: list[OwnSurvey]


def tasks_of(visitor: Visitor) -> Tasks:
    """What waits for the visitor today; nothing when the visit is over."""
    with acting_as(NamedActor.FAMILY):
        found = ask_as_family("ehs_family_tasks", visitor.token, visitor.key)[0]
    rows = json.loads(found) if isinstance(found, str) else found
    if rows is None:
        return Tasks([], [])
    measures: dict[str, OwnMeasure] = {}
    for row in rows["measures"]:
        if _due(row, timezone.localdate()):
            # One of each: what is agreed with this person comes before what is asked of the family together.
            measures.setdefault(row["code"], _own_measure(row))
    surveys = [OwnSurvey(UUID(row["invitation"]), row["survey"]) for row in rows["surveys"]]
    return Tasks(list(measures.values()), surveys)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _due(row: Mapping[str, Any], today: date) -> bool:
    due = next_due(
        begins=date.fromisoformat(row["begins"]),
        last=_day(row["last"]),
        at_start=row["start"],
        every_weeks=row["weeks"],
        ending=_day(row["ending"]),
        had_end=row["had_end"],
    )
    return due is not None and due <= today + AHEAD


def _own_measure(row: Mapping[str, Any]) -> OwnMeasure:
    occasion = Occasion.END if row["ending"] else Occasion.REVIEW if row["last"] else Occasion.START
    agreed = UUID(row["agreed"]) if row["agreed"] else None
    return OwnMeasure(row["instrument"], row["code"], row["name"], agreed, row["private"], occasion)


@dataclass(frozen=True)
class Kept:
    """risk: an answer was about somebody's safety, and who is on duty has been told."""

    risk: bool


def answer_measure(
    *, visitor: Visitor, own: OwnMeasure, instrument: Instrument, answers: Mapping[str, Decimal | None]
) -> Kept | None:
    """Keep what the visitor answered; of an answer about safety those on duty and the leaders are told at once.

    None when it was answered meanwhile, or is asked no more. Raises WrongAnswer.
    """
    result = score(instrument.sheet(), answers)
    risk = bool(result.risks)
    told = _on_duty(visitor.cluster_id) if risk else ""
    said = {**result_of_answers(instrument, answers, result), "occasion": own.occasion, "risk": risk, "told": told}
    with acting_as(NamedActor.FAMILY):
        kept = ask_as_family(
            "ehs_family_measure", visitor.token, visitor.key, own.instrument_id, own.agreed_id, json.dumps(said)
        )[0]
        if kept is None:
            return None
        kept = json.loads(kept) if isinstance(kept, str) else kept
        text = f"Answered {instrument.name} alone" + (
            ": an answer about safety. Those on duty are told" if risk else ""
        )
        about = Case(pk=visitor.case_id, family_id=visitor.family_id, cluster_id=visitor.cluster_id)
        audit.event(by=visitor, kind="family_page.measure", text=text, about=about)
    _tell(visitor, about, kept, risk=risk)
    return Kept(risk)


def _on_duty(cluster_id: int) -> str:
    rungs = on_duty(cluster_id, timezone.now())
    return "; ".join(f"{told.name} ({told.duty}) {told.telephone}".strip() for rung in rungs[:2] for told in rung)[:200]


def _tell(visitor: Visitor, about: Case, kept: Mapping[str, Any], *, risk: bool) -> None:
    """Who holds the case, or who agreed it in therapy; of a risk the leaders too, and who is on duty as of any harm."""
    with acting_as(NamedActor.PLANNER, clusters=[visitor.cluster_id]):
        people = {user.pk: user for user in holders(visitor.case_id, visitor.cluster_id)}
        if kept["author"]:
            author = User.objects.get(pk=kept["author"])
            people = {author.pk: author} | (people if risk else {})
        if risk:
            leaders = people_to_tell(cluster_id=visitor.cluster_id, restricted=kept["restricted"], named=kept["named"])
            people |= {user.pk: user for user in leaders}
        for user in people.values():
            tell(
                user,
                key=f"own-measure:{kept['measure']}:{user.pk}",
                subject="An answer about safety needs you now" if risk else "A family has answered questions",
                text=RISK if risk else "Somebody of a family answered questions on the family’s page.",
                url_name="measure",
                pk=UUID(kept["measure"]),
                about=about,
                urgent=risk,
            )
        if risk and kept["referral"]:
            now = timezone.now()
            harm.tell(
                referral_id=UUID(kept["referral"]),
                cluster_id=visitor.cluster_id,
                restricted=kept["restricted"],
                named=kept["named"],
                at=now,
                flag=now if kept["again"] else None,
            )


RISK = (
    "Somebody answered a question about their safety so that it must be seen to now. They answered it alone, on the "
    "family’s page, and were shown whom to ring. Read the answer, ring them, and say what was done:"
)


def answer_survey(*, visitor: Visitor, own: OwnSurvey, answers: Mapping[str, Any], share: bool) -> bool:
    """Keep the answers apart from the family. False when it was answered meanwhile, or is over."""
    with acting_as(NamedActor.FAMILY):
        kept = ask_as_family(
            "ehs_family_survey", visitor.token, visitor.key, own.invitation_id, json.dumps(dict(answers)), share
        )
    return bool(kept[0])
