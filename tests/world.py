"""One of each record in three kinds, for the walk over every address: own (Cluster A), other (B), restricted (A).

`arguments_for` says which record a URL is asked about. A URL that nobody placed here fails the test.
"""

from dataclasses import dataclass, field
from datetime import time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.utils import timezone

from cases.models import (
    AuditQuestion,
    AuditSample,
    Case,
    CaseAudit,
    CaseMeeting,
    Contact,
    Cover,
    Event,
    EventSession,
    Extension,
    FamilyLink,
    Forum,
    Goal,
    GoalAction,
    Handover,
    InterpreterBooking,
    LegalStep,
    Pin,
    Plan,
    PlannedSession,
    SchoolAttendance,
    SocialCareStep,
    Supervisee,
    Supervision,
    Task,
)
from cluster_ehs.core.audit import Named
from cluster_ehs.core.models import Draft, Message
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.directory.models import DirectoryEntry, Feed, RegisterFile
from clusters.models import (
    AccessLine,
    AccessReview,
    AccountRequest,
    ApiToken,
    ClinicalSupervision,
    Cluster,
    DutyContact,
    GroupRole,
    ManagerRequest,
    PartnerService,
    SchoolMembership,
    Service,
    Term,
    ThresholdDocument,
    User,
)
from families.merged import merged_rows
from families.models import (
    Agreement,
    DuplicatePair,
    EmergencyAccess,
    Flag,
    Merge,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
    StoredFile,
)
from formulation.models import AssessedChild, Assessment, Factor, Formulation
from imports.models import ImportRun
from keeping.models import (
    Disposal,
    HeldEntry,
    PrivateReading,
    RedactedDocument,
    RequestLetter,
    RequestWords,
    RightsRequest,
)
from monitoring.models import CuriosityFinding, Extract, Finding, NeedSegments, ReportRun, ReturnRun, Rule, Schedule
from outcomes.models import (
    AgreedMeasure,
    Closure,
    ExitPlan,
    FollowUp,
    Instrument,
    Measure,
    MeasureResult,
    MeasureRisk,
    ReceivedRecord,
    Survey,
    SurveyInvitation,
    SurveyStratum,
    Transfer,
)
from referrals.intake import receive_intake
from referrals.intake_csv import keep_reject
from referrals.models import IntakeReject, Referral
from tests.access import Address
from tests.fixtures_cast import Cast, a_contact, a_person, a_referral, a_term, as_, decided
from tests.world_outcomes import read_and_needed
from triage.models import Letter, Meeting, MeetingPattern, MessageTemplate, PassingOn, Question, SchoolHoliday, StepUp

KINDS = ("own", "other", "restricted")
NOBODY = UUID(int=0)
FILE = "families/letter.pdf"


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
            world.records[kind] |= _casework(case, contact, child, leads[kind], leaders[kind])
            world.records[kind] |= _duplicates(child, leaders[kind])
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
                "letter": Letter.objects.create(
                    cluster_id=referrals[kind].cluster_id,
                    family_id=referrals[kind].family_id,
                    referral=referrals[kind],
                    template=MessageTemplate.objects.get(audience="referrer", about="service"),
                    audience="referrer",
                    language="en",
                    to_name="Rae Invented",
                    subject="Your referral",
                    body="Thank you.",
                    made_by=leaders[kind],
                    made_at=timezone.now(),
                ).pk,
                "question": Question.objects.create(
                    cluster_id=referrals[kind].cluster_id,
                    family_id=referrals[kind].family_id,
                    referral=referrals[kind],
                    text="Who lives at home?",
                    asked_by=leaders[kind],
                    asked_at=timezone.now(),
                    due_on=timezone.localdate() + timedelta(days=9),
                ).pk,
                "passing_on": PassingOn.objects.create(
                    **keys, decision=decision, partner=partner, sent_on=timezone.localdate()
                ).pk,
            }
            world.records[kind] |= _moving(cast, waiting, world.records[kind]["agreement"], leaders[kind])
    _arrive(world, leaders)
    for kind in KINDS:
        case = cases[kind]
        with acting_as(NamedActor.CURIOSITY, clusters=[case.cluster_id]):
            world.records[kind]["curiosity_finding"] = CuriosityFinding.objects.create(
                cluster_id=case.cluster_id,
                rule_id="no_relationship",
                reader=leads[kind],
                family_key=case.family_id,
                week_starts_on=timezone.localdate(),
                number=3,
                first_at=timezone.now(),
                last_at=timezone.now(),
            ).pk
    world.records["own"]["session"] = cast.session.pk
    keep_reject("police", "monday.csv", 4, ["it names no child"], {"Concern": "Nobody is named"})
    with as_(cast.leader):
        world.records["own"]["intake_reject"] = IntakeReject.objects.get().pk
    for kind in ("own", "other"):
        world.records[kind] |= _outside_families(cast, kind, cluster_of[kind].pk, leads[kind], leaders[kind])
    return world


