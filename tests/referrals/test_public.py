"""The public form, as somebody without a sign-in meets it."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.cache import SharedCache
from cluster_ehs.core.models import Change, Event, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from families.models import Person
from referrals.models import Intake, PublicDraft, Referral
from referrals.public.draft import forget_old, form_scope
from tests.fixtures_cast import Cast, as_, sign_in

SECRET_WORDS = ("Zdeňka", "Novák", "cries at the gate", "Invented Row", "Jana", "0113 496 0555")


@pytest.fixture(autouse=True)
def _no_hurry(settings: Any) -> None:
    settings.PUBLIC_FORM_SECONDS = 0


def answers(cast: Cast, who: str = "professional", **changed: Any) -> dict[str, dict[str, Any]]:
    steps: dict[str, dict[str, Any]] = {
        "who": {"who_asks": who},
        "school": {"search": "invented", "school": str(cast.school.pk)},
        "name": {"first_name": "Zdeňka", "last_name": "Novák"},
        "age": {"birth_date-day": "27", "birth_date-month": "3", "birth_date-year": "2017", "age": ""},
        "home": {"address": "1 Invented Row", "postcode": "LS8 1AA"},
        "worries": {"worrying": "She cries at the gate."},
        "safety": {"harm": "no"},
        "well": {"going_well": ""},
        "wants": {"family_wants": "Calm mornings."},
    }
    if who == "professional":
        steps |= {"agree": {"agreed": "yes"}, "carer": {"carer_first_name": "Jana", "carer_last_name": "Novák"}}
        contact = {"name": "Rae Invented", "role": "SENCO", "email": "rae@example.org", "telephone": "0113 496 0555"}
    else:
        steps |= {"consent": {"ask_school": "yes"}}
        contact = {"name": "Jana Novák", "email": "", "telephone": "0113 496 0555"}
    return {**steps, "contact": contact, **changed}


def fill_in(client: Client, steps: dict[str, dict[str, Any]], language: str = "en") -> None:
    """Every page in turn, following where the form leads."""
    answer = client.post(f"/ask/{language}/")
    while not answer["Location"].endswith("/check/"):
        slug = answer["Location"].rstrip("/").rpartition("/")[2]
        answer = client.post(answer["Location"], steps[slug])
        assert answer.status_code == 302, (slug, answer.content.decode())


def code_mailed(to: str) -> str:
    body = Message.objects.filter(to=to, key__startswith="public-code").latest("id").body
    return re.search(r"\b\d{6}\b", body)[0]  # type: ignore[index]


def received(cast: Cast) -> Intake:
    with as_(cast.leader):
        return Intake.objects.get()


def test_the_list_of_answers_says_whose_each_name_is(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    page = client.get("/ask/en/check/").content.decode()
    places = [
        page.index(said)
        for said in (
            ">Who needs help?</h2>",
            ">Who is the parent or carer?</h2>",
            "Jana",
            ">How can we reach you?</h2>",
        )
    ]
    assert places == sorted(places)
    # A page of one question is that question; it says nothing twice.
    assert page.count("What is going well?") == 2, "the row, and the hidden words of its link"


def test_a_professional_proves_the_address_and_the_request_waits_to_be_matched(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    assert client.post("/ask/en/check/")["Location"] == "/ask/en/code/"
    with as_(cast.leader):
        assert not Intake.objects.exists(), "nothing is taken before the address is proven"
    assert client.post("/ask/en/code/", {"code": "000000"}).status_code in {422}
    assert client.post("/ask/en/code/", {"code": code_mailed("rae@example.org")})["Location"] == "/ask/en/done/"
    intake = received(cast)
    assert (intake.cluster, intake.school, intake.source, intake.proven) == (cast.cluster, cast.school, "online", True)
    assert intake.payload["birth_date"] == "2017-03-27"
    assert intake.payload["carer_first_name"] == "Jana"
    assert intake.reference in client.get("/ask/en/done/").content.decode()
    assert Message.objects.filter(to="rae@example.org", body__contains=intake.reference).count() == 1


def test_linked_by_a_person_it_is_an_ordinary_referral_to_screen(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, "parent"))
    client.post("/ask/en/check/")
    staff = sign_in(Client(), cast.practitioner)
    made = staff.post(reverse("intake", args=[received(cast).pk]), {"new": "yes"})
    with as_(cast.practitioner):
        referral = Referral.objects.select_related("child", "route", "story").get(pk=made["Location"].split("/")[-2])
        assert (referral.status, referral.channel, referral.route.code) == ("to_screen", "online", "self_or_family")
        assert (referral.child.first_name, referral.agreed, referral.agreed_by) == ("Zdeňka", "yes", "Jana Novák")
        assert referral.school == cast.school
        assert referral.story.worrying == "She cries at the gate."
        carer = Person.objects.get(family_id=referral.family_id, is_child=False)
        assert (carer.first_name, carer.telephone) == ("Jana", "0113 496 0555")


def test_a_family_without_e_mail_waits_for_a_ring_back(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, "parent"))
    assert client.post("/ask/en/check/")["Location"] == "/ask/en/done/"
    assert received(cast).proven is False
    page = sign_in(Client(), cast.practitioner).get(reverse("intake-list")).content.decode()
    assert "Ring back" in page


def test_sent_twice_it_is_there_once(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, "young"))
    first, second = client.post("/ask/en/check/"), client.post("/ask/en/check/")
    assert first["Location"] == second["Location"] == "/ask/en/done/"
    received(cast)


def test_no_mail_holds_anything_of_the_family(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, safety={"harm": "yes"}), "pl")
    client.post("/ask/pl/check/")
    client.post("/ask/pl/code/", {"code": code_mailed("rae@example.org")})
    mails = list(Message.objects.all())
    assert {mail.to for mail in mails} == {"rae@example.org", cast.leader.email}
    for mail in mails:
        assert not [word for word in SECRET_WORDS if word.lower() in f"{mail.subject} {mail.body}".lower()]


def same_for_anybody(page: str) -> str:
    """A page without what is new each time: tokens and the reference."""
    return re.sub(r'value="[^"]{36,}"|nonce="[^"]*"|AH-\w{4}-\w{4}', "…", page)


def test_a_known_child_and_an_unknown_one_get_the_same_pages_from_the_same_work(cast: Cast) -> None:
    walks = []
    for first, last in (("Zdeňka", "Novák"), ("Quirin", "Zzyzx")):
        client, pages, work = Client(), [], 0
        contact = {"name": "Kim Someone", "telephone": "0113 496 0555"}
        steps = answers(cast, "parent", name={"first_name": first, "last_name": last}, contact=contact)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fill_in(client, steps)
            pages.append(client.get("/ask/en/check/").content.decode().replace(first, "F").replace(last, "L"))
            pages.append(client.post("/ask/en/check/").content.decode())
            pages.append(client.get("/ask/en/done/").content.decode())
        asked = [re.sub(r"'[^']*'", "?", query["sql"])[:60] for query in queries]
        work = len(asked)
        assert not [sql for sql in asked if "families_" in sql]
        walks.append(([same_for_anybody(page) for page in pages], work))
    assert walks[0] == walks[1]


def test_the_form_reads_back_no_family_and_no_other_draft(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    with form_scope("another secret"):
        assert not PublicDraft.objects.exists()
        assert not Person.objects.exists()
    with as_(cast.leader):
        assert not PublicDraft.objects.exists()


def test_unfinished_answers_are_sealed_and_leave_no_trace(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    with form_scope(client.cookies["ask"].value):
        row = PublicDraft.objects.get()
        assert not re.search(r"Zde[ň\\]", row.sealed)
        PublicDraft.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    with as_(cast.leader):
        assert not Change.objects.filter(table_name="referrals_publicdraft").exists()
        assert not Event.objects.filter(kind="intake.received").exists()
    assert client.get("/ask/en/check/")["Location"] == "/ask/en/"
    forget_old()
    with form_scope(client.cookies["ask"].value):
        assert not PublicDraft.objects.exists()


def test_leaving_deletes_the_answers(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    secret = client.cookies["ask"].value
    client.post("/ask/en/leave/")
    with form_scope(secret):
        assert not PublicDraft.objects.exists()


def test_a_code_bears_five_tries(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    client.post("/ask/en/check/")
    right = code_mailed("rae@example.org")
    wrong = "111111" if right != "111111" else "222222"
    for _ in range(5):
        client.post("/ask/en/code/", {"code": wrong})
    assert client.post("/ask/en/code/", {"code": right}).status_code == 422
    client.post("/ask/en/code/", {"again": "yes"})
    assert client.post("/ask/en/code/", {"code": code_mailed("rae@example.org")}).status_code == 302


def test_what_fills_every_box_or_is_too_quick_is_asked_again_and_loses_nothing(
    cast: Cast, client: Client, settings: Any
) -> None:
    fill_in(client, answers(cast, "parent"))
    assert client.post("/ask/en/check/", {"website": "https://spam.example"}).status_code == 422
    settings.PUBLIC_FORM_SECONDS = 60
    page = client.post("/ask/en/check/")
    assert page.status_code == 422
    assert "Zdeňka" in page.content.decode()
    with as_(cast.leader):
        assert not Intake.objects.exists()
    settings.PUBLIC_FORM_SECONDS = 0
    assert client.post("/ask/en/check/").status_code == 302


def test_one_mailbox_is_not_flooded(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast))
    statuses = [client.post("/ask/en/check/").status_code for _ in range(6)]
    assert statuses == [302] * 5 + [429]
    assert Message.objects.filter(to="rae@example.org").count() == 5


def test_one_address_begins_so_many_and_no_more(cast: Cast) -> None:
    statuses = [Client().post("/ask/en/").status_code for _ in range(61)]
    assert statuses[-2:] == [302, 429]


def test_without_redis_there_is_still_a_limit() -> None:
    away = SharedCache("redis://127.0.0.1:1/0", {})
    assert [
        away.count(f"limit:test:{time.time_ns()}", 60),
        away.count("limit:once", 60),
        away.count("limit:once", 60),
    ] == [
        1,
        1,
        2,
    ]


def test_a_school_of_no_cluster_goes_to_the_leaders(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, "parent", school={"search": "Hogwash Hall", "school": "none"}))
    client.post("/ask/en/check/")
    with as_(cast.other_leader):
        assert Intake.objects.get().payload["school_name"] == "Hogwash Hall"


def test_a_fear_of_harm_tells_the_leaders(cast: Cast, client: Client) -> None:
    fill_in(client, answers(cast, "parent", safety={"harm": "yes"}))
    client.post("/ask/en/check/")
    assert Message.objects.filter(to=cast.leader.email, key__startswith="harm:intake").count() == 1


def test_a_school_user_begins_with_school_and_self_filled_in(cast: Cast, client: Client) -> None:
    sign_in(client, cast.referrer)
    assert reverse("school-ask") in client.get(reverse("home")).content.decode()
    answer = client.post(reverse("school-ask"))
    steps, seen = answers(cast), []
    while not answer["Location"].endswith("/check/"):
        slug = answer["Location"].rstrip("/").rpartition("/")[2]
        seen.append(slug)
        answer = client.post(answer["Location"], steps[slug])
    assert not {"who", "school", "contact"} & set(seen)
    assert client.post("/ask/en/check/")["Location"] == "/ask/en/done/"
    intake = received(cast)
    assert (intake.school, intake.proven, intake.payload["referrer_email"]) == (cast.school, True, cast.referrer.email)
    assert intake.payload["route"] == "mainstream_school"


def test_nothing_is_kept_by_browser_or_proxy(cast: Cast, client: Client) -> None:
    assert client.get("/ask/en/")["Cache-Control"] == "no-store, private"
    fill_in(client, answers(cast))
    assert client.get("/ask/en/check/")["Cache-Control"] == "no-store, private"
    assert client.cookies["ask"]["httponly"]


def test_the_actor_of_the_form_writes_nothing_but_what_is_to_be_matched(cast: Cast) -> None:
    with acting_as(NamedActor.PUBLIC_FORM, clusters=[cast.cluster.pk]):
        assert not Referral.objects.exists()
        assert not Intake.objects.exists()
