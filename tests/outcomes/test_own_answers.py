"""What a family answers alone on its page: measures, the answer about safety, surveys; and what a stranger cannot."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.catalogues import texts_of
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Message
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from families.models import Involvement
from outcomes.family_page.services import NewLink, make_family_link
from outcomes.measures.services import agree_measure, correct_measure, see_to_own_answer
from outcomes.models import Instrument, Measure, MeasureResult, MeasureRisk, SharedAnswer, SurveyAnswer
from outcomes.surveys.questions import READY
from referrals.models import Referral
from referrals.public.languages import TRANSLATED
from referrals.public.texts import catalogue_of
from tests.fixtures_cast import Cast, a_person, as_, sign_in
from tests.outcomes.test_family_page import a_device, enter, plan, url
from tests.outcomes.test_measures import taken
from tests.outcomes.test_surveys import asked
from tests.queries import queries

OWN = settings.BASE_DIR / "templates/outcomes/own_answers"
PAGES = [
    *(OWN / f"{name}.html" for name in ("_help", "measure", "survey")),
    *(settings.BASE_DIR / f"outcomes/own_answers/{name}.py" for name in ("forms", "slots", "titles")),
]
WELL = {"life_satisfaction": 3, "worthwhile": 7, "happiness": 6, "anxiety": 2}
LOW = {**{f"q{n}": 2 for n in range(1, 10)}, "difficulty": 1}


@pytest.fixture
def link(cast: Cast) -> NewLink:
    with as_(cast.practitioner):
        return make_family_link(by=cast.practitioner, case=cast.case, person=cast.mother)


@pytest.fixture
def client(link: NewLink) -> Client:
    device = a_device()
    enter(device, link)
    return device


def agreed(cast: Cast, code: str, by: Any = None, **more: Any) -> None:
    by = by or cast.practitioner
    with as_(by):
        values = {"person": cast.mother, "every_weeks": 4, "by_itself": True, **more}
        agree_measure(by=by, case=cast.case, instrument=Instrument.objects.get(code=code), **values)


def sent(values: dict[str, int | None]) -> dict[str, Any]:
    return {f"q_{key}": "" if value is None else str(value) for key, value in values.items()}


def test_a_family_answers_a_measure_in_its_language_and_the_worker_reads_it(
    cast: Cast, client: Client, link: NewLink
) -> None:
    agreed(cast, "ons4")
    where = url(link, "family-plan-measure", code="ons4")
    assert where in plan(client, link) and "How is life going?" in plan(client, link)
    page = client.get(where + "?language=ro").content.decode()
    assert "cât de fericit v-ați simțit ieri?" in page and "eh-ask__machine" in page and "doar în engleză" not in page
    refused = client.post(where, sent({**WELL, "anxiety": 11}) | {"q_happiness": "x"})
    assert refused.status_code == 422 and 'value="3" checked' in refused.content.decode().replace("  ", " ")
    done = client.post(where, sent({**WELL, "happiness": None}), follow=True).content.decode()
    assert "Your answers are kept" in done and where not in done
    assert "has changed" in client.post(where, sent(WELL), follow=True).content.decode()
    with as_(cast.practitioner):
        made = Measure.objects.get()
        assert (made.person, made.answerer, made.how, made.author) == (cast.mother, cast.mother, "link", None)
        assert made.result.answers == {**WELL, "happiness": None} and made.result.alarming
        told = Message.objects.get(user_id=cast.practitioner.pk, key__startswith="own-measure")
        assert not told.urgent and "Jana" not in told.body
        assert not MeasureRisk.objects.exists()
        with pytest.raises(Denied, match="answered this itself"):
            correct_measure(by=cast.leader, measure=made, answers=WELL, taken=taken(), reason="I know better")
    worker = sign_in(Client(), cast.practitioner)
    assert "On the family’s page" in worker.get(reverse("measure", args=[made.pk])).content.decode()


def test_what_may_not_be_altered_stays_english_and_says_so(cast: Cast, client: Client, link: NewLink) -> None:
    agreed(cast, "gad-7")
    page = client.get(url(link, "family-plan-measure", code="gad-7") + "?language=cs").content.decode()
    assert 'lang="en" dir="ltr">Feeling nervous, anxious, or on edge</span>' in page
    assert 'lang="en" dir="ltr">Nearly every day</span>' in page
    assert "pouze v angličtině" in page
    assert "pouze v angličtině" not in client.get(url(link, "family-plan-measure", code="gad-7")).content.decode()


def test_an_answer_about_safety_given_alone(cast: Cast, client: Client, link: NewLink) -> None:
    """Whoever gives it sees at once whom to ring; leader and duty are told; it stays open until somebody acted."""
    agreed(cast, "phq-9")
    where = url(link, "family-plan-measure", code="phq-9")
    page = client.get(where).content.decode()
    assert "Nobody is with you" in page
    hidden = page.split('class="eh-safety"')[1].split("</section>")[0]
    assert "116 123" in hidden and "0113 496 0000" in hidden and 'data-risk="yes"' in page
    # Only the one answer: it goes in, whatever else is missing.
    done = client.post(where, {"q_q9": "1"}, follow=True).content.decode()
    help_now = done.split('class="eh-help"')[1].split("</section>")[0]
    for number in ("tel:999", "tel:111", "tel:116123", "tel:01134960000", "Asha Example", "has been told"):
        assert number in help_now, number
    assert "eh-help" not in plan(client, link)
    with as_(cast.leader):
        made = Measure.objects.get()
        assert made.result.total is None and made.result.answers["q9"] == 1 and made.result.answers["q1"] is None
        risk = MeasureRisk.objects.get()
        assert (risk.done, risk.author) == ("", None) and "Dee Example" in risk.told
        told = Message.objects.filter(key__startswith="own-measure", urgent=True)
        assert set(told.values_list("user_id", flat=True)) == {cast.practitioner.pk, cast.leader.pk}
        assert not any("Jana" in one.body or "Novák" in one.body for one in told)
        assert Message.objects.filter(key__startswith=f"harm:{cast.case_referral.pk}").exists()
        flagged = Referral.objects.get(pk=cast.case_referral.pk)
        assert flagged.harm_flagged_at and flagged.harm_flagged_by is None
    colleague = sign_in(Client(), cast.colleague)
    measure = reverse("measure", args=[made.pk])
    assert "Answered alone" in colleague.get(measure).content.decode()
    form = reverse("measure-seen-to", args=[made.pk])
    assert colleague.post(form, {"done": "", "once": str(uuid4())}).status_code == 422
    assert colleague.post(form, {"done": "Rang her; her sister is there", "once": str(uuid4())}).status_code == 302
    assert "Rang her; her sister is there" in colleague.get(measure).content.decode()
    assert colleague.get(form).status_code == 302
    with as_(cast.leader), pytest.raises(Conflict):
        see_to_own_answer(by=cast.leader, measure=made, done="Too late")


def test_a_second_answer_about_safety_flags_anew_what_was_answered(cast: Cast, client: Client, link: NewLink) -> None:
    agreed(cast, "phq-9")
    with as_(cast.leader):
        Referral.objects.filter(pk=cast.case_referral.pk).update(harm_flagged_at="2026-01-01T10:00Z")
        cast.case_referral.harm_answers.create(
            cluster_id=cast.cluster.pk,
            family_id=cast.family.pk,
            kind="no_step_up",
            answered_at="2026-01-01T11:00Z",
            answered_by=cast.leader,
            reason="Seen",
        )
    client.post(url(link, "family-plan-measure", code="phq-9"), sent(LOW))
    with as_(cast.leader):
        again = Referral.objects.get(pk=cast.case_referral.pk)
        assert again.harm_flagged_at is not None and timezone.now() - again.harm_flagged_at < timedelta(hours=1)
        assert cast.case_referral.harm_answers.get().superseded
        assert MeasureResult.objects.get().total == 18


def test_what_was_agreed_in_therapy_is_read_there_alone(cast: Cast, client: Client, link: NewLink) -> None:
    agreed(cast, "gad-7", by=cast.therapist)
    where = url(link, "family-plan-measure", code="gad-7")
    assert "Only the person whom you see" in client.get(where).content.decode()
    client.post(where, sent({**{f"q{n}": 3 for n in range(1, 8)}, "difficulty": 1}))
    for user, results in ((cast.leader, 0), (cast.practitioner, 0), (cast.therapist, 1), (cast.supervisor, 1)):
        with as_(user):
            assert MeasureResult.objects.count() == results, user.name
    with as_(cast.therapist):
        assert [one.user_id for one in Message.objects.filter(key__startswith="own-measure")] == [cast.therapist.pk]


def test_a_survey_is_answered_without_a_second_code_and_leads_back_to_nobody(
    cast: Cast, client: Client, link: NewLink
) -> None:
    invitation = asked(cast).invitation
    where = url(link, "family-plan-survey", invitation_pk=invitation.pk)
    assert where in plan(client, link)
    assert len(queries(client, url(link))) <= 12
    assert "Cum a fost ajutorul?" in client.get(where + "?language=ro").content.decode()
    refused = client.post(where, {"share": "no"})
    assert refused.status_code == 422
    data = {f"a_ons4_{key}": value for key, value in WELL.items()} | {"share": "no"}
    done = client.post(where, data, follow=True).content.decode()
    assert "Your answers are kept" in done and where not in done
    client.post(where, data)
    with as_(cast.practitioner):
        invitation.refresh_from_db()
        assert invitation.state == "answered" and not SharedAnswer.objects.exists()
        left = Change.objects.filter(table_name="outcomes_surveyanswer")
        assert not left.exists()
    with as_(cast.manager), figures():
        assert SurveyAnswer.objects.get().answers == {f"ons4.{key}": value for key, value in WELL.items()}


# --- what somebody hostile tries ---
def test_nothing_of_anybody_else_waits_and_nothing_that_waits_for_them_can_be_answered(
    cast: Cast, client: Client, link: NewLink
) -> None:
    with as_(cast.leader):
        father = a_person(cast.family, "Marek", is_child=False, involvement=Involvement.INVOLVED)
        young = a_person(cast.family, "Tereza", involvement=Involvement.INVOLVED)
        type(young).objects.filter(pk=young.pk).update(birth_date="2011-01-01")
        young.refresh_from_db()
        childs = make_family_link(by=cast.leader, case=cast.case, person=young)
    agreed(cast, "gad-7", person=father)
    agreed(cast, "phq-9", by_itself=False)
    invitation = asked(cast).invitation
    text = plan(client, link)
    assert "questions/" not in text
    for code in ("gad-7", "phq-9", "ons4", "sdq", "no-such"):
        where = url(link, "family-plan-measure", code=code)
        assert client.get(where).status_code == 302
        assert client.post(where, sent({f"q{n}": 1 for n in range(1, 10)})).status_code == 302
    # The survey is a grown-up's to answer; a key that was guessed, or of another family, opens nothing.
    device = a_device()
    enter(device, childs)
    assert "survey/" not in plan(device, childs)
    data = {f"a_ons4_{key}": value for key, value in WELL.items()} | {"share": "no"}
    assert device.post(url(childs, "family-plan-survey", invitation_pk=invitation.pk), data).status_code == 302
    assert client.post(url(link, "family-plan-survey", invitation_pk=uuid4()), data).status_code == 302
    # Without the visit: the code is asked for, and nothing is shown or kept.
    stranger = a_device()
    for where in (
        url(link, "family-plan-measure", code="gad-7"),
        url(link, "family-plan-survey", invitation_pk=invitation.pk),
    ):
        answer = stranger.post(where, data)
        assert "Your code" in answer.content.decode() and "anxious" not in answer.content.decode()
    with as_(cast.leader):
        assert not Measure.objects.exists()
        invitation.refresh_from_db()
        assert invitation.state == "sent"


def test_answers_are_nowhere_on_the_page(cast: Cast, client: Client, link: NewLink) -> None:
    """Neither the own ones nor those of others: the page is opened on shared phones."""
    agreed(cast, "gad-7")
    client.post(
        url(link, "family-plan-measure", code="gad-7"), sent({**{f"q{n}": 3 for n in range(1, 8)}, "difficulty": 1})
    )
    text = plan(client, link)
    assert "GAD-7" not in text and "Severe" not in text and not re.search(r"\b21\b", text)
    with acting_as(NamedActor.FAMILY):
        assert not Measure.objects.exists() and not MeasureResult.objects.exists()


def test_a_family_is_asked_in_its_own_words_not_by_the_name_of_an_instrument(
    cast: Cast, client: Client, link: NewLink
) -> None:
    for code, name, words in (
        ("gad-7", "GAD-7", "Your worries in the last two weeks"),
        ("phq-9", "PHQ-9", "Your mood in the last two weeks"),
    ):
        agreed(cast, code)
        asked = client.get(url(link, "family-plan-measure", code=code)).content.decode()
        for page in (plan(client, link), asked):
            assert words in page and name not in page, code


@pytest.mark.parametrize("slug", TRANSLATED)
def test_every_text_of_it_is_translated(slug: str) -> None:
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue_of(TRANSLATED[slug])))}
    wanted = texts_of(PAGES)
    wanted += [own[part] for own in READY.values() for part in ("text", "low", "high") if part in own]
    assert len(wanted) > 30
    assert [text for text in wanted if not catalogue.get(text)] == []