def _duplicates(child: Person, leader: User) -> dict[str, Any]:
    """A pair to look at, and a merge."""
    twice, gone = (a_person(child.family, f"{child.first_name}{n}", born=child.birth_date) for n in (2, 3))
    one, two = sorted((child.pk, twice.pk))
    with merged_rows():
        Person.objects.filter(pk=gone.pk).update(merged_into=child)
    moved = {"people": [[str(gone.pk), str(child.pk)]], "links": [], "aside": [], "rows": {}, "filled": {}}
    return {
        "pair": DuplicatePair.objects.create(cluster_id=child.cluster_id, one_id=one, two_id=two, score=150).pk,
        "merge": Merge.objects.create(
            cluster_id=child.cluster_id, family_id=child.family_id, moved=moved, merged_by=leader
        ).pk,
    }


def _moving(cast: Cast, referral: Referral, agreement: UUID, leader: User) -> dict[str, Any]:
    """A family offered to another Cluster, and what came with one."""
    keys = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    there = cast.other_cluster if referral.cluster_id == cast.cluster.pk else cast.cluster
    agreed = {"by": "Ada", "on": str(timezone.localdate())}
    letter = {"why": "They move", "family": "Invented", "agreed": agreed, "address": {}, "people": [], "parts": []}
    transfer = Transfer.objects.create(
        **keys,
        referral=referral,
        to_cluster=there,
        agreement_id=agreement,
        why="They move",
        letter=letter,
        offered_by=leader,
        offered_at=timezone.now(),
    )
    received = ReceivedRecord.objects.create(
        **keys, referral=referral, from_cluster=there, letter=letter, received_by=leader
    )
    return {"transfer": transfer.pk, "received": received.pk}


def _arrive(world: World, leaders: dict[str, User]) -> None:
    """What one Cluster offers arrives at the other; only the database carries it over."""
    for sent, there in (("own", "other"), ("other", "own")):
        with as_(leaders[sent]), connection.cursor() as cursor:
            cursor.execute("SELECT ehs_send_transfer(%s)", [world.records[sent]["transfer"]])
        world.records[there]["incoming"] = world.records[sent]["transfer"]


