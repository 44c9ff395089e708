"""Surveys as people meet them: drawn, sent, answered on a phone in the family's language, counted."""

import re
from datetime import timedelta
from subprocess import run
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Service
from families.models import Flag
from outcomes.measures.models import Instrument
from outcomes.models import Survey, SurveyInvitation
from outcomes.surveys import selectors, services
from outcomes.surveys.reminders import tell_of_reminders
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_surveys import asked, drawn
from tests.queries import queries


def day(name: str, days: int) -> dict[str, Any]:
    on = timezone.localdate() + timedelta(days=days)
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


def draw_data(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "title": "Autumn",
        "clusters": [str(cast.cluster.pk)],
        "services": [str(pk) for pk in Service.objects.filter(cluster=None).values_list("pk", flat=True)],
        "wanted": "5",
        "instruments": [str(Instrument.objects.get(code="ons4").pk)],
        "words_1": "What could be better?",
        **day("starts_on", -90),
        **day("ends_on", 0),
        **day("answer_until", 30),
        "once": str(uuid4()),
        **more,
    }


def test_a_manager_draws_and_the_cluster_sends(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    url = reverse("survey-new")
    assert "PHQ-9" not in client.get(url).content.decode()
    assert client.post(url, draw_data(cast, words_1="", instruments=[])).status_code == 422
    made = client.post(url, draw_data(cast, seed="42"))
    assert made.status_code == 302, made.context["form"].errors
    page = client.get(made.url).content.decode()
    assert "seed 42" in page and "1 restricted record" in page and "Novák" not in page
    survey = Survey.objects.get()
    families = reverse("survey-families", args=[survey.pk])
    assert client.get(families).status_code == 403
    sign_in(client, cast.practitioner)
    assert "Print 1 letter" in client.get(families).content.decode()
    assert len(queries(client, families)) <= 10
    letters = client.post(reverse("survey-letters", args=[survey.pk]), {"which": "unsent"})
    assert letters["Content-Type"] == "application/pdf"
    said = run(["pdftotext", "-", "-"], input=letters.content, capture_output=True, check=True).stdout.decode()
    for words in ("To the Novák family", "Riverside Invented", f"Please answer by {survey.answer_until:%-d %B %Y}"):
        assert words in " ".join(said.split()), words
    assert re.search(r"/survey/[\w-]{32}/\w{6}Oranswer", "".join(said.split())), "the address and the code under it"
    assert "Print" not in client.get(families).content.decode()
    assert len(queries(client, made.url)) <= 12


def test_each_service_its_own_number_and_questions_in_the_familys_language(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    support = Service.objects.filter(cluster=None, kind="family_support").values_list("pk", flat=True)[0]
    data = draw_data(cast, ready=["reach", "better"], **{f"wanted_{support}": "9"})
    wrong = client.post(reverse("survey-new"), {**data, f"wanted_{support}": "0"})
    assert wrong.status_code == 422 and 'govuk-details" open' in wrong.content.decode()
    made = client.post(reverse("survey-new"), data).url
    survey = Survey.objects.get()
    wanted = {one.service_id: one.wanted for one in survey.strata.all()}
    assert wanted.pop(support) == 9 and set(wanted.values()) == {None}
    words = reverse("survey-words", args=[survey.pk])
    assert words in client.get(made).content.decode()
    said = {"t_2_ro": "Ce ar putea fi mai bine?", "once": str(uuid4())}
    assert client.post(words, said).status_code == 302
    assert "Ce ar putea" in client.get(words).content.decode()
    with as_(cast.practitioner):
        (sent,) = services.send(by=cast.practitioner, invitations=[SurveyInvitation.objects.get().pk], way="link")
    answer = reverse("survey-answer", args=[sent.token])
    page = client.get(f"{answer}?language=ro").content.decode()
    for text in (
        "Ce ar putea fi mai bine?",
        "Cât de ușor v-a fost",
        "foarte greu",
        "Cum ar putea fi ajutorul mai bun?",
    ):
        assert text in page, text
    page = client.get(f"{answer}?language=cs").content.decode()
    assert 'lang="en" dir="ltr">What could be better?</span>' in page
    sign_in(client, cast.practitioner)
    assert reverse("survey-list") in client.get(reverse("case-list")).content.decode()
    assert client.get(words).status_code == 403


def test_a_letter_keeps_an_address_to_itself_that_somebody_must_not_be_told(cast: Cast) -> None:
    sent = asked(cast)
    with as_(cast.practitioner):
        sent = services.Sent(SurveyInvitation.objects.select_related("family").get(), sent.token, sent.code)
        assert "1 Invented Row" in selectors.letters([sent])[0].address
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        keys = {"cluster_id": cast.family.cluster_id, "family": cast.family}
        Flag.objects.create(**keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, not_to_be_told=cast.mother)
    with as_(cast.practitioner):
        assert selectors.letters([sent])[0].address == ""


def test_a_family_answers_on_one_page_in_its_language_and_a_wrong_code_loses_nothing(
    cast: Cast, client: Client
) -> None:
    sent = asked(cast)
    url = reverse("survey-answer", args=[sent.token])
    page = client.get(f"{url}?language=ro")
    assert page.status_code == 200 and 'lang="ro"' in page.content.decode()
    assert "Novák" not in page.content.decode() and "session" not in "".join(client.cookies)
    data = {
        "code": "AAA AAA",
        "a_ons4_life_satisfaction": "8",
        "a_ons4_worthwhile": "9",
        "a_ons4_happiness": "",
        "a_ons4_anxiety": "1",
        "share": "yes",
    }
    wrong = client.post(url, data)
    assert wrong.status_code == 422 and list(wrong.context["form"].errors) == ["code"]
    assert wrong.content.decode().count("checked") == 5
    done = client.post(url, {**data, "code": sent.code.replace(" ", "").lower()})
    assert done.status_code == 200 and "Thank you" in done.content.decode()
    assert client.get(url).status_code == 404
    sign_in(client, cast.practitioner)
    tab = client.get(reverse("case-outcomes", args=[cast.case.pk])).content.decode()
    assert "wanted its worker to see" in tab and "Not said or not asked" in tab
    survey = client.get(reverse("survey", args=[Survey.objects.get().pk])).content.decode()
    assert "100 %" in survey and "Fewer than five answers" in survey
    assert "0 = not at all anxious; 10 = completely anxious" in survey


def test_paper_is_entered_and_an_ended_survey_opens_nothing(cast: Cast, client: Client) -> None:
    survey = drawn(cast)
    with as_(cast.practitioner):
        invitation = SurveyInvitation.objects.get()
    sign_in(client, cast.practitioner)
    link = client.post(reverse("survey-link", args=[invitation.pk])).content.decode()
    token = link.split("/survey/")[1].split("/")[0]
    assert client.get(reverse("survey-answer", args=[token])).status_code == 200
    sign_in(client, cast.manager).post(reverse("survey-end", args=[survey.pk]))
    assert client.get(reverse("survey-answer", args=[token])).status_code == 404
    sign_in(client, cast.practitioner)
    assert client.post(reverse("survey-link", args=[invitation.pk])).status_code == 409


def test_reminders_are_told_of_printed_once_and_end_with_the_last_day(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    survey = asked(cast).invitation.survey
    families = reverse("survey-families", args=[survey.pk])
    letters = reverse("survey-letters", args=[survey.pk])
    with as_(cast.practitioner):
        SurveyInvitation.objects.update(sent_on=today - timedelta(days=10))
    Survey.objects.update(first_reminder_on=today, second_reminder_on=today + timedelta(days=7))
    assert [tell_of_reminders(today) for _ in range(2)] == [1, 1]
    told = Message.objects.get(key__startswith="survey-reminder")
    assert told.to == cast.leader.email and told.url == families
    assert "One family has not answered" in told.body and "Novák" not in told.body
    sign_in(client, cast.leader)
    assert "Print 1 reminder" in client.get(families).content.decode()
    assert client.post(letters, {"which": "reminders"}).content.startswith(b"%PDF")
    page = client.get(families).content.decode()
    assert "Print" not in page and "reminded 1 time" in page
    assert tell_of_reminders(today) == 0
    assert tell_of_reminders(today + timedelta(days=40)) == 0
    with as_(cast.leader):
        invitation = SurveyInvitation.objects.get()
    Survey.objects.update(answer_until=today - timedelta(days=1))
    assert "Link and code" not in client.get(families).content.decode()
    assert client.post(reverse("survey-link", args=[invitation.pk])).status_code == 409
    # What was posted in time and comes back late is still entered.
    assert client.get(reverse("survey-paper", args=[invitation.pk])).status_code == 200
