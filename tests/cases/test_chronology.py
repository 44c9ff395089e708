"""The chronology: everything in one line, what of it is asked for, who may read it, what it costs."""

import uuid
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Contact, ContactNote, ContactPerson, Pin
from cases.selectors.chronology import MOST, PAGE
from cases.services import Heard, log_contact, review_plan, set_goal
from cluster_ehs.core import pdf
from outcomes.family_page.services import make_family_link
from outcomes.models import AvertedStep, FamilyReading, NeedsRound
from tests.fixtures_cast import Cast, a_contact, as_, sign_in
from tests.queries import queries


def page(cast: Cast, name: str = "case-chronology") -> str:
    return reverse(name, args=[cast.case.pk])


def many(cast: Cast, number: int) -> None:
    """Contacts on days of the past, several at the same moment, each with its note."""
    start = timezone.now() - timedelta(days=300)
    keys: dict[str, Any] = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    with as_(cast.practitioner):
        made = Contact.objects.bulk_create(
            Contact(
                **keys, case=cast.case, kind="phone", at=start + timedelta(hours=n // 3 * 7), author=cast.practitioner
            )
            for n in range(number)
        )
        ContactNote.objects.bulk_create(
            ContactNote(**keys, contact=contact, text=f"Entry {n:04d}.", author=cast.practitioner)
            for n, contact in enumerate(made)
        )
        ContactPerson.objects.bulk_create(
            ContactPerson(**keys, contact=contact, person=cast.child) for contact in made[::10]
        )


@pytest.fixture
def lived(cast: Cast) -> Cast:
    """A case in which a little of each kind happened."""
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Mornings without shouting", whose=cast.mother)
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="home_visit",
            at=timezone.now() - timedelta(hours=2),
            people=[cast.mother],
            note="A good morning, 50% better.",
            child_said="",
            scores={goal.pk: 6},
        )
        review_plan(by=cast.practitioner, case=cast.case, decisions="Carry on.", took_part="Jana")
        make_family_link(by=cast.practitioner, case=cast.case, person=cast.mother)
    return cast


def test_needs_readings_and_what_was_averted_stand_in_it(cast: Cast, client: Client) -> None:
    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk, "case": cast.case, "author": cast.practitioner}
    day = timezone.localdate()
    with as_(cast.practitioner):
        NeedsRound.objects.create(**keys, moment="start", done_on=day)
        FamilyReading.objects.create(**keys, moment="start", taken_on=day)
        for mistaken, children in ((False, 2), (True, 1)):
            AvertedStep.objects.create(
                **keys, level="protection", averted_on=day, judged_by="taf", children=children, mistaken=mistaken
            )
    sign_in(client, cast.practitioner)
    answer = client.get(page(cast))
    assert {
        "Needs at the start: none found",
        "Averted: child protection plan, 2 children",
        "Reading at the start",
    } <= set(titles(answer))
    assert sum(title.startswith("Averted") for title in titles(answer)) == 1
    only = client.get(page(cast), {"kind": ["needs", "averted"]})
    assert {entry["kind"] for entry in only.context["entries"]} == {"needs", "averted"}
    assert len(queries(client, page(cast))) <= 12


def titles(answer: Any) -> list[str]:
    return [entry["title"] for entry in answer.context["entries"]]