def _casework(case: Case, contact: Contact, child: Person, worker: User, leader: User) -> dict[str, Any]:
    """One of everything that hangs under a case."""
    keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
    day = timezone.localdate()
    service = case.services.first()
    plan = Plan.objects.create(**keys, case=case, agreed_on=day)
    goal = Goal.objects.create(**keys, plan=plan, position=1, words="Mornings without shouting")
    meeting = CaseMeeting.objects.create(
        **keys, case=case, held_at=timezone.now(), author=worker, recorded_at=timezone.now(), recorded_by=worker
    )
    formulation = Formulation.objects.create(**keys, case=case, made_on=day, author=worker)
    assessment = Assessment.objects.create(**keys, case=case, starts_on=day, organisation="Invented", author=worker)
    AssessedChild.objects.create(**keys, assessment=assessment, person=child)
    token = f"link-{case.pk}"
    link = FamilyLink.objects.create(
        **keys,
        case=case,
        token_digest=sha256(token.encode()).hexdigest(),
        code_digest="x",
        person=child,
        while_restricted=case.family.restricted,
        created_by=worker,
        expires_on=day + timedelta(days=30),
    )
    file = StoredFile.objects.create(
        **keys, name="Letter.pdf", content_type="application/pdf", size=1, sha256="x", path=FILE, author=worker
    )
    closure = Closure.objects.create(**keys, case=case, closed_on=day, asked_by=worker)
    ExitPlan.objects.create(**keys, closure=closure, in_place="The breakfast club")
    moved = Handover.objects.create(
        **keys,
        case=case,
        part="lead",
        from_worker=worker,
        to_worker=leader,
        starts_on=day + timedelta(days=9),
        must_know="x",
        planned_by=leader,
    )
    covered = Cover.objects.create(
        **keys,
        case=case,
        worker=worker,
        covering=leader,
        starts_on=day + timedelta(days=9),
        ends_on=day + timedelta(days=12),
        must_know="x",
        made_by=leader,
    )
    task = Task.objects.create(**keys, case=case, what="Ring the school", owner=worker, due_on=day)
    pin = Pin.objects.create(
        **keys,
        case=case,
        kind="reviews",
        ref=uuid4(),
        at=timezone.now(),
        title="Review",
        reason="A turn",
        author=worker,
    )
    sample = AuditSample.objects.create(
        cluster_id=case.cluster_id,
        which="open",
        stratum="worker",
        starts_on=day,
        ends_on=day,
        wanted=1,
        frame=1,
        seed=1,
        questions=[],
        drawn_by=leader,
    )
    audit = CaseAudit.objects.create(
        **keys, sample=sample, case=case, author=leader, judgement="good", finished_at=timezone.now()
    )
    return read_and_needed(case, child, worker, leader) | {
        **_asked_for(child, worker, leader, case),
        "case_audit": audit.pk,
        **({"audit_sample": sample.pk} if not case.family.restricted else {}),
        "pin": pin.pk,
        "assessment": assessment.pk,
        "goal": goal.pk,
        "cover": covered.pk,
        "handover": moved.pk,
        "step": SocialCareStep.objects.create(
            **keys,
            case=case,
            direction="up",
            stepped_on=day,
            step_up=StepUp.objects.create(
                **keys,
                referral=case.case_referrals.first().referral,
                stepped_up_at=timezone.now(),
                stepped_up_by=worker,
                taken_by="Sam",
            ),
            decided_by="Dee",
            why="x",
            meanwhile="stays",
            recorded_by=worker,
        ).pk,
        "period": SchoolAttendance.objects.create(
            **keys, case=case, person=child, starts_on=day, ends_on=day, percentage=90, recorded_by=worker
        ).pk,
        "legal": LegalStep.objects.create(
            **keys,
            case=case,
            person=child,
            stage=Term.objects.filter(vocabulary="attendance_legal")[0],
            taken_on=day,
            recorded_by=worker,
        ).pk,
        "goal_action": GoalAction.objects.create(**keys, goal=goal, what="Alarm at seven", who="Jana").pk,
        "case_meeting": meeting.pk,
        "task": task.pk,
        "note": contact.notes.first().pk,
        "extension": Extension.objects.create(
            **keys, case_service=service, weeks=4, reason="Not yet", asked_by=worker
        ).pk,
        "session": contact.pk,
        "planned_session": PlannedSession.objects.create(
            **keys, case=case, worker=worker, planned_by=worker, at=timezone.now() + timedelta(days=3)
        ).pk,
        "interpreter": InterpreterBooking.objects.create(
            **keys,
            case=case,
            language=a_term("language"),
            at=timezone.now() + timedelta(days=3),
            minutes_booked=60,
            made_by=worker,
        ).pk,
        "factor": Factor.objects.create(**keys, formulation=formulation, p="presenting", text="Late mornings").pk,
        "closure": closure.pk,
        "finding": Finding.objects.create(
            **keys,
            rule=Rule.objects.get(code="no_review"),
            reference=case.reference,
            record_id=str(case.pk),
            page_id=str(case.pk),
            fix_id=str(case.pk),
            day=day,
            ask=worker,
        ).pk,
        **_answered(case, worker),
        "family_link": link.pk,
        "follow_up": FollowUp.objects.create(
            **keys, case=case, closure=closure, months=3, due_on=day, holder=worker
        ).pk,
        "family_token": token,
        "file": file.pk,
        "relationship": Relationship.objects.create(**keys, person=child, other=_other(child), kind="relative").pk,
        "social_care": SocialCareInvolvement.objects.create(
            **keys, person=child, kind="child_in_need", starts_on=day - timedelta(days=90), source="school"
        ).pk,
        "sharing": SharingDecision.objects.create(
            **keys,
            decision="not_shared",
            with_whom="A neighbour",
            what="Where they live",
            reason="There is no ground for it",
            basis="no_basis",
            told="before",
            decided_on=day,
            decided_by=worker,
        ).pk,
        "flag": Flag.objects.create(**keys, kind=Flag.Kind.VISITING_RISK, text="A dog").pk,
        # By somebody who asks for nothing here: one may end what one opened oneself.
        "opening": EmergencyAccess.objects.create(
            **keys,
            user=User.objects.create(name="Not Asked"),
            reason="Invented",
            starts_at=timezone.now() - timedelta(hours=1),
            ends_at=timezone.now() + timedelta(hours=3),
        ).pk,
        "agreement": Agreement.objects.create(**keys, given_by="Jana", given_on=day).pk,
    }


