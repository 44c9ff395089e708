"""What points to a person or a family, and what a merge does with it. A test fails for a link that is not named here.

The names are those of models and fields, of the apps above too: the database knows them all the same, and a merge that
forgot one would tear a record apart.
"""

from collections.abc import Callable
from enum import StrEnum

from django.apps import apps
from django.db import models

from families.models import Family, Person


class Then(StrEnum):
    """MOVES: to the record that is kept; a row that would stand there twice is set aside and comes back with an undo.
    REFUSES: as MOVES, but a row that would stand there twice stops the merge. STAYS: with the original."""

    MOVES = "moves"
    REFUSES = "refuses"
    STAYS = "stays"


TO_PERSON = {
    "families.duplicatepair.one": Then.STAYS,
    "families.duplicatepair.two": Then.STAYS,
    "families.persontocheck.person": Then.STAYS,
    "families.person.merged_into": Then.STAYS,
    # Written anew.
    "families.persontoken.person": Then.STAYS,
    "families.sendneed.person": Then.MOVES,
    "families.relationship.person": Then.MOVES,
    "families.relationship.other": Then.MOVES,
    "families.socialcareinvolvement.person": Then.MOVES,
    "families.flag.address_of": Then.MOVES,
    "families.flag.not_to_be_told": Then.MOVES,
    "families.sharingdecision.person": Then.MOVES,
    "families.fileperson.person": Then.MOVES,
    "referrals.referral.child": Then.MOVES,
    "triage.offer.person": Then.REFUSES,
    "cases.caseservice.person": Then.MOVES,
    "cases.schoolattendance.person": Then.MOVES,
    "cases.legalstep.person": Then.MOVES,
    "cases.contactperson.person": Then.MOVES,
    "cases.interpreterbooking.person": Then.MOVES,
    "cases.contactchild.person": Then.MOVES,
    "cases.childvoice.person": Then.MOVES,
    "cases.reviewperson.person": Then.MOVES,
    "cases.meetingattendee.person": Then.MOVES,
    "cases.eventperson.person": Then.MOVES,
    "cases.eventattendance.person": Then.MOVES,
    "cases.goal.whose": Then.MOVES,
    "cases.goalscore.given_by": Then.MOVES,
    "cases.familylink.person": Then.MOVES,
    "outcomes.followup.by_person": Then.MOVES,
    "cases.goalagreement.person": Then.MOVES,
    "formulation.participant.person": Then.MOVES,
    "formulation.factor.person": Then.MOVES,
    "formulation.assessedchild.person": Then.MOVES,
    "outcomes.readingperson.person": Then.MOVES,
    "outcomes.needperson.person": Then.MOVES,
    "outcomes.measure.person": Then.MOVES,
    "outcomes.measure.answerer": Then.MOVES,
    "outcomes.agreedmeasure.person": Then.MOVES,
    "keeping.rightsrequest.person": Then.MOVES,
}
# Everything else that belongs to a family moves with it; these are of the original record itself.
STAYS_WITH_FAMILY = {
    "families.merge.family",
    "families.merge.gone_family",
    "families.family.merged_into",
    "families.namedreader.family",
    "families.emergencyaccess.family",
    "families.persontoken.family",
}
MOVES_WITH_FAMILY = {
    "families.person.family", "families.sendneed.family", "families.storedfile.family", "families.relationship.family",
    "families.socialcareinvolvement.family", "families.circumstances.family", "families.flag.family",
    "families.agreement.family", "families.sharingdecision.family", "referrals.referral.family",
    "referrals.story.family", "referrals.referralreason.family", "referrals.intake.family", "triage.agendaitem.family",
    "triage.decision.family", "triage.offer.family", "triage.checkin.family", "triage.passingon.family",
    "triage.chase.family", "triage.stepup.family", "triage.ending.family", "triage.endingoutcome.family",
    "cases.case.family", "cases.casereferral.family", "cases.leadworker.family", "cases.caseservice.family",
    "cases.extension.family", "cases.familylink.family", "cases.contact.family", "cases.contactnote.family",
    "cases.contactperson.family", "cases.casemeeting.family", "cases.task.family", "cases.plan.family",
    "cases.goal.family", "cases.goalaction.family", "cases.goalagreement.family", "cases.goalscore.family",
    "cases.review.family", "formulation.formulation.family", "formulation.participant.family",
    "formulation.factor.family", "formulation.goalfactor.family", "formulation.assessment.family",
    "formulation.assessedchild.family", "outcomes.closure.family",
    "outcomes.closureoutcome.family", "outcomes.closuregoal.family", "outcomes.exitplan.family",
    "triage.harmanswer.family", "triage.question.family", "triage.handdown.family",
    "cases.contactchild.family", "cases.childvoice.family", "cases.goalnotasked.family", "cases.reviewperson.family",
    "outcomes.undonereopening.family", "outcomes.familyvisit.family", "outcomes.followup.family",
    "outcomes.followupscore.family", "outcomes.followuptry.family",
    "outcomes.transfer.family", "triage.letter.family", "outcomes.receivedrecord.family", "cases.loan.family",
    "cases.servicehandover.family", "cases.plannedsession.family", "cases.interpreterbooking.family",
    "cases.pin.family",
    "cases.meetingattendee.family", "cases.supervisioncase.family",
    "families.fileperson.family",
    "cases.handover.family", "cases.worry.family", "cases.socialcarestep.family", "cases.schoolattendance.family",
    "cases.legalstep.family",
    "cases.eventperson.family", "cases.eventattendance.family",
    "outcomes.measure.family", "outcomes.measureresult.family", "outcomes.measurerisk.family",
    "outcomes.agreedmeasure.family", "outcomes.surveyinvitation.family", "outcomes.sharedanswer.family",
    "cases.cover.family", "cases.caseaudit.family", "cases.auditanswer.family",
    "monitoring.finding.family", "monitoring.setaside.family",
    "keeping.retentionreview.family", "keeping.hold.family",
    "outcomes.familyreading.family", "outcomes.readingpoints.family", "outcomes.readingwords.family",
    "outcomes.readingperson.family", "outcomes.secondreading.family", "outcomes.secondpoints.family",
    "outcomes.needsround.family", "outcomes.needfound.family", "outcomes.needperson.family",
    "outcomes.needevidence.family", "outcomes.avertedstep.family", "outcomes.avertedreason.family",
    "keeping.rightsrequest.family", "keeping.requestwords.family", "keeping.pause.family", "keeping.told.family",
    "keeping.requestletter.family", "keeping.heldcopy.family", "keeping.heldentry.family", "keeping.mark.family",
    "keeping.privatereading.family", "keeping.heldfile.family",
    "keeping.redacteddocument.family",
}  # fmt: skip

# Asked of two families before they are merged, by the apps above: a reason against it, or nothing.
AGAINST: list[Callable[[Family, Family], str]] = []


def links_to(target: type[models.Model]) -> list[models.ForeignKey]:
    """Every foreign key of every app that points to a model."""
    return [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is target
    ]


def name_of(field: models.ForeignKey) -> str:
    return f"{field.model._meta.label_lower}.{field.name}"


def unclassed() -> list[str]:
    """Links that this module does not name."""
    to_person = [name_of(field) for field in links_to(Person)]
    to_family = [name_of(field) for field in links_to(Family)]
    return [name for name in to_person if name not in TO_PERSON] + [
        name for name in to_family if name not in MOVES_WITH_FAMILY | STAYS_WITH_FAMILY
    ]


def moving_to_person() -> list[models.ForeignKey]:
    return [field for field in links_to(Person) if TO_PERSON.get(name_of(field), Then.MOVES) != Then.STAYS]


def moving_with_family() -> list[models.ForeignKey]:
    """Parents and children in any order: the keys between them are checked at the end."""
    return [field for field in links_to(Family) if name_of(field) not in STAYS_WITH_FAMILY]
