"""Asking who referred for more: the way out, the answer without a sign-in, and back to the agenda."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Term
from families.models import Person
from families.services import restrict
from referrals.models import Referral
from tests.fixtures_cast import Cast, as_, sign_in
from tests.triage.pages import at_most, once
from tests.triage.test_meetings import a_referral_of, plan, references
from triage import services
from triage.models import Meeting, Question
from triage.services.planning import carry_on

ASKED = {"text": "Who lives at home with Jakub?"}


def with_referrer(cast: Cast, **values: object) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Referral.objects.filter(pk=cast.referral.pk).update(**values)


def ask(cast: Cast) -> Question:
    with as_(cast.leader):
        return services.ask_referrer(by=cast.leader, referral=Referral.objects.get(pk=cast.referral.pk), **ASKED)


def link(cast: Cast) -> str:
    """The address in the mail, from its path on."""
    return re.search(r"https?://[^/]+(/answer/\S+)", Message.objects.get(to="rae@school.example").body).group(1)


def test_the_mail_names_nobody_and_its_link_takes_one_answer(cast: Cast, client: Client) -> None:
    with_referrer(cast, referrer_email="rae@school.example")
    sign_in(client, cast.leader)
    second = a_referral_of(cast, "Next", 12)
    with as_(cast.leader):
        services.fill_agenda(by=cast.leader, meeting=cast.meeting)
    url = f"/screening/{cast.meeting.pk}/{cast.referral.pk}/"
    due = timezone.localdate() + timedelta(days=7)
    form = {**once(), **ASKED, "due_on-day": due.day, "due_on-month": due.month, "due_on-year": due.year}
    # On to the next undecided referral; the one that waits is off the agenda.
    assert client.post(url + "ask/", form).url == f"/screening/{cast.meeting.pk}/{second.pk}/"
    assert "the referrer was asked" in client.get(url).content.decode()
    mail = Message.objects.get(to="rae@school.example")
    for personal in ("Jakub", "Wójcik", "home", "Invented Primary"):
        assert personal not in mail.subject + mail.body
    with as_(cast.leader):
        assert mail.body.count(Question.objects.get().token_digest) == 0

    anybody = Client()
    with at_most(2):
        page = anybody.get(link(cast))
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    text = page.content.decode()
    assert "Who lives at home with Jakub?" in text and cast.referral.reference in text
    assert "Wójcik" not in text and "Late most Mondays" not in text
    assert "There is a problem" in anybody.post(link(cast), {"name": "", "answer": ""}).content.decode()
    answer = {"name": "Rae Invented", "answer": "Mum, and <b>Gran</b> since May."}
    assert "Thank you" in anybody.post(link(cast), answer).content.decode()
    assert anybody.post(link(cast), {**answer, "answer": "Somebody else."}).status_code == 404
    assert anybody.get(link(cast)).status_code == 404

    # The answer stands on the board, marked as what it is, and the history knows who gave it.
    page = html.unescape(client.get(url).content.decode())
    assert "Mum, and <b>Gran</b> since May." in page and "Rae Invented" in page
    with as_(cast.leader):
        assert Event.objects.filter(actor="referrer, by a link", family_id=cast.referral.family_id).count() == 1


def test_a_link_from_before_the_record_became_restricted_opens_nothing(cast: Cast) -> None:
    with_referrer(cast, referrer_email="rae@school.example")
    question = ask(cast)
    page, anybody = link(cast), Client()
    assert ASKED["text"] in anybody.get(page).text
    with as_(cast.leader):
        restrict(by=cast.leader, family=question.family, restricted=True, readers=[])
    assert anybody.get(page).status_code == 404
    assert anybody.post(page, {"name": "Rae", "answer": "Gran."}).status_code == 404
    with as_(cast.leader):
        # Who is named rings the referrer, notes the answer, and may ask again.
        found = services.answer_question(by=cast.leader, question=question, answer="Mum.", told_by="Rae Invented")
        assert found.answer == "Mum."
        Message.objects.all().delete()
    ask(cast)
    assert ASKED["text"] in anybody.get(link(cast)).text


def test_the_answer_puts_the_referral_back_on_the_next_agenda(cast: Cast) -> None:
    with_referrer(cast, referrer_email="rae@school.example")
    question = ask(cast)
    with as_(cast.leader):
        following = plan(cast, 5)
        assert references(following) == []
        services.close_meeting(by=cast.leader, meeting=services.open_meeting(by=cast.leader, meeting=cast.meeting))
    Client().post(link(cast), {"name": "Rae", "answer": "Gran."})
    carry_on()
    with as_(cast.leader):
        assert references(following) == [cast.referral.reference]
        assert Question.objects.get(pk=question.pk).answered_by_name == "Rae"


def test_an_answer_in_the_same_meeting_brings_it_back_there(cast: Cast) -> None:
    with as_(cast.leader):
        services.open_meeting(by=cast.leader, meeting=cast.meeting)
    question = ask(cast)
    with as_(cast.practitioner):
        services.answer_question(
            by=cast.practitioner, question=question, answer="Gran and Mum.", told_by="Rae Invented, by telephone"
        )
    with as_(cast.leader):
        assert cast.meeting.items.get().deferred_at is None
        with pytest.raises(Conflict, match="Answered by Rae Invented, by telephone"):
            services.answer_question(by=cast.leader, question=question, answer="Other")


def test_without_an_answer_it_comes_back_the_day_after(cast: Cast) -> None:
    question = ask(cast)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Question.objects.filter(pk=question.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    with as_(cast.leader):
        assert references(plan(cast, 5)) == [cast.referral.reference]


def test_a_colleague_finds_the_question_at_home_and_the_leader_the_answer(cast: Cast, client: Client) -> None:
    with_referrer(cast, author=cast.practitioner)
    question = ask(cast)
    assert question.to_user == cast.practitioner and question.token_digest == ""
    sign_in(client, cast.practitioner)
    assert "a question for you" in client.get("/").content.decode()
    url = f"/screening/questions/{question.pk}/"
    assert ASKED["text"] in client.get(url).content.decode()
    assert client.post(url, {**once(), "answer": "Gran."}).status_code == 302
    sign_in(client, cast.leader)
    assert "the referrer has answered" in client.get(f"/screening/referrals/{cast.referral.pk}/").content.decode()


def test_the_link_ends_with_its_day_with_the_decision_and_after_many_tries(cast: Cast) -> None:
    with_referrer(cast, referrer_email="rae@school.example")
    question = ask(cast)
    address = link(cast)
    for values, back in (
        ({"due_on": timezone.localdate() - timedelta(days=1)}, {"due_on": timezone.localdate()}),
        ({"tries": 20}, {"tries": 0}),
    ):
        with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
            Question.objects.filter(pk=question.pk).update(**values)
        assert Client().post(address, {"name": "Rae", "answer": "Gran."}).status_code == 404
        with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
            Question.objects.filter(pk=question.pk).update(**back)
    with as_(cast.leader):
        services.decide(by=cast.leader, referral=cast.referral, response="other", rationale="Unclear.")
    assert Client().get(address).status_code == 404


def test_one_address_asks_for_links_so_often_and_then_waits(cast: Cast) -> None:
    anybody = Client()
    answers = [anybody.get(f"/answer/guess-{number}/").status_code for number in range(62)]
    assert answers == [404] * 60 + [429] * 2


def test_who_answers_by_the_link_reads_and_writes_nothing_else(cast: Cast) -> None:
    question = ask(cast)
    with acting_as(NamedActor.ANSWER):
        assert not Person.objects.exists() and not Referral.objects.exists() and not Question.objects.exists()
        assert Question.objects.filter(pk=question.pk).update(answer="x", answered_at=timezone.now()) == 0
        with connection.cursor() as cursor:
            # Questions without a link have an empty digest, which opens nothing.
            cursor.execute("SELECT count(*) FROM ehs_question('')")
            assert cursor.fetchone()[0] == 0


def test_nothing_is_asked_before_the_step_up_nor_twice_nor_by_who_does_not_lead(cast: Cast) -> None:
    flagged = a_referral_of(cast, "Harm", 13, harm=True)
    with as_(cast.leader), pytest.raises(Denied, match="never left in a queue"):
        services.ask_referrer(by=cast.leader, referral=flagged, **ASKED)
    with as_(cast.practitioner), pytest.raises(Denied, match="Only a leader"):
        services.ask_referrer(by=cast.practitioner, referral=cast.referral, **ASKED)
    ask(cast)
    with pytest.raises(Conflict, match="open already"):
        ask(cast)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        assert Meeting.objects.get(pk=cast.meeting.pk).items.get().deferred_reason.endswith(ASKED["text"])


def test_a_school_answers_under_its_own_sign_in_and_reads_nothing_else(cast: Cast, client: Client) -> None:
    with_referrer(cast, referrer_email="rae@school.example", route=Term.objects.get(vocabulary="route", code="police"))
    asked = ask(cast)
    url = f"/my-school/questions/{asked.pk}/"
    sign_in(client, cast.referrer)
    # What the police brought is not asked of the school.
    assert client.get(url).status_code == 404
    assert "Questions for your school" not in client.get("/my-school/").content.decode()
    with_referrer(cast, route=Term.objects.get(vocabulary="route", code="mainstream_school"))
    for home in ("/my-school/", "/"):
        assert url in client.get(home).content.decode()
    page = client.get(url).content.decode()
    assert ASKED["text"] in page
    assert "Wójcik" not in page
    sign_in(client, cast.practitioner)
    assert client.get(url).status_code == 403
    with as_(cast.practitioner), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_school_answer(%s, 'x'), (SELECT count(*) FROM ehs_school_questions())", [asked.pk])
        assert cursor.fetchone() == (False, 0)
    sign_in(client, cast.referrer)
    assert client.post(url, {**once(), "answer": " "}).status_code == 422
    sent = {**once(), "answer": "He, his mother and an aunt."}
    assert [client.post(url, sent).url for _ in range(2)] == ["/my-school/"] * 2
    assert client.get(url).status_code == 404
    with as_(cast.referrer):
        assert not Question.objects.exists()
    with as_(cast.leader):
        asked.refresh_from_db()
        assert (asked.answer, asked.answered_by) == ("He, his mother and an aunt.", cast.referrer)
        assert asked.answered_by_name == cast.referrer.name
        assert Event.objects.filter(text__contains="The school answered", user_id=cast.referrer.pk).count() == 1