def _asked_for(child: Person, worker: User, leader: User, case: Case) -> dict[str, Any]:
    """Somebody asks for a copy of their record, in which there are private notes."""
    keys = {"cluster_id": child.cluster_id, "family_id": child.family_id}
    asked = RightsRequest.objects.create(
        **keys,
        reference=f"X-R{case.reference}"[:24],
        kind="access",
        person=child,
        asker="parent",
        channel="phone",
        received_on=timezone.localdate(),
        handler=leader,
        logged_by=worker,
    )
    RequestWords.objects.create(**keys, request=asked, asker_name="Jana", wanted="All of it")
    letter = RequestLetter.objects.create(**keys, request=asked, about="received", body="Dear Jana", made_by=worker)
    private = case.contacts.filter(private=True).first()
    reading = PrivateReading.objects.create(
        **keys, request=asked, author=private.author if private else worker, entries=1
    )
    entry = HeldEntry.objects.create(
        **keys,
        request=asked,
        number=1,
        section="documents",
        title="Document: report",
        source="families.storedfile",
        source_id=str(asked.pk),
        lines=[{"label": "The document itself", "name": "the_file", "value": "r.pdf", "text": "There", "other": False}],
    )
    instead = RedactedDocument.objects.create(
        **keys,
        request=asked,
        entry=entry,
        name="r.pdf",
        content_type="application/pdf",
        content=b"%PDF-",
        size=5,
        reason="others",
        made_by=leader,
    )
    return {
        "redacted_document": instead.pk,
        "rights_request": asked.pk,
        "rights_letter": letter.pk,
        "private_reading": reading.pk,
    }


def _answered(case: Case, worker: User) -> dict[str, Any]:
    """A measure, one that is asked regularly, and a survey."""
    keys = {"cluster_id": case.cluster_id, "family_id": case.family_id, "case": case}
    ons4, day = Instrument.objects.get(code="ons4"), timezone.localdate()
    measure = Measure.objects.create(**keys, instrument=ons4, occasion="start", taken_on=day, author=worker)
    answers = {"life_satisfaction": 5, "worthwhile": 6, "happiness": None, "anxiety": 3}
    del keys["case"]
    MeasureResult.objects.create(**keys, measure=measure, answers=answers)
    MeasureRisk.objects.create(**keys, measure=measure)
    agreed = AgreedMeasure.objects.create(**keys, case=case, instrument=ons4, starts_on=day, agreed_by=worker)
    survey = Survey.objects.create(
        title="How was the help?",
        starts_on=day,
        ends_on=day,
        cluster_ids=[case.cluster_id],
        seed=1,
        wanted=5,
        answer_until=day + timedelta(days=30),
        drawn_by=worker,
        drawn_at=timezone.now(),
    )
    stratum = SurveyStratum.objects.create(
        survey=survey, service=Service.objects.filter(cluster=None)[0], population=1, drawn=1
    )
    invitation = SurveyInvitation.objects.create(**keys, survey=survey, stratum=stratum)
    return {
        "measure": measure.pk,
        "agreed_measure": agreed.pk,
        "survey": survey.pk,
        "invitation": invitation.pk,
    }


def _other(child: Person) -> Person:
    """Somebody else of the family."""
    return Person.objects.filter(family_id=child.family_id).exclude(pk=child.pk).order_by("created_at")[0]


