"""From the waiting list to a case with one lead worker."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Case, CaseReferral, CaseService, LeadWorker
from cases.services import hand_over, log_contact, open_case
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Entitlement
from families.models import NamedReader
from tests.fixtures_cast import a_referral, a_service, as_, decided
from triage.models import Offer


def waiting(cast, *, service=None, referral=None):
    """A waiting offer for the family without a case."""
    referral = referral or cast.referral
    with as_(cast.leader):
        return decided(referral, by=cast.leader, service=service).offers.get()


def test_takes_up_the_offer_with_one_lead_worker(cast):
    offer = waiting(cast)
    with as_(cast.leader):
        case = open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
        assert Offer.objects.get(pk=offer.pk).status == "allocated"
        assert case.lead_workers.get().worker == cast.practitioner
        assert case.case_referrals.get().referral_id == offer.decision.referral_id
        assert case.services.get().worker == cast.practitioner
        assert case.reference.startswith("RI-C")
        assert Event.objects.filter(family_id=case.family_id, kind="case.opened").count() == 1


def test_the_second_to_allocate_is_told_by_whom_and_when(cast):
    offer = waiting(cast)
    with as_(cast.leader):
        open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
        with pytest.raises(Conflict) as told:
            open_case(by=cast.leader, offers=[offer], lead_worker=cast.colleague)
    assert "Asha Example" in told.value.reason
    assert f"{timezone.localdate():%-d %B %Y}" in told.value.reason


def test_a_family_with_an_open_case_gets_the_service_added_to_it(cast):
    with as_(cast.leader):
        petr = cast.family.persons.get(first_name="Petr")
        referral = a_referral(petr, number=77)
    offer = waiting(cast, service=a_service("attendance_support"), referral=referral)
    with as_(cast.leader):
        case = open_case(by=cast.leader, offers=[offer], workers={offer.pk: cast.colleague})
        assert case.pk == cast.case.pk
        assert Case.objects.filter(family=cast.family).count() == 1
        assert CaseReferral.objects.filter(case=case).count() == 2
        assert CaseService.objects.get(offer=offer).worker == cast.colleague
        assert LeadWorker.objects.get(case=case).worker == cast.practitioner


def test_the_database_holds_one_open_case_and_one_lead_worker(cast):
    keys = {"cluster_id": cast.case.cluster_id, "family_id": cast.case.family_id}
    with as_(cast.leader):
        with pytest.raises(IntegrityError, match="case_one_open"), transaction.atomic():
            Case.objects.create(**keys, reference="RI-C1", opened_on=date(2026, 1, 1))
        with pytest.raises(IntegrityError, match="leadworker_one_live"), transaction.atomic():
            LeadWorker.objects.create(**keys, case=cast.case, worker=cast.colleague, starts_on=date(2026, 1, 1))


def test_only_a_leader_of_the_cluster_allocates(cast):
    offer = waiting(cast)
    with as_(cast.practitioner), pytest.raises(Denied, match="leader"):
        open_case(by=cast.practitioner, offers=[offer], lead_worker=cast.practitioner)
    with as_(cast.other_leader), pytest.raises(Conflict):
        open_case(by=cast.other_leader, offers=[offer], lead_worker=cast.other_practitioner)


def test_the_lead_worker_works_in_the_cluster_today(cast):
    offer = waiting(cast)
    with as_(cast.leader):
        with pytest.raises(ValidationError) as wrong:
            open_case(by=cast.leader, offers=[offer], lead_worker=cast.other_practitioner)
        assert "lead_worker" in wrong.value.message_dict
        with pytest.raises(ValidationError) as missing:
            open_case(by=cast.leader, offers=[offer])
        assert "lead_worker" in missing.value.message_dict
        assert Offer.objects.get(pk=offer.pk).status == "waiting"


def test_a_restricted_family_is_allocated_to_somebody_named(cast):
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        NamedReader.objects.create(cluster=cast.cluster, family=cast.restricted_family, user=cast.leader)
    with as_(cast.leader):
        Case.objects.filter(pk=cast.restricted_case.pk).update(status="closing", imported=True)
        Case.objects.filter(pk=cast.restricted_case.pk).update(status="closed", closed_on=timezone.localdate())
    offer = waiting(cast, referral=cast.restricted_referral)
    with as_(cast.leader):
        with pytest.raises(ValidationError, match="not named"):
            open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
        assert open_case(by=cast.leader, offers=[offer], lead_worker=cast.colleague).family == cast.restricted_family


def test_the_entitlement_is_the_clusters_own_and_stays_when_a_new_one_takes_effect(cast):
    service = a_service("family_support")
    Entitlement.objects.filter(service=service).delete()
    today = timezone.localdate()
    general = Entitlement.objects.create(service=service, effective_from=today - timedelta(days=50), weeks=20)
    own = Entitlement.objects.create(
        cluster=cast.cluster, service=service, effective_from=today - timedelta(days=400), weeks=26, extendable=True
    )
    offer = waiting(cast, service=service)
    with as_(cast.leader):
        case = open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
        assert case.services.get().entitlement == own
    Entitlement.objects.create(cluster=cast.cluster, service=service, effective_from=today, weeks=8)
    with as_(cast.practitioner):
        assert CaseService.objects.get(offer=offer).entitlement.weeks == 26
    assert general.weeks == 20


def test_the_general_entitlement_holds_where_the_cluster_has_none(cast):
    service = a_service("attendance_support")
    Entitlement.objects.filter(service=service).delete()
    old = Entitlement.objects.create(service=service, effective_from=date(2020, 1, 1), weeks=10)
    Entitlement.objects.create(service=service, effective_from=timezone.localdate() + timedelta(days=1), weeks=4)
    Entitlement.objects.create(cluster=cast.other_cluster, service=service, effective_from=date(2021, 1, 1), weeks=99)
    offer = waiting(cast, service=service)
    with as_(cast.leader):
        open_case(by=cast.leader, offers=[offer], lead_worker=cast.practitioner)
        assert CaseService.objects.get(offer=offer).entitlement == old


def test_handover_keeps_the_earlier_lead_worker_with_dates(cast):
    with as_(cast.leader):
        hand_over(by=cast.leader, case=cast.case, to=cast.colleague, handover="Ring before you visit.")
        rows = list(LeadWorker.objects.filter(case=cast.case).order_by("ends_on"))
        assert [(row.worker, row.ends_on) for row in rows] == [
            (cast.practitioner, timezone.localdate()),
            (cast.colleague, None),
        ]
        workers = set(CaseService.objects.filter(case=cast.case).values_list("worker__name", flat=True))
        assert workers == {"Ben Example", "Lee Example"}
    with as_(cast.practitioner), pytest.raises(Denied, match="Only the lead worker"):
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            at=timezone.now(),
            people=[cast.mother],
            note="I am no longer the lead worker.",
        )


def test_handover_needs_a_leader_a_word_and_somebody_else(cast):
    with as_(cast.practitioner), pytest.raises(Denied, match="leader"):
        hand_over(by=cast.practitioner, case=cast.case, to=cast.colleague, handover="x")
    with as_(cast.leader):
        for wrong, field in (
            ({"to": cast.colleague, "handover": " "}, "handover"),
            ({"to": cast.practitioner, "handover": "x"}, "to"),
            ({"to": cast.colleague, "handover": "x", "on": timezone.localdate() + timedelta(days=400)}, "on"),
            ({"to": cast.colleague, "handover": "x", "on": date(2020, 1, 1)}, "on"),
        ):
            with pytest.raises(ValidationError) as error:
                hand_over(by=cast.leader, case=cast.case, **wrong)
            assert list(error.value.message_dict) == [field]
        assert LeadWorker.objects.filter(case=cast.case).count() == 1


def test_a_waiting_place_is_not_skipped_by_update(cast):
    offer = waiting(cast)
    with as_(cast.leader), pytest.raises(IntegrityError, match="illegal state"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(status="started", started_on=timezone.localdate())
