"""A worry in an open case does what the referral's flag does; up to CSWS and down from there."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from cases.models import SocialCareStep, Worry
from cases.services import raise_worry
from cases.services.steps import note_step_outcome, step_down_case, step_up_case
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Message
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in
from triage import services as triage
from triage.escalation import escalate
from triage.selectors.harm import waiting


def told() -> int:
    return Message.objects.filter(key__startswith="harm:").count()


def stepped_up(cast: Cast, **values: str) -> SocialCareStep:
    given = {
        "taken_by": "Sam Invented",
        "csws_reference": "CS-1",
        "decided_by": "Dee Example, Cluster leader",
        "why": "Bruises on both arms; Jana knows.",
        "meanwhile": "stays",
    }
    return step_up_case(by=cast.practitioner, case=cast.case, referral=cast.case_referral, **given | values)


def test_a_worry_is_the_referrals_flag_and_stands_above_all_else_until_the_step_up(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    contact = client.get(f"/contacts/{cast.contact.pk}/").content.decode()
    url = f"/cases/{cast.case.pk}/worry/?contact={cast.contact.pk}"
    assert url in contact
    assert client.post(url, {"worry": "Bruises on both arms."}).status_code == 302
    with as_(cast.leader):
        worry = Worry.objects.get()
        assert (worry.contact_id, worry.referral_id) == (cast.contact.pk, cast.case_referral.pk)
        assert [referral.pk for referral in waiting()] == [cast.case_referral.pk]
    assert told() == 1
    assert "Bruises" not in Message.objects.get(key__startswith="harm:").body
    home = sign_in(client, cast.leader).get("/").content.decode()
    assert home.index("Risk of significant harm: act now") < home.index("<h2", home.index("harm-waits") + 60)
    page = client.get(f"/cases/{cast.case.pk}/").content.decode()
    assert "Risk of significant harm: no step up recorded" in page
    # Above the goals and every other button, also where there is room for little.
    assert page.index(">Step up to CSWS") < page.index(">Log a contact")
    with as_(cast.practitioner):
        stepped_up(cast)
        assert not waiting().exists()
    page = client.get(f"/cases/{cast.case.pk}/").content.decode()
    assert "no step up recorded" not in page
    assert "What CSWS decided is not known yet" in page
    line = client.get(f"/cases/{cast.case.pk}/chronology/").content.decode()
    assert "Worried about safety" in line
    assert "Stepped up to CSWS" in line


def test_a_second_worry_is_told_anew_and_one_that_nobody_answered_is_not_raised_twice(cast: Cast) -> None:
    with as_(cast.practitioner):
        raise_worry(by=cast.practitioner, case=cast.case, worry="First.")
        raise_worry(by=cast.practitioner, case=cast.case, worry="Still.")
        assert told() == 1
        stepped_up(cast)
        raise_worry(by=cast.practitioner, case=cast.case, worry="Again, after the step up.")
        assert waiting().count() == 1
    assert told() == 2
    assert escalate() == 1
    assert told() == 2
    with as_(cast.leader):
        triage.no_step_up(by=cast.leader, referral=cast.case_referral, reason="CSWS have it already.")
        assert not waiting().exists()
        raise_worry(by=cast.leader, case=cast.case, worry="A third time.")
        assert waiting().count() == 1
        assert Referral.objects.get(pk=cast.case_referral.pk).harm_answers.filter(superseded=True).count() == 1
    assert told() == 3


def test_what_happens_to_the_case_is_asked_and_csws_step_down_to_it(cast: Cast) -> None:
    today = timezone.localdate()
    with as_(cast.practitioner):
        with pytest.raises(ValidationError) as wrong:
            stepped_up(cast, meanwhile="", decided_by=" ")
        assert set(wrong.value.message_dict) == {"meanwhile", "decided_by"}
        step = stepped_up(cast)
        note_step_outcome(by=cast.practitioner, step=step, outcome="assessment", on=today)
        with pytest.raises(ValidationError, match="cannot come back before"):
            step_down_case(
                by=cast.practitioner,
                case=cast.case,
                on=today - timedelta(days=3),
                csws_reference="",
                decided_by="Sam",
                why="x",
                answers=step,
            )
        down = step_down_case(
            by=cast.practitioner,
            case=cast.case,
            on=today,
            csws_reference="CS-1",
            decided_by="Sam Invented, team manager",
            why="Assessed; early help goes on.",
            answers=step,
        )
        assert down.step_up == step.step_up
    with as_(cast.colleague), pytest.raises(Denied, match="Only the lead worker"):
        stepped_up_by = {"by": cast.colleague, "case": cast.case, "referral": cast.case_referral}
        step_up_case(**stepped_up_by, taken_by="x", csws_reference="x", decided_by="x", why="x", meanwhile="stays")


def test_a_case_that_closes_with_the_step_up_leads_to_its_closure(cast: Cast, client: Client) -> None:
    now = timezone.localtime()
    form = {
        "at-day": now.day,
        "at-month": now.month,
        "at-year": now.year,
        "at-time": "00:00",
        "taken_by": "Sam",
        "csws_reference": "CS-2",
        "decided_by": "Dee",
        "why": "Not safe at home.",
        "meanwhile": "closes",
    }
    answer = sign_in(client, cast.practitioner).post(f"/cases/{cast.case.pk}/step-up/", form)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer["Location"] == f"/cases/{cast.case.pk}/close/"