def test_several_kinds_a_person_words_days_and_the_order_together(lived: Cast, client: Client) -> None:
    sign_in(client, lived.practitioner)
    url = page(lived)
    everything = titles(client.get(url))
    for said in (
        "Referral RI-", "Home visit", "Goal agreed", "Scores", "Plan reviewed", "Lead worker:", "Private link given",
    ):  # fmt: skip
        assert any(title.startswith(said) for title in everything), said
    assert not any(title.startswith("Looked") for title in everything)
    assert titles(client.get(url, {"order": "oldest"})) == everything[::-1]
    two = {entry["kind"] for entry in client.get(url, {"kind": ["scores", "reviews"]}).context["entries"]}
    assert two == {"scores", "reviews"}
    hers = client.get(url, {"person": str(lived.mother.pk)})
    assert {entry["kind"] for entry in hers.context["entries"]} == {"contacts", "goals", "scores"}
    assert "with Jana" in hers.content.decode()
    # A per cent sign is a letter like another, and what was looked for does not stand in an address.
    for words, kinds in (("50% BETTER", {"contacts"}), ("50_ better", set()), ("carry on", {"reviews"})):
        answer = client.post(url, {"words": words})
        assert {entry["kind"] for entry in answer.context["entries"]} == kinds, words
    assert "words=" not in client.post(url, {"kind": "scores"})["Location"]
    tomorrow = f"{timezone.localdate() + timedelta(days=1):%Y-%m-%d}"
    assert titles(client.get(url, {"since": tomorrow})) == []
    for strange in ("9999-12-31", "0001-01-01", "2026-02-31", "x"):
        assert (
            client.get(url, {"since": strange, "until": strange, "person": strange, "after": strange}).status_code
            == 200
        )


def test_who_looked_is_for_those_who_read_the_history_and_only_when_asked(lived: Cast, client: Client) -> None:
    for user, seen in ((lived.practitioner, True), (lived.leader, True), (lived.colleague, False)):
        sign_in(client, user)
        client.get(page(lived))
        answer = client.get(page(lived), {"kind": "looks"})
        assert any(title == "Looked at the record" for title in titles(answer)) is seen, user
        printed = client.get(page(lived, "case-chronology-print"), {"kind": "looks"}).content.decode()
        assert ("Looked at the record" in printed) is seen


def test_private_notes_and_hidden_addresses_are_in_no_form_of_it(lived: Cast, client: Client) -> None:
    words = "What was said in therapy."
    for user in (lived.practitioner, lived.leader, lived.therapist):
        sign_in(client, user)
        for name in ("case-chronology", "case-chronology-print"):
            text = client.get(page(lived, name)).content.decode()
            assert (words in text) is (user == lived.therapist), (user, name)
            assert lived.family.address not in text
        found = titles(client.post(page(lived), {"words": "said in therapy"}))
        assert bool(found) is (user == lived.therapist), "not even by looking for it"


def test_pages_by_key_show_each_of_a_thousand_once(cast: Cast, client: Client) -> None:
    many(cast, 200)
    sign_in(client, cast.practitioner)
    for order in ("newest", "oldest"):
        seen: list[str] = []
        address = f"{page(cast)}?order={order}"
        while address:
            answer = client.get(address)
            entries = answer.context["entries"]
            assert len(entries) <= PAGE
            seen += [entry["key"] for entry in entries]
            after = answer.context["next"]
            address = f"{page(cast)}?order={order}&after={after.replace('+', '%2B')}" if after else ""
        assert len(seen) == len(set(seen)) > 200


@pytest.mark.parametrize("number", [5, 100, 1000])
def test_it_costs_twelve_statements_with_5_100_and_1000_entries(cast: Cast, client: Client, number: int) -> None:
    many(cast, number)
    sign_in(client, cast.practitioner)
    url = page(cast)
    assert len(queries(client, url)) <= 12
    assert len(queries(client, url, {"words": "Entry 00"})) <= 12
    assert len(queries(client, page(cast, "case-chronology-print"))) <= 12
    text = client.get(page(cast, "case-chronology-print")).content.decode()
    assert text.count("Entry ") == number < MOST


@pytest.mark.skipif(bool(pdf.MISSING), reason=pdf.MISSING)
def test_the_pdf_is_tagged_and_holds_what_was_chosen(lived: Cast, client: Client) -> None:
    sign_in(client, lived.practitioner)
    answer = client.get(page(lived, "case-chronology-pdf"), {"kind": "reviews"})
    assert answer["Content-Type"] == "application/pdf"
    assert pikepdf.open(BytesIO(answer.content)).Root.MarkInfo.Marked
    assert client.post(page(lived), {"as": "pdf", "kind": "reviews"})["Location"].endswith("/pdf/?kind=reviews")