def _outside_families(cast: Cast, kind: str, cluster_id: int, worker: Any, leader: User) -> dict[str, Any]:
    """Records of no family: drafts, reports."""
    day = timezone.localdate()
    about = {"cluster": cluster_id, "person": None, "person_version": None, "family": None}
    added = [{"key": NOBODY.hex, "person": None}]
    with as_(worker):
        draft = Draft.objects.create(
            user_id=worker.pk, key=f"referral:{uuid4()}", title="A referral", data={"about": about, "added": added}
        )
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
    asked = {"asked_by": cast.manager, "cluster_ids": [cluster_id], "period_from": day, "period_to": day}
    extract = Extract.objects.create(**asked, purpose="To know", recipient=kind, basis="task", expires_on=day)
    segments = NeedSegments.objects.create(**asked)
    with as_(leader):
        disposal = Disposal.objects.create(
            cluster_id=cluster_id,
            reference=f"XX-F{kind}",
            rule="Six years",
            due_on=day,
            asked_by=leader,
            asked_at=timezone.now(),
        )
    message = Message.objects.create(
        key=f"notice {kind}", to=worker.email, subject="A task", body="A task", user_id=worker.pk, url="/"
    )
    role = worker.roles.first()
    token, _ = ApiToken.objects.get_or_create(digest=f"of {worker.pk}", defaults={"user": worker, "name": "A program"})
    supervision = ClinicalSupervision.objects.create(
        supervisor=cast.supervisor, worker=worker, starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=1)
    )
    with acting_as(NamedActor.IMPORTER, clusters=[cluster_id]):
        import_run = ImportRun.objects.create(
            cluster_id=cluster_id, file_name="sheet.csv", path="absent", sha256="x", status="done"
        )
        supervised = Supervision.objects.create(
            cluster_id=cluster_id, held_at=timezone.now(), supervisor=leader, author=leader
        )
        Supervisee.objects.create(cluster_id=cluster_id, supervision=supervised, worker=worker)
        forum = Forum.objects.create(cluster_id=cluster_id, held_at=timezone.now(), author=worker)
        event = Event.objects.create(
            cluster_id=cluster_id,
            kind="group",
            title="Calm mornings",
            starts_at=timezone.now(),
            ends_at=timezone.now(),
            author=worker,
        )
        session = EventSession.objects.create(cluster_id=cluster_id, event=event, held_at=timezone.now())
        pattern = MeetingPattern.objects.create(
            cluster_id=cluster_id, weekday=0, time=time(9, 30), starts_on=day, made_at=timezone.now()
        )
    with acting_as(NamedActor.FEED):
        intake = receive_intake(
            by=Named("feed"), source="police", external_id=kind, payload={}, cluster=Cluster.objects.get(pk=cluster_id)
        )
    holiday = SchoolHoliday.objects.create(cluster_id=cluster_id, name="Half-term", starts_on=day, ends_on=day)
    membership = SchoolMembership.objects.filter(cluster_id=cluster_id).first()
    feed = Feed.objects.create(name=f"Directory {kind}", url="https://directory.example/api")
    entry = DirectoryEntry.objects.create(
        feed=feed,
        external_id="s1",
        partner=PartnerService.objects.create(name=f"Gone {kind}"),
        conflicts=["telephone"],
        offered={"telephone": "0113 496 0001"},
    )
    reference_data = {
        "audit_question": AuditQuestion.objects.all()[0].pk,
        "template": MessageTemplate.objects.first().pk,
        "quality_rule": Rule.objects.all()[0].pk,
        "return_run": ReturnRun.objects.create(kind="ssd", as_at=day, reason="A trial", asked_by=cast.manager).pk,
        "forum": forum.pk,
        "event": event.pk,
        "event_session": session.pk,
        "supervision_record": supervised.pk,
        "pattern": pattern.pk,
        "holiday": holiday.pk,
        "feed": feed.pk,
        "register_file": RegisterFile.objects.create(file_name="edubase.csv", path="absent", authority="383").pk,
        "directory_entry": entry.pk,
        "threshold": ThresholdDocument.objects.create(
            authority=f"Invented {kind}", name="Levels to come", starts_on=timezone.localdate() + timedelta(days=900)
        ).pk,
        "term": Term.objects.filter(vocabulary="route").first().pk,
        "service": Service.objects.first().pk,
        "partner": PartnerService.objects.first().pk,
    }
    review = AccessReview.objects.create(cluster_id=cluster_id, quarter_starts_on=day, due_on=day + timedelta(days=28))
    to_be = User.objects.create(name="To Be Invented", email=f"to.be.{kind}@example.org")
    with acting_as_user(leader.pk):
        account_request = AccountRequest.objects.create(
            user=to_be, what="address", email=f"{kind}.new@example.org", reason="Invented", asked_by=leader
        )
    return reference_data | {
        "user": worker.pk,
        "manager_request": ManagerRequest.objects.create(user=to_be, reason="Invented", starts_on=day).pk,
        "manager_to_be": to_be.pk,
        "account_request": account_request.pk,
        "access_review": review.pk,
        "access_line": AccessLine.objects.create(review=review, role=role).pk,
        "role": role.pk,
        "token": token.pk,
        # As the passkey: of somebody who asks for nothing here.
        "sign_in": UserSession.objects.create(user=cast.colleague, ip="192.0.2.1", session_key=f"of {kind}").pk,
        # Of somebody who asks for nothing here: it is its owner's alone to remove.
        "passkey": Authenticator.objects.create(
            user=cast.colleague, type="webauthn", data={"name": "Chrome on Android", "credential": {}}
        ).pk,
        "supervision": supervision.pk,
        "group_role": GroupRole.objects.create(
            group=f"eh-{kind}", role="leader", cluster_id=cluster_id, starts_on=day, added_by=cast.manager
        ).pk,
        "duty": DutyContact.objects.create(
            cluster_id=cluster_id, kind="deputy", email="duty@example.org", starts_on=day - timedelta(days=9)
        ).pk,
        "import_run": import_run.pk,
        "intake": intake.id,
        "membership": membership.pk,
        "school": membership.school_id,
        "draft": draft.pk,
        "notice": message.pk,
        "referral_draft": draft.key.partition(":")[2],
        "disposal": disposal.pk,
        "extract": extract.pk,
        "run": run.pk,
        "segments": segments.pk,
        "schedule": schedule.pk,
    }


