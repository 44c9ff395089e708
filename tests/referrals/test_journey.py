"""Log a referral: search first, fill in sections, check, submit once."""

import re
import threading
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Draft, Event, Message
from clusters.models import Role, School, SchoolMembership, Term
from families.models import Agreement, Family, Flag, Person, PersonToken, StoredFile
from families.services import index_people
from referrals.eligibility import eligibility
from referrals.models import Referral, Status
from tests.fixtures_cast import Cast, a_user, as_, make_cast, sign_in

NEW = "/referrals/new/"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def vocabulary(db: None) -> dict[str, Term]:
    """The terms that a test names, whether or not the lists are loaded."""

    def term(vocabulary: str, code: str, label: str, parent: Term | None = None) -> Term:
        return Term.objects.get_or_create(
            vocabulary=vocabulary, code=code, defaults={"label": label, "parent": parent, "order": 1}
        )[0]

    reason = term("reason", "semh_presenting", "SEMH presenting behaviours")
    return {
        "route": term("route", "mainstream_school", "Mainstream school"),
        "ethnicity": term("ethnicity", "WBRI", "White British"),
        "sen": term("sen_type", "ASD", "Autistic spectrum disorder"),
        "category": reason,
        "anxiety": term("reason", "semh_presenting.anxiety", "Anxiety", reason),
        "other": term("reason", "other", "Other"),
    }