def test_a_significant_event_stands_on_top_and_on_the_overview_until_it_is_taken_off(
    cast: Cast, client: Client
) -> None:
    sign_in(client, cast.practitioner)
    pin = reverse("pin-new", args=[cast.case.pk, "contacts", cast.contact.pk])
    assert client.post(pin, {"reason": " "}).status_code == 422
    assert (
        client.post(pin, {"reason": "The first time they opened the door.", "once": str(uuid.uuid4())}).status_code
        == 302
    )
    again = client.post(pin, {"reason": "Once more.", "once": str(uuid.uuid4())})
    assert again.status_code == 409
    for name in ("case-chronology", "case", "case-chronology-print"):
        assert "The first time they opened the door." in client.get(page(cast, name)).content.decode(), name
    sign_in(client, cast.colleague)
    assert client.get(pin).status_code == 403
    assert "Take off" not in client.get(page(cast)).content.decode()
    sign_in(client, cast.practitioner)
    with as_(cast.practitioner):
        made = Pin.objects.get()
        assert made.at == cast.contact.at
    off = reverse("pin-remove", args=[cast.case.pk, made.pk])
    assert [client.post(off).status_code for _ in range(2)] == [302, 409]
    assert "opened the door" not in client.get(page(cast)).content.decode()
    nothing = reverse("pin-new", args=[cast.case.pk, "contacts", uuid.uuid4()])
    assert client.get(nothing).status_code == 404


def test_a_day_is_the_day_in_london(cast: Cast, client: Client) -> None:
    """Half past eleven at night in July is still that day, though it is the next one in no other zone that counts."""
    at = timezone.make_aware(datetime.combine(timezone.localdate().replace(month=7, day=1), time(23, 30)))
    at = at.replace(year=at.year - 1)
    with as_(cast.practitioner):
        late = a_contact(cast.case, author=cast.practitioner, text="Late on the first of July.")
        Contact.objects.filter(pk=late.pk).update(at=at)
    sign_in(client, cast.practitioner)
    day = f"{at.year}-07-01"
    assert "Late on the first" in client.get(page(cast), {"since": day, "until": day}).content.decode()
    assert "Late on the first" not in client.get(page(cast), {"since": f"{at.year}-07-02"}).content.decode()


def test_what_each_child_said_and_who_was_at_a_review(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Mornings without shouting")
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            at=timezone.now() - timedelta(hours=1),
            people=[cast.mother],
            note="Rang.",
            heard={cast.child.pk: Heard("Drew a door with a lock.", "drawing")},
        )
        review_plan(by=cast.practitioner, case=cast.case, decisions="Carry on.", people=[cast.mother, cast.child])
    sign_in(client, cast.practitioner)
    entries = client.get(page(cast)).context["entries"]
    said = [entry for entry in entries if "Drew a door with a lock." in entry["text"]]
    assert [entry["text"] for entry in said] == [f"Rang.\n{cast.child.short_name}: “Drew a door with a lock.”"]
    review = next(entry for entry in entries if entry["kind"] == "reviews")
    assert cast.mother.short_name in review["by"] and cast.child.short_name in review["by"]
    of_child = client.get(page(cast), {"person": str(cast.child.pk)}).context["entries"]
    assert said[0]["ref"] in {entry["ref"] for entry in of_child}, "about the child, who was not there"
    found = client.get(page(cast), {"words": "with a lock"}).context["entries"]
    assert [entry["ref"] for entry in found] == [said[0]["ref"]]
    assert "door with a lock" not in sign_in(client, cast.other_practitioner).get(page(cast)).content.decode()
