"""Which table goes into which chapter of the copy.

A table with a link to a person or a family that stands in none fails a test: what is held and not listed here would
not be given.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db import models

from families.models import Family, Person

SECTIONS = {
    "person": "The person, and who else is in the record",
    "home": "How the family lives, what was agreed and what was shared",
    "referrals": "Referrals: why we were asked for help",
    "decisions": "What was decided about the referrals",
    "case": "The work with the family, and who did it",
    "formulation": "What we understood together",
    "plan": "The plan, its goals and scores",
    "contacts": "Contacts, visits and sessions",
    "services": "Services, and what of them was used",
    "meetings": "Meetings, events and tasks",
    "reflection": "What was said of the work in supervision and audits",
    "outcomes": "What changed, questionnaires, and the ending",
    "documents": "Documents and letters",
    "requests": "What was asked of us about these data",
    "checks": "Checks of the data",
    "events": "What was done, as the history tells it",
    "changes": "What was changed in the record",
    "looks": "Who looked at the record",
}


@dataclass(frozen=True)
class Part:
    """How a table is shown.

    section: its chapter. whose: paths to the people whom a row is about; a row of others alone is theirs. under: the
    path to the row that it is printed with, and of which table that is; `into` says which table.
    """

    section: str
    whose: tuple[str, ...] = ()
    under: str = ""
    into: str = ""


def _under(path: str, into: str, section: str, *whose: str) -> Part:
    return Part(section, whose, path, into)


_REFERRAL = ("referral__child",)
PARTS: dict[str, Part] = {
    "families.person": Part("person", ("pk",)),
    "families.sendneed": Part("person", ("person",)),
    "families.relationship": Part("person", ("person", "other")),
    "families.socialcareinvolvement": Part("person", ("person",)),
    "families.family": Part("home"),
    "families.circumstances": Part("home"),
    "families.flag": Part("home"),
    "families.agreement": Part("home"),
    "families.sharingdecision": Part("home", ("person",)),
    "referrals.referral": Part("referrals", ("child",)),
    "referrals.story": _under("referral", "referrals.referral", "referrals", *_REFERRAL),
    "referrals.referralreason": _under("referral", "referrals.referral", "referrals", *_REFERRAL),
    "referrals.intake": Part("referrals", _REFERRAL),
    "referrals.intakeversion": Part("referrals", ("intake__referral__child",)),
    "triage.question": Part("referrals", _REFERRAL),
    "triage.handdown": Part("referrals", _REFERRAL),
    "triage.agendaitem": Part("decisions", _REFERRAL),
    "triage.decision": Part("decisions", _REFERRAL),
    "triage.offer": _under("decision", "triage.decision", "decisions", "decision__referral__child"),
    "triage.checkin": _under("offer__decision", "triage.decision", "decisions", "offer__decision__referral__child"),
    "triage.passingon": _under("decision", "triage.decision", "decisions", "decision__referral__child"),
    "triage.chase": _under(
        "passing_on__decision", "triage.decision", "decisions", "passing_on__decision__referral__child"
    ),
    "triage.stepup": Part("decisions", _REFERRAL),
    "triage.harmanswer": Part("decisions", _REFERRAL),
    "triage.ending": Part("decisions", _REFERRAL),
    "triage.endingoutcome": _under("ending", "triage.ending", "decisions", "ending__referral__child"),
    "triage.letter": Part("documents", _REFERRAL),
    "cases.case": Part("case"),
    "cases.casereferral": _under("case", "cases.case", "case", *_REFERRAL),
    "cases.leadworker": Part("case"),
    "cases.cover": Part("case"),
    "cases.handover": Part("case"),
    "cases.loan": Part("case"),
    "cases.pin": Part("case"),
    "cases.worry": Part("case"),
    "cases.socialcarestep": Part("case"),
    "cases.schoolattendance": Part("case", ("person",)),
    "cases.legalstep": Part("case", ("person",)),
    "cases.familylink": Part("case", ("person",)),
    "formulation.formulation": Part("formulation"),
    "formulation.participant": _under("formulation", "formulation.formulation", "formulation"),
    "formulation.factor": _under("formulation", "formulation.formulation", "formulation", "person"),
    "formulation.assessment": Part("formulation"),
    "formulation.assessedchild": _under("assessment", "formulation.assessment", "formulation"),
    "cases.plan": Part("plan"),
    "cases.goal": Part("plan"),
    "cases.goalaction": _under("goal", "cases.goal", "plan"),
    "cases.goalagreement": _under("goal", "cases.goal", "plan", "person"),
    "cases.goalscore": _under("goal", "cases.goal", "plan"),
    "cases.goalnotasked": _under("goal", "cases.goal", "plan"),
    "formulation.goalfactor": _under("goal", "cases.goal", "plan"),
    "cases.review": Part("plan"),
    "cases.reviewperson": _under("review", "cases.review", "plan"),
    "cases.contact": Part("contacts"),
    "cases.contactperson": _under("contact", "cases.contact", "contacts"),
    "cases.contactchild": _under("contact", "cases.contact", "contacts", "person"),
    "cases.contactnote": _under("contact", "cases.contact", "contacts"),
    "cases.childvoice": _under("note__contact", "cases.contact", "contacts", "person"),
    "cases.plannedsession": Part("contacts"),
    "cases.interpreterbooking": Part("contacts"),
    "cases.caseservice": Part("services", ("person",)),
    "cases.extension": _under("case_service", "cases.caseservice", "services", "case_service__person"),
    "cases.servicehandover": Part("services", ("case_service__person",)),
    "cases.casemeeting": Part("meetings"),
    "cases.meetingattendee": _under("meeting", "cases.casemeeting", "meetings"),
    "cases.task": Part("meetings"),
    "cases.eventperson": Part("meetings", ("person",)),
    "cases.eventattendance": Part("meetings", ("person",)),
    "cases.supervisioncase": Part("reflection"),
    "cases.caseaudit": Part("reflection"),
    "cases.auditanswer": _under("audit", "cases.caseaudit", "reflection"),
    "outcomes.measure": Part("outcomes", ("person",)),
    "outcomes.measureresult": _under("measure", "outcomes.measure", "outcomes", "measure__person"),
    "outcomes.measurerisk": _under("measure", "outcomes.measure", "outcomes", "measure__person"),
    "outcomes.agreedmeasure": Part("outcomes", ("person",)),
    "outcomes.familyreading": Part("outcomes"),
    "outcomes.readingperson": _under("reading", "outcomes.familyreading", "outcomes"),
    "outcomes.readingpoints": _under("reading", "outcomes.familyreading", "outcomes"),
    "outcomes.readingwords": _under("reading", "outcomes.familyreading", "outcomes"),
    "outcomes.secondreading": _under("reading", "outcomes.familyreading", "outcomes"),
    "outcomes.secondpoints": _under("second__reading", "outcomes.familyreading", "outcomes"),
    "outcomes.needsround": Part("outcomes"),
    "outcomes.needfound": _under("round", "outcomes.needsround", "outcomes"),
    "outcomes.needperson": _under("found__round", "outcomes.needsround", "outcomes"),
    "outcomes.needevidence": _under("found__round", "outcomes.needsround", "outcomes"),
    "outcomes.avertedstep": Part("outcomes"),
    "outcomes.avertedreason": _under("averted", "outcomes.avertedstep", "outcomes"),
    "outcomes.surveyinvitation": Part("outcomes"),
    "outcomes.sharedanswer": Part("outcomes"),
    "outcomes.closure": Part("outcomes"),
    "outcomes.closureoutcome": _under("closure", "outcomes.closure", "outcomes"),
    "outcomes.closuregoal": _under("closure", "outcomes.closure", "outcomes"),
    "outcomes.exitplan": _under("closure", "outcomes.closure", "outcomes"),
    "outcomes.undonereopening": _under("closure", "outcomes.closure", "outcomes"),
    "outcomes.followup": Part("outcomes"),
    "outcomes.followupscore": _under("follow_up", "outcomes.followup", "outcomes"),
    "outcomes.followuptry": _under("follow_up", "outcomes.followup", "outcomes"),
    "outcomes.transfer": Part("case", _REFERRAL),
    "outcomes.receivedrecord": Part("referrals", _REFERRAL),
    "families.storedfile": Part("documents"),
    "families.fileperson": _under("file", "families.storedfile", "documents"),
    "keeping.rightsrequest": Part("requests", ("person",)),
    "keeping.requestwords": _under("request", "keeping.rightsrequest", "requests", "request__person"),
    "keeping.pause": _under("request", "keeping.rightsrequest", "requests", "request__person"),
    "keeping.told": _under("request", "keeping.rightsrequest", "requests", "request__person"),
    "keeping.requestletter": _under("request", "keeping.rightsrequest", "requests", "request__person"),
    "keeping.retentionreview": Part("checks"),
    "keeping.hold": Part("checks"),
    "monitoring.finding": Part("checks"),
    "monitoring.setaside": _under("finding", "monitoring.finding", "checks"),
    "families.duplicatepair": Part("checks", ("one", "two")),
    "families.merge": Part("checks"),
    "families.namedreader": Part("looks"),
    "families.emergencyaccess": Part("looks"),
    "outcomes.familyvisit": Part("looks", ("link__person",)),
}

LEFT_OUT = {
    "families.persontoken": "an index worked out from names and address, which are given",
    "families.persontocheck": "a mark for the search for duplicates, of no content",
    "keeping.heldcopy": "the copy itself",
    "keeping.heldentry": "the copy itself",
    "keeping.mark": "the copy itself",
    "keeping.privatereading": "the copy itself",
    "keeping.heldfile": "the copy itself",
    "keeping.redacteddocument": "the copy itself",
}


def unlisted() -> list[str]:
    """Tables with a link to a person or a family that are in no chapter and not left out with a reason."""
    return sorted(
        model._meta.label_lower
        for model in apps.get_models()
        if model._meta.label_lower not in PARTS
        and model._meta.label_lower not in LEFT_OUT
        and any(
            isinstance(field, models.ForeignKey) and field.related_model in (Person, Family)
            for field in model._meta.concrete_fields
        )
    )
