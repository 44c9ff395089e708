"""Records collected in memory and written in a few statements, parents first."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Model
from django.utils import timezone

from cases.models import (
    Case,
    CaseReferral,
    CaseService,
    Contact,
    ContactChild,
    ContactNote,
    ContactPerson,
    Goal,
    GoalAction,
    GoalAgreement,
    GoalNotAsked,
    GoalScore,
    LeadWorker,
    Plan,
    Review,
    ReviewPerson,
)
from clusters.references import next_references
from demo.clock import moment
from families.index import index_people
from families.models import Agreement, Circumstances, Family, Flag, Person, Relationship, SendNeed
from formulation.models import Factor, Formulation, GoalFactor, Participant
from outcomes.models import Closure, ClosureGoal, ClosureOutcome, ExitPlan
from referrals.models import Referral, ReferralReason, Story
from triage.models import AgendaItem, Decision, Ending, EndingOutcome, Meeting, Offer, PassingOn

ORDER: tuple[type[Model], ...] = (
    *(Family, Person, Relationship, SendNeed, Flag, Agreement, Circumstances, Referral, Story, ReferralReason),
    *(Meeting, AgendaItem, Decision, Offer, PassingOn, Ending, EndingOutcome, Case, CaseReferral, LeadWorker),
    *(CaseService, Plan, Goal, GoalAction, GoalAgreement, Contact, ContactNote, ContactPerson, ContactChild),
    *(GoalScore, GoalNotAsked, Review, ReviewPerson),
    *(Formulation, Participant, Factor, GoalFactor, Closure, ClosureOutcome, ClosureGoal, ExitPlan),
)


class Rows:
    """Add records in any order, then write them all."""

    def __init__(self) -> None:
        self.made: dict[type[Model], list[Any]] = defaultdict(list)

    def add(self, record: Any) -> Any:
        self.made[type(record)].append(record)
        return record

    def write(self) -> None:
        """Numbers what has no number yet, in the order of time, and writes everything."""
        self._number(Family, "family", lambda family: family.seen_on)
        self._number(Referral, "referral", lambda referral: referral.received_on)
        self._number(Case, "case", lambda case: case.opened_on)
        for model in ORDER:
            with _own_created_at(model):
                for row in self.made[model]:
                    if hasattr(row, "created_at"):
                        row.created_at = _written_at(row)
                model._default_manager.bulk_create(self.made[model], batch_size=1000)
        index_people(self.made[Person], families=self.made[Family])
        self.made.clear()

    def _number(self, model: type[Model], kind: str, day: Callable[[Any], date]) -> None:
        rows = sorted(self.made[model], key=day)
        for year, same in groupby(rows, key=lambda row: day(row).year):
            records = list(same)
            numbers = next_references(records[0].cluster, year=year, kind=kind, count=len(records))
            for record, reference in zip(records, numbers, strict=True):
                record.reference = reference


MOMENTS = ("at", "decided_at", "starts_at")
DAYS = ("received_on", "waiting_since", "sent_on", "ended_on", "scored_on", "reviewed_on", "closed_on", "made_on")
MORE_DAYS = ("agreed_on", "starts_on", "given_on", "opened_on", "seen_on")
ABOVE = (
    "contact",
    "closure",
    "ending",
    "decision",
    "referral",
    "goal",
    "plan",
    "formulation",
    "case",
    "person",
    "family",
)


def _written_at(row: Any) -> datetime:
    """When somebody would have entered this row: an hour after what it tells of, or with the row above it."""
    for name in MOMENTS:
        if getattr(row, name, None):
            return getattr(row, name) + timedelta(hours=1)
    for name in (*DAYS, *MORE_DAYS):
        if getattr(row, name, None) and not (name == "closed_on" and isinstance(row, Case)):
            return moment(getattr(row, name), 16)
    return next((_written_at(getattr(row, name)) for name in ABOVE if getattr(row, name, None)), timezone.now())


@contextmanager
def _own_created_at(model: type[Model]) -> Iterator[None]:
    """Django stamps `created_at` itself; for rows of the past the stamp would be wrong."""
    stamped = [f for f in model._meta.fields if f.name == "created_at" and getattr(f, "auto_now_add", False)]
    for stamp in stamped:
        setattr(stamp, "auto_now_add", False)  # noqa: B010 - the type of fields does not tell of it
    try:
        yield
    finally:
        for stamp in stamped:
            setattr(stamp, "auto_now_add", True)  # noqa: B010
