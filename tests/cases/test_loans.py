"""A case on loan to the RES team or the Early Help Hub, and back."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from cases.models import Case, Loan
from cases.services import lend_case, log_contact, set_goal, take_case_back
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from clusters.models import PartnerService
from formulation.models import Formulation, P
from formulation.services import Line, save_formulation
from outcomes.services import ask_closure
from tests.fixtures_cast import Cast, as_, sign_in
from tests.triage.test_decide import a_partner
from triage.models import Ending


def res() -> PartnerService:
    return a_partner("RES team", back=True)


def lent(cast: Cast, *, days_ago: int = 0, weeks: int = 6) -> Loan:
    day = timezone.localdate() - timedelta(days=days_ago)
    return lend_case(
        by=cast.practitioner,
        case=cast.case,
        partner=res(),
        why="Intensive work on mornings.",
        on=day,
        back_expected_on=day + timedelta(weeks=weeks),
    )


def test_a_lent_case_comes_back_and_carries_on_where_it_was(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Calm mornings")
        save_formulation(
            by=cast.practitioner,
            case=cast.case,
            lines=[Line(P.PERPETUATING, "A damp flat")],
            made_on=timezone.localdate(),
        )
        lent(cast, days_ago=14)
    sign_in(client, cast.leader)
    page = client.get(f"/cases/{cast.case.pk}/").content.decode()
    assert "On loan to RES team since" in page
    url = f"/cases/{cast.case.pk}/back/"
    today = timezone.localdate()
    form = {"brought_back": "Mornings are calm.", "on-day": today.day, "on-month": today.month, "on-year": today.year}
    assert client.post(url, form).status_code == 302
    services = client.get(f"/cases/{cast.case.pk}/services/").content.decode()
    assert "2 weeks on loan" in services
    with as_(cast.practitioner):
        case = Case.objects.get(pk=cast.case.pk)
        assert (case.status, case.plan.goals.count(), Formulation.objects.filter(case=case).count()) == ("open", 1, 1)
        assert case.services.filter(status="active").count() == 2
        assert case.lead_workers.get(ends_on__isnull=True).worker == cast.practitioner
    assert Message.objects.get().to == cast.practitioner.email


def test_while_it_is_on_loan_it_has_no_ending_and_is_not_closed(cast: Cast) -> None:
    with as_(cast.practitioner):
        lent(cast)
        with pytest.raises(Conflict, match="on loan to RES team"):
            ask_closure(
                by=cast.practitioner, case=cast.case, outcomes=["completed_full"], closed_on=timezone.localdate()
            )
        assert not Ending.objects.filter(referral=cast.case_referral).exists()
        with pytest.raises(Conflict, match="on loan to RES team since"):
            lent(cast)
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            at=timezone.now(),
            people=[cast.child],
            note="Kept in touch.",
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            Loan.objects.filter(pk__isnull=False).update(back_on=timezone.localdate() - timedelta(days=3))


def test_an_overdue_return_rises_on_the_home_pages(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        lent(cast, days_ago=13, weeks=1)
    sign_in(client, cast.practitioner)
    assert "On loan to RES team, expected back" in client.get("/").content.decode()
    sign_in(client, cast.leader)
    home = client.get("/").content.decode()
    assert "On loan" in home
    assert "6 days" in home
    assert "RES team" in client.get("/passed-on/").content.decode()


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("why", {"why": " "}),
        ("back_expected_on", {"back_expected_on": timezone.localdate()}),
        ("on", {"on": timezone.localdate() + timedelta(days=1)}),
        ("on", {"on": timezone.localdate() - timedelta(days=15)}),
        ("partner", {"back": False}),
    ],
)
def test_a_loan_that_cannot_be_names_the_field(cast: Cast, field: str, given: dict) -> None:
    partner = res() if given.pop("back", True) else a_partner("MindMate")
    full = {"why": "Mornings.", "partner": partner, "back_expected_on": timezone.localdate() + timedelta(days=30)}
    with as_(cast.practitioner), pytest.raises(ValidationError) as raised:
        lend_case(by=cast.practitioner, case=cast.case, **{**full, **given})
    assert list(raised.value.message_dict) == [field]


def test_only_those_who_write_in_the_case_lend_it(cast: Cast) -> None:
    with as_(cast.colleague), pytest.raises(Denied):
        lend_case(
            by=cast.colleague,
            case=cast.case,
            partner=res(),
            why="Mornings.",
            back_expected_on=timezone.localdate() + timedelta(days=3),
        )
    with as_(cast.practitioner), pytest.raises(Conflict, match="not on loan"):
        take_case_back(by=cast.practitioner, case=cast.case, brought_back="x")


def test_another_cluster_sees_no_loan(cast: Cast) -> None:
    with as_(cast.practitioner):
        lent(cast)
    with as_(cast.other_leader):
        assert not Loan.objects.exists()