# The record behind an address's `pk`, by the longest beginning of its path.
PK_OF = {
    "account/2fa/passkeys/": "passkey",
    "account/tokens/": "token",
    "account/sessions/": "sign_in",
    "agreements/": "agreement",
    "families/emergency/": "opening",
    "assessments/": "assessment",
    "audits/": "audit_sample",
    "audits/files/": "case_audit",
    "cases/": "case",
    "closures/": "closure",
    "contacts/": "contact",
    "drafts/": "draft",
    "events/": "event",
    "events/sessions/": "event_session",
    "extensions/": "extension",
    "families/": "family",
    "files/": "file",
    "follow-ups/": "follow_up",
    "forums/": "forum",
    "flags/": "flag",
    "keeping/disposals/": "disposal",
    "keeping/families/": "family",
    "measures/": "measure",
    "notices/": "notice",
    "imports/": "import_run",
    "interpreters/": "interpreter",
    "passed-on/": "passing_on",
    "people/": "person",
    "quality/": "finding",
    "referrals/": "referral",
    "referrals/to-match/": "intake",
    "referrals/to-match/not-taken/": "intake_reject",
    "relationships/": "relationship",
    "reports/returns/": "return_run",
    "reports/extracts/": "extract",
    "reports/runs/": "run",
    "reports/schedules/": "schedule",
    "reports/segments/": "segments",
    "screening/": "meeting",
    "second-readings/": "second_reading",
    "second-readings/samples/": "reading_sample",
    "screening/patterns/": "pattern",
    "screening/letters/": "letter",
    "my-school/questions/": "question",
    "screening/questions/": "question",
    "sessions/": "planned_session",
    "settings/audit/": "audit_question",
    "settings/clusters/": "cluster",
    "settings/duty/": "duty",
    "settings/staff/groups/": "group_role",
    "settings/holidays/": "holiday",
    "settings/lists/entries/": "term",
    "settings/lists/thresholds/": "threshold",
    "rights/": "rights_request",
    "rights/documents/": "redacted_document",
    "rights/private/": "private_reading",
    "settings/messages/": "template",
    "settings/memberships/": "membership",
    "settings/partners/": "partner",
    "settings/partners/directory/": "feed",
    "settings/partners/directory/entries/": "directory_entry",
    "settings/quality/": "quality_rule",
    "settings/roles/": "role",
    "settings/schools/": "school",
    "settings/schools/register/": "register_file",
    "settings/services/": "service",
    "settings/staff/": "user",
    "settings/staff/managers/": "manager_request",
    "settings/staff/accounts/": "account_request",
    "settings/staff/accounts/of/": "manager_to_be",
    "settings/access/": "access_review",
    "reports/looks/": "curiosity_finding",
    "settings/access/lines/": "access_line",
    "settings/supervision/": "supervision",
    "sharing/": "sharing",
    "social-care/": "social_care",
    "supervision/": "session",
    "supervision/records/": "supervision_record",
    "supervision/workers/": "user",
    "surveys/": "survey",
    "surveys/invitations/": "invitation",
    "transfers/": "transfer",
    "transfers/in/": "incoming",
    "transfers/received/": "received",
    "waiting/": "offer",
    "who/": "case",
}
# Other arguments that name a record.
ARGUMENTS = {
    "letter_id": "rights_letter",
    "action_id": "goal_action",
    "agreed_pk": "agreed_measure",
    "case_id": "case",
    "cluster": "cluster",
    "cover_id": "cover",
    "draft": "referral_draft",
    "factor_pk": "factor",
    "file_id": "file",
    "follow_up_id": "follow_up",
    "goal_id": "goal",
    "invitation_pk": "invitation",
    "handover_id": "handover",
    "legal_id": "legal",
    "period_id": "period",
    "reading_id": "reading",
    "averted_id": "averted",
    "step_id": "step",
    "link_id": "family_link",
    "meeting_id": "case_meeting",
    "note_id": "note",
    "person_pk": "person",
    "pin_id": "pin",
    "ref": "contact",
    "referral_pk": "referral",
    "service_id": "case_service",
    "task_id": "task",
    "token": "family_token",
    "worker_id": "user",
    "worker": "user",
}
# Arguments that name no record, by URL name or for all.
WORDS: dict[str | tuple[str, str], Any] = {
    "act": "pause",
    "file_kind": "pdf",
    "code": "ons4",
    ("settings-measure-licence", "code"): "sdq",
    "key": "nothing",
    "uidb36": "1",
    ("letter-new", "audience"): "family",
    ("needs-edit", "moment"): "start",
    ("pin-new", "kind"): "contacts",
    ("referrer-answer", "token"): "no-such-link",
    ("harm-contact", "token"): "no-such-link",
    ("survey-answer", "token"): "no-such-link",
    ("calendar-feed", "token"): "no-such-address",
    ("referral-sibling", "key"): NOBODY,
    ("settings-translation-text", "digest"): "no-such-text",
    ("referral-sibling-remove", "key"): NOBODY,
    "vocabulary": "route",
    "number": 1,
    "section": "child",
    ("dashboard-figure", "key"): "received",
    "language": "ro",
    "step": "who",
    "file": NOBODY,
    ("report-file", "kind"): "pdf",
    ("return-file", "name"): "no-such-file.csv",
    ("report-page", "key"): "waiting",
    ("who-sees", "kind"): "case",
    ("settings-retention-rule", "kind"): "served",
    ("settings-curiosity-rule", "code"): "many",
}


def arguments_for(world: World, address: Address, kind: str) -> dict[str, Any] | None:
    """The URL's arguments for a kind of record; None where there is no such record."""
    chosen = {}
    for argument in address.arguments:
        word = WORDS.get((address.name, argument)) or WORDS.get(argument)
        if word is not None:
            chosen[argument] = word
            continue
        beginnings = [b for b in PK_OF if argument == "pk" and address.pattern.removeprefix("api/v1/").startswith(b)]
        record = PK_OF[max(beginnings, key=len)] if beginnings else ARGUMENTS.get(argument, argument)
        if record not in world.records["own"]:
            raise LookupError(f"tests/world.py does not say what `{argument}` of the URL `{address.name}` is about")
        if record not in world.records[kind]:
            return None
        chosen[argument] = world.records[kind][record]
    return chosen
