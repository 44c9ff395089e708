"""One of each record in three kinds, for the walk over every address: own (Cluster A), other (B), restricted (A).

`about(name, arguments, kind)` says which record a URL is asked about. A URL that nobody placed here fails the test.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cases.models import Case
from cluster_ehs.core.models import Draft
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import PartnerService
from monitoring.models import ReportRun, Schedule
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_contact, a_person, a_referral, as_, decided
from triage.models import Meeting, PassingOn

KINDS = ("own", "other", "restricted")


@dataclass
class World:
    cast: Cast
    records: dict[str, dict[str, Any]] = field(default_factory=lambda: {kind: {} for kind in KINDS})


def make_world(cast: Cast) -> World:
    world = World(cast)
    cluster_of = {"own": cast.cluster, "other": cast.other_cluster, "restricted": cast.cluster}
    leads = {"own": cast.practitioner, "other": cast.other_practitioner, "restricted": cast.colleague}
    leaders = {"own": cast.leader, "other": cast.other_leader, "restricted": cast.leader}
    referrals: dict[str, Referral] = {
        "own": cast.referral,
        "other": cast.other_referral,
        "restricted": cast.restricted_referral,
    }
    cases: dict[str, Case] = {"own": cast.case, "other": cast.other_case, "restricted": cast.restricted_case}
    partner, _ = PartnerService.objects.get_or_create(name="Invented partner")
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        other_meeting = Meeting.objects.create(cluster=cast.other_cluster, starts_at=timezone.now())
        other_meeting.items.create(
            cluster=cast.other_cluster, family=cast.other_referral.family, referral=cast.other_referral, position=1
        )
        cast.meeting.items.create(
            cluster=cast.cluster, family=cast.restricted_family, referral=cast.restricted_referral, position=2
        )
        for number, kind in enumerate(KINDS):
            case = cases[kind]
            family = case.family
            keys = {"cluster_id": family.cluster_id, "family_id": family.pk}
            child = a_person(family, f"Waiting{number}", born=timezone.localdate() - timedelta(days=3000))
            waiting = a_referral(child, number=50 + number, days_ago=40)
            decision = decided(waiting, by=leaders[kind], days_ago=30)
            contact = a_contact(case, author=leads[kind], text="A visit.")
            world.records[kind] |= {
                "cluster": cluster_of[kind].pk,
                "family": family.pk,
                "person": child.pk,
                "referral": referrals[kind].pk,
                "case": case.pk,
                "contact": contact.pk,
                "case_service": case.services.first().pk,
                "meeting": {"own": cast.meeting, "other": other_meeting, "restricted": cast.meeting}[kind].pk,
                "offer": decision.offers.get().pk,
                "passing_on": PassingOn.objects.create(
                    **keys, decision=decision, partner=partner, sent_on=timezone.localdate()
                ).pk,
            }
    for kind in ("own", "other"):
        world.records[kind] |= _outside_families(cast, kind, cluster_of[kind].pk, leads[kind])
    return world


def _outside_families(cast: Cast, kind: str, cluster_id: int, worker: Any) -> dict[str, Any]:
    """Records of no family: drafts, reports."""
    day = timezone.localdate()
    with as_(worker):
        draft = Draft.objects.create(user_id=worker.pk, key=f"referral:{uuid4()}", title="A referral", data={})
    schedule = Schedule.objects.create(name=f"Monthly {kind}")
    run = ReportRun.objects.create(
        title=f"Report {kind}",
        schedule=schedule,
        cluster_ids=[cluster_id],
        cluster_names=[kind],
        period_from=day,
        period_to=day,
        as_at=timezone.now(),
    )
    return {"draft": draft.pk, "referral_draft": draft.key.partition(":")[2], "run": run.pk, "schedule": schedule.pk}


def record_of(name: str, argument: str) -> str:
    """The record that an argument of a URL names."""
    if argument in {"pk", "case_pk"}:
        return PK_OF.get(name) or PK_OF.get(name.split("-")[0], name)
    return ARGUMENTS[argument]


# The record behind `pk`, by the URL's name or its first word.
PK_OF = {
    "case": "case",
    "contact": "contact",
    "family": "family",
    "meeting": "meeting",
    "board": "meeting",
    "defer": "meeting",
    "offer": "offer",
    "allocate": "offer",
    "passing": "passing_on",
    "person": "person",
    "referral": "referral",
    "report": "run",
    "report-schedule-edit": "schedule",
    "kept-draft": "draft",
    "draft": "draft",
}
ARGUMENTS = {"referral_pk": "referral", "draft": "referral_draft", "cluster": "cluster"}
# Arguments that name no record.
WORDS: dict[tuple[str, str], Any] = {
    ("referral-section", "section"): "child",
    ("report-file", "kind"): "pdf",
    ("figure-list", "figure"): "received",
    ("account_confirm_email", "key"): "nothing",
    ("account_reset_password_from_key", "uidb36"): "1",
    ("account_reset_password_from_key", "key"): "nothing",
    ("referral-file-remove", "file"): "00000000-0000-4000-8000-000000000000",
}


def arguments_for(world: World, name: str, arguments: tuple[str, ...], kind: str) -> dict[str, Any] | None:
    """The URL's arguments for a kind of record; None where there is no such record."""
    chosen = {}
    for argument in arguments:
        if (name, argument) in WORDS:
            chosen[argument] = WORDS[name, argument]
            continue
        record = record_of(name, argument)
        if record not in world.records["own"]:
            raise LookupError(f"tests/world.py does not say what `{argument}` of the URL `{name}` is about")
        if record not in world.records[kind]:
            return None
        chosen[argument] = world.records[kind][record]
    return chosen