def parts(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def answers(cast: Cast, terms: dict[str, Term], **changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A whole referral, section by section; `changes` by section replace single answers."""
    today = timezone.localdate()
    whole: dict[str, dict[str, Any]] = {
        "child": {
            "first_name": "Štefan",
            "last_name": "Rădulescu",
            **parts("birth_date", today - timedelta(days=4000)),
            "gender": "male",
            "ethnicity": terms["ethnicity"].pk,
            "interpreter_needed": "no",
            "address": "7 Imaginary Lane",
            "postcode": "LS9 9ZZ",
            "carer_first_name": "Ioana",
        },
        "school": {"school": cast.school.pk, "year_group": "", "attendance_percent": "81.5"},
        "referrer": {
            **parts("received_on", today - timedelta(days=1)),
            "route": terms["route"].pk,
            "channel": "phone",
            "name": "Rae Invented",
        },
        "reasons": {f"reason_{terms['category'].pk}": [terms["anxiety"].pk]},
        "story": {"worrying": "Late most Mondays.", "going_well": "Loves football."},
        "agreement": {
            "agreed": "yes",
            "agreed_by": "Ioana, mother",
            **parts("agreed_on", today),
            "agreed_how": "phone",
        },
        "risks": {"harm": "no", "visiting_risks": "", "address_not_shared": ""},
    }
    for section, change in changes.items():
        whole[section] |= change
    return whole


def begin(client: Client, **chosen: str) -> str:
    token = str(uuid.uuid4())
    answer = client.post(reverse("referral-start"), {"token": token, "name": "Štefan Rădulescu", **chosen})
    assert answer.status_code == 302
    assert answer["Location"] == f"{NEW}{token}/"
    return answer["Location"]


def fill_in(client: Client, tasks: str, whole: dict[str, dict[str, Any]]) -> None:
    for section, fields in whole.items():
        answer = client.post(f"{tasks}{section}/", fields)
        assert answer.status_code == 302, (section, errors(answer))


def errors(answer) -> dict[str, list[str]]:
    return {name: list(found) for name, found in answer.context["form"].errors.items()}


def test_the_whole_way_for_a_new_child(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary))
    assert "Check your answers" in client.get(tasks).content.decode()
    page = client.get(f"{tasks}check/").content.decode()
    assert "Štefan" in page
    assert "Anxiety" in page
    answer = client.post(f"{tasks}check/", {})
    assert answer.status_code == 302, errors(answer)
    with as_(cast.practitioner):
        referral = Referral.objects.get(child__last_name="Rădulescu")
        assert answer["Location"] == reverse("referral", args=[referral.pk])
        assert re.fullmatch(r"RI-\d{4}-\d{4}", referral.reference)
        assert referral.status == Status.TO_SCREEN
        assert referral.story.worrying == "Late most Mondays."
        assert [(r.category, r.reason) for r in referral.reasons.all()] == [
            (vocabulary["category"], vocabulary["anxiety"])
        ]
        assert referral.child.school == cast.school
        assert referral.family.postcode == "LS9 9ZZ"
        assert Person.objects.filter(family=referral.family, first_name="Ioana", is_child=False).exists()
        assert Agreement.objects.get(family=referral.family).given_by == "Ioana, mother"
        assert PersonToken.objects.filter(person=referral.child, token="radulescu").exists()
        assert Event.objects.filter(kind="referral.received", family_id=referral.family_id).exists()
        assert not Draft.objects.exists()
    assert client.get(tasks).status_code == 404
    assert client.get(answer["Location"]).status_code == 200


def test_a_restricted_record_is_one_from_the_first_moment(
    cast: Cast, client: Client, vocabulary: dict[str, Term]
) -> None:
    """Whoever logs it and the leaders read it; a colleague never did."""
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, risks={"restricted": "yes"}))
    assert client.post(f"{tasks}check/", {}).status_code == 302
    for reader, sees in ((cast.practitioner, True), (cast.leader, True), (cast.colleague, False), (cast.guest, False)):
        with as_(reader):
            assert Referral.objects.filter(child__last_name="Rădulescu").exists() is sees
    with as_(cast.practitioner):
        page = Referral.objects.get(child__last_name="Rădulescu").family
    assert page.restricted
    assert client.get(f"/families/{page.pk}/").status_code == 200
    sign_in(client, cast.colleague)
    assert client.get(f"/families/{page.pk}/").status_code == 404


def test_the_known_child_is_used(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client, person=str(cast.child.pk))
    prefilled = client.get(f"{tasks}child/").content.decode()
    assert 'value="Zdeňka"' in prefilled
    changes = {"first_name": "Zdeňka", "last_name": "Novák", "known_as": "Zdena"}
    fill_in(client, tasks, answers(cast, vocabulary, child=changes))
    client.post(f"{tasks}check/", {})
    with as_(cast.practitioner):
        assert Referral.objects.filter(child=cast.child).count() == 2
        assert Family.objects.filter(name="Novák").count() == 1
        cast.child.refresh_from_db()
        assert cast.child.known_as == "Zdena"
        assert cast.child.version == 2


def test_a_brother_shares_the_family(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client, family=str(cast.family.pk))
    fill_in(client, tasks, answers(cast, vocabulary))
    client.post(f"{tasks}check/", {})
    with as_(cast.practitioner):
        assert Referral.objects.get(child__last_name="Rădulescu").family_id == cast.family.pk


def test_it_can_be_left_and_resumed(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    answer = client.post(f"{tasks}story/", {"worrying": "Half a thought", "later": "yes"})
    assert answer["Location"] == reverse("referral-list")
    page = client.get(answer["Location"]).content.decode()
    assert "My referrals in progress" in page
    assert tasks in page
    assert "Half a thought" in client.get(f"{tasks}story/").content.decode()
    sign_in(client, cast.leader)
    assert "My referrals in progress" not in client.get(reverse("referral-list")).content.decode()
    assert client.get(tasks).status_code == 404


def test_what_was_typed_wrongly_is_kept_and_named(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    today = timezone.localdate()
    bad = {
        "child": (
            {**parts("birth_date", today + timedelta(days=30)), "upn": "A801200005001", "nhs_number": "9434765871"},
            {"birth_date": "Date of birth is in the future", "upn": "UPN is not right", "nhs_number": "NHS number is"},
        ),
        "school": ({"attendance_percent": "101"}, {"attendance_percent": "Attendance must be between 0 and 100"}),
        "referrer": (parts("received_on", today + timedelta(days=1)), {"received_on": "Date received must be"}),
        "agreement": ({"agreed_by": ""}, {"agreed_by": "Enter who agreed"}),
    }
    whole = answers(cast, vocabulary)
    for section, (fields, wanted) in bad.items():
        answer = client.post(f"{tasks}{section}/", whole[section] | fields)
        assert answer.status_code == 422
        found = errors(answer)
        assert set(found) == set(wanted), found
        for name, start in wanted.items():
            assert found[name][0].startswith(start)
        again = client.get(f"{tasks}{section}/").content.decode()
        for value in fields.values():
            assert not value or str(value) in again
    with as_(cast.practitioner):
        assert not Referral.objects.filter(child__last_name="Rădulescu").exists()


def test_a_child_over_25_is_refused_by_name(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    old = parts("birth_date", timezone.localdate() - timedelta(days=27 * 366))
    answer = client.post(f"{tasks}child/", answers(cast, vocabulary)["child"] | old)
    assert "makes the child 27 years old" in errors(answer)["birth_date"][0]


def test_eighteen_without_send_is_warned_and_taken(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    adult = parts("birth_date", timezone.localdate() - timedelta(days=19 * 366))
    fill_in(client, tasks, answers(cast, vocabulary, child=adult))
    assert "From 18 to 25 a referral needs special educational needs" in client.get(f"{tasks}check/").content.decode()
    fill_in(client, tasks, {"school": {"school": cast.school.pk, "diagnosed": [vocabulary["sen"].pk]}})
    assert "From 18 to 25" not in client.get(f"{tasks}check/").content.decode()
    client.post(f"{tasks}check/", {})
    with as_(cast.practitioner):
        child = Referral.objects.get(child__last_name="Rădulescu").child
        assert [(need.status, need.type) for need in child.send_needs.all()] == [("diagnosed", vocabulary["sen"])]


def test_an_incomplete_referral_is_not_sent(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    answer = client.post(f"{tasks}check/", {})
    assert answer.status_code == 422
    assert "Some sections are not complete yet" in answer.content.decode()
    with as_(cast.practitioner):
        assert Draft.objects.count() == 1


def test_harm_tells_the_leaders_at_once_and_no_name(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, risks={"harm": "yes", "visiting_risks": "A loose dog"}))
    for page in (tasks, f"{tasks}check/"):
        assert "Ring Duty and Advice now" in client.get(page).content.decode()
    client.post(f"{tasks}check/", {})
    message = Message.objects.get()
    assert message.to == cast.leader.email
    assert message.subject == "A referral needs you now"
    with as_(cast.leader):
        referral = Referral.objects.get(child__last_name="Rădulescu")
        assert referral.harm_flagged_by == cast.practitioner
        assert str(referral.pk) in message.body
        assert Event.objects.filter(kind="referral.harm", family_id=referral.family_id).exists()
        assert Flag.objects.get(family=referral.family).text == "A loose dog"
    for word in ("Rădulescu", "Štefan", "RI-"):
        assert word not in message.subject + message.body
    sign_in(client, cast.leader)
    assert "Risk of significant harm" in client.get(reverse("referral", args=[referral.pk])).content.decode()


def test_harm_without_a_leader_tells_a_manager(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    cast.leader.roles.update(ends_on=timezone.localdate() - timedelta(days=1))
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, risks={"harm": "yes"}))
    client.post(f"{tasks}check/", {})
    assert Message.objects.get().to == cast.manager.email


def test_another_clusters_school_is_warned_with_the_right_one(
    cast: Cast, client: Client, vocabulary: dict[str, Term]
) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, school={"school": cast.other_school.pk}))
    page = client.get(f"{tasks}check/").content.decode()
    assert "Imaginary High School belongs to Hilltop Invented, telephone 0113 496 0002" in page
    assert "override_reason" not in page
    assert client.post(f"{tasks}check/", {"override_reason": "I say so"}).status_code == 403
    url = client.post(f"{tasks}check/", {})["Location"]
    assert client.post(f"{url}override/", {"override_reason": "x"}).status_code == 403
    sign_in(client, cast.leader)
    assert "Take the child all the same" in client.get(url).content.decode()
    assert (
        "Answer “Why does the Cluster take" in client.post(f"{url}override/", {"override_reason": " "}).content.decode()
    )
    assert client.post(f"{url}override/", {"override_reason": "Moves here in January"}).status_code == 302
    assert "Moves here in January" in client.get(url).content.decode()


def test_the_leader_overrides_while_submitting(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.leader)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, school={"school": cast.other_school.pk}))
    client.post(f"{tasks}check/", {"override_reason": "A brother is helped here"})
    with as_(cast.leader):
        referral = Referral.objects.get(child__last_name="Rădulescu")
        assert (referral.override_reason, referral.override_by) == ("A brother is helped here", cast.leader)


def test_membership_counts_on_the_day_of_receipt(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    left = School.objects.create(name="Departed Primary")
    today = timezone.localdate()
    SchoolMembership.objects.create(
        school=left, cluster=cast.cluster, starts_on=date(2015, 1, 1), ends_on=today - timedelta(days=5)
    )
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary, school={"school": left.pk}))
    assert "Departed Primary belonged to no Cluster" in client.get(f"{tasks}check/").content.decode()
    earlier = {"referrer": answers(cast, vocabulary)["referrer"] | parts("received_on", today - timedelta(days=6))}
    fill_in(client, tasks, earlier)
    assert "Departed Primary belong" not in client.get(f"{tasks}check/").content.decode()


def test_a_school_that_left_and_came_back_is_eligible_on_its_days(cast: Cast) -> None:
    school, today = School.objects.create(name="Returning Primary"), timezone.localdate()
    away, back = today - timedelta(days=60), today - timedelta(days=20)
    SchoolMembership.objects.create(school=school, cluster=cast.cluster, starts_on=date(2015, 1, 1), ends_on=away)
    SchoolMembership.objects.create(school=school, cluster=cast.cluster, starts_on=back)

    def here(on: date) -> bool:
        return eligibility(school=school, cluster=cast.cluster, on=on).eligible

    assert [here(away - timedelta(days=1)), here(away), here(back - timedelta(days=1)), here(back)] == [
        True,
        False,
        False,
        True,
    ]


def test_files_come_along(cast: Cast, client: Client, vocabulary: dict[str, Term], tmp_path) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary))
    for name in ("letter.pdf", "wrong.pdf"):
        client.post(f"{tasks}files/", {"file": SimpleUploadedFile(name, b"%PDF-1.7 invented")})
    page = client.get(f"{tasks}files/").content.decode()
    remove = re.findall(r'action="([^"]+/remove/)"', page)
    client.post(remove[1])
    client.post(f"{tasks}check/", {})
    with as_(cast.practitioner):
        file = StoredFile.objects.get()
        assert file.name == "letter.pdf"
        assert file.author == cast.practitioner
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    answer = client.get(reverse("family-file", args=[file.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 invented"
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    sign_in(client, cast.other_practitioner)
    assert client.get(reverse("family-file", args=[file.pk])).status_code == 404


def test_thrown_away_with_its_files(cast: Cast, client: Client, tmp_path) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    client.post(f"{tasks}files/", {"file": SimpleUploadedFile("letter.pdf", b"%PDF-1.7 invented")})
    assert any(path.is_file() for path in tmp_path.rglob("*"))
    client.post(f"{tasks}discard/")
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
    with as_(cast.practitioner):
        assert not Draft.objects.exists()


def test_two_clicks_make_one_referral(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, vocabulary))
    first, second = (client.post(f"{tasks}check/", {})["Location"] for _ in range(2))
    assert first == second
    with as_(cast.practitioner):
        assert Referral.objects.filter(child__last_name="Rădulescu").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_the_same_moment_make_one_referral(transactional_db: None) -> None:

    cast = make_cast()
    terms = {
        "route": Term.objects.filter(vocabulary="route").first(),
        "ethnicity": Term.objects.create(vocabulary="ethnicity", code="test", label="Test"),
        "category": Term.objects.create(vocabulary="reason", code="test", label="Test"),
        "anxiety": None,
    }
    terms["anxiety"] = Term.objects.create(vocabulary="reason", code="test.a", label="A", parent=terms["category"])
    client = sign_in(Client(), cast.practitioner)
    tasks = begin(client)
    fill_in(client, tasks, answers(cast, terms))
    barrier = threading.Barrier(2)
    urls: list[str] = []

    def submit() -> None:
        other = Client()
        other.cookies = client.cookies
        barrier.wait()
        try:
            urls.append(other.post(f"{tasks}check/", {})["Location"])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(urls) == 2
    assert urls[0] == urls[1]
    with as_(cast.practitioner):
        assert Referral.objects.filter(child__last_name="Rădulescu").count() == 1
        assert Family.objects.filter(name="Rădulescu").count() == 1


def test_search_before_create(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        index_people(Person.objects.all())
    sign_in(client, cast.practitioner)
    page = client.post(NEW, {"name": "Jakob Vojcik"}).content.decode()
    assert "Wójcik" in page
    assert f'name="person" value="{cast.referral.child_id}"' in page
    assert "Already referred on" in page
    assert "None of these: new child" in page


def test_an_empty_search_says_what_to_enter(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    assert "Enter a name, a date of birth, a number or an address" in client.post(NEW, {"name": ""}).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("practitioner", 200),
        ("leader", 200),
        ("therapist", 200),
        ("manager", 403),
        ("guest", 403),
        ("supervisor", 403),
        ("referrer", 403),
    ],
)
def test_who_logs_referrals(cast: Cast, client: Client, who: str, status: int) -> None:
    sign_in(client, getattr(cast, who))
    answer = client.get(NEW)
    assert answer.status_code == status
    if status == 403:
        assert "Referrals are logged by practitioners and leaders" in answer.content.decode()


def test_a_worker_of_two_clusters_says_for_which(cast: Cast, client: Client) -> None:
    both = a_user("Bo Both", role=Role.PRACTITIONER, cluster=cast.cluster)
    both.roles.create(role=Role.PRACTITIONER, cluster=cast.other_cluster, starts_on=date(2020, 1, 1))
    sign_in(client, both)
    assert "For which Cluster?" in client.post(NEW, {"name": "Nobody Known"}).content.decode()
    tasks = begin(client, cluster=str(cast.other_cluster.pk))
    with as_(both):
        assert Draft.objects.get().data["about"]["cluster"] == cast.other_cluster.pk
    assert tasks


def test_no_name_in_any_address(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    sign_in(client, cast.practitioner)
    tasks = begin(client)
    for section in answers(cast, vocabulary):
        page = client.get(f"{tasks}{section}/").content.decode()
        for url in re.findall(r'(?:href|action)="([^"]*)"', page):
            assert "dulescu" not in url


def test_the_known_childs_finer_code_is_offered(cast: Cast, client: Client, vocabulary: dict[str, Term]) -> None:
    finer = Term.objects.create(
        vocabulary="ethnicity",
        code="test_finer",
        label="Finer",
        parent=vocabulary["ethnicity"],
        retired_on=date(2020, 1, 1),
    )
    with as_(cast.practitioner):
        Person.objects.filter(pk=cast.child.pk).update(ethnicity=finer)
    sign_in(client, cast.practitioner)
    tasks = begin(client, person=str(cast.child.pk))
    assert f'value="{finer.pk}" selected' in str(client.get(f"{tasks}child/").context["form"]["ethnicity"])
