"""Every change and every look can be read by those who may, and altered by nobody."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Change, Event, Look, Message
from clusters.models import User
from families import services
from families.emergency import break_glass
from families.history import Names, _plain, history, in_words
from families.models import EmergencyAccess, Family, Person
from tests.fixtures_cast import Cast, as_, sign_in

TRACES = ("core_change", "core_event", "core_look")


def changes(person: Person) -> list[tuple[str, dict, dict]]:
    rows = Change.objects.filter(table_name="families_person", row_id=str(person.pk)).order_by("id")
    return [(row.operation, row.before, row.after) for row in rows]


def test_every_way_of_changing_is_in_the_history(cast: Cast) -> None:
    with as_(cast.practitioner):
        person = services.save_person(by=cast.practitioner, family=cast.family, first_name="Marek", last_name="Dvořák")
        Person.objects.filter(pk=person.pk).update(telephone="0113 1")
        person.refresh_from_db()
        person.telephone = "0113 2"
        Person.objects.bulk_update([person], ["telephone"])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE families_person SET telephone = '0113 3' WHERE id = %s", [person.pk])
        Person.objects.bulk_create([made := Person(cluster=cast.cluster, family=cast.family, last_name="Bulk")])
        Person.objects.filter(pk=made.pk).delete()
        found = changes(person)
        assert [operation for operation, _, _ in found] == ["insert", "update", "update", "update"]
        assert [(before, after) for _, before, after in found[1:]] == [
            ({"telephone": ""}, {"telephone": "0113 1"}),
            ({"telephone": "0113 1"}, {"telephone": "0113 2"}),
            ({"telephone": "0113 2"}, {"telephone": "0113 3"}),
        ]
        assert [operation for operation, _, _ in changes(made)] == ["insert", "delete"]
        assert set(Change.objects.filter(row_id=str(person.pk)).values_list("actor", "user_id", "family_id")) == {
            (cast.practitioner.name, cast.practitioner.pk, cast.family.pk)
        }


@pytest.mark.parametrize("table", TRACES)
@pytest.mark.parametrize("act", ["UPDATE {} SET actor = 'nobody'", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_alters_the_trace(cast: Cast, table: str, act: str) -> None:
    with (
        as_(cast.leader),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act.format(table))


def test_nobody_writes_changes_by_hand_or_events_in_anothers_name(cast: Cast) -> None:
    with as_(cast.practitioner):
        with pytest.raises(DatabaseError), transaction.atomic():
            Event.objects.create(actor="Somebody", user_id=cast.leader.pk, kind="x", text="x")
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_change (at, actor, request_id, table_name, row_id, operation)"
                " VALUES (now(), 'x', '', 'x', 'x', 'insert')"
            )


def test_the_page_shows_what_by_whom_and_who_looked(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    client.get(reverse("family", args=[cast.family.pk]))
    with as_(cast.practitioner):
        services.save_person(
            by=cast.practitioner, family=cast.family, person=cast.child, telephone="0113 9", school_id=None
        )
    sign_in(client, cast.leader)
    url = reverse("family-history", args=[cast.family.pk])
    page = client.get(url).content.decode()
    for words in (
        "Looked at the family’s page",
        "Person changed",
        "Details of a person changed",
        cast.practitioner.name,
        "<ins>0113 9</ins>",
        "<del>Invented Primary School</del>",
    ):
        assert words in page, words
    assert "Looked at" not in client.get(f"{url}?show=changes").content.decode()
    assert "Person changed" not in client.get(f"{url}?show=looks").content.decode()
    assert "Looked at this history" in client.get(url).content.decode()


def test_pages_of_the_history_miss_nothing_and_repeat_nothing(cast: Cast) -> None:
    with as_(cast.practitioner):
        for number in range(60):
            Person.objects.filter(pk=cast.child.pk).update(telephone=str(number))
        for _ in range(50):
            Look.objects.create(
                actor="x", user_id=cast.practitioner.pk, cluster_id=cast.cluster.pk, family_id=cast.family.pk, page="x"
            )
        wanted = (
            Change.objects.filter(family_id=cast.family.pk).count()
            + Event.objects.filter(family_id=cast.family.pk).count()
            + Look.objects.filter(family_id=cast.family.pk).count()
        )
        seen, before, pages = [], "", 0
        while pages == 0 or before:
            found = history(cast.family, before=before)
            seen += [(entry.kind, entry.key) for entry in found.entries]
            before, pages = found.older, pages + 1
        assert len(seen) == len(set(seen)) == wanted
        assert pages >= 3


@pytest.mark.parametrize("nonsense", ["x", "2026-01-01~event~1", "~~", "2026-99-99T00:00:00+00:00~event~1"])
def test_a_nonsense_page_is_the_first(cast: Cast, nonsense: str) -> None:
    with as_(cast.leader):
        assert history(cast.family, before=nonsense).entries == history(cast.family).entries


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("leader", 200),
        ("other_leader", 404),
        ("manager", 404),
        ("practitioner", 200),
        ("therapist", 200),
        ("guest", 404),
    ],
)
def test_who_reads_the_history(cast: Cast, client: Client, who: str, status: int) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get(reverse("family-history", args=[cast.family.pk])).status_code == status


def test_a_colleague_who_does_not_work_with_the_family_is_refused(cast: Cast, client: Client) -> None:
    sign_in(client, cast.colleague)
    answer = client.get(reverse("family-history", args=[cast.family.pk]))
    assert answer.status_code == 403
    assert "read by the leaders of its Cluster" in answer.content.decode()


def test_notes_of_therapy_stay_private_in_the_history(cast: Cast) -> None:
    with as_(cast.leader):
        text = str([(entry.title, entry.lines) for entry in history(cast.family).entries])
    assert "What was said in therapy" not in text
    with as_(cast.therapist):
        assert "What was said in therapy" in str(history(cast.family).entries)


# --- break glass ---
WHY = "Police ask about this child tonight"


def test_break_glass_opens_for_four_hours_and_tells_the_leaders(cast: Cast, client: Client) -> None:
    sign_in(client, cast.other_practitioner)
    page = reverse("family", args=[cast.family.pk])
    assert client.get(page).status_code == 404
    assert "four hours" in client.get(f"{page}emergency/").content.decode()
    assert "at least 10" in client.post(f"{page}emergency/", {"reason": "need"}).content.decode()
    assert client.post(f"{page}emergency/", {"reason": WHY})["Location"] == page
    opened = client.get(page)
    assert opened.status_code == 200
    assert "Zdeňka" in opened.content.decode()
    message = Message.objects.get()
    assert message.to == cast.leader.email
    assert message.urgent and message.send_after is None, "at once, whatever the leader has chosen for mails"
    assert "Novák" not in message.subject + message.body
    sign_in(client, cast.leader)
    shown = client.get(reverse("family-history", args=[cast.family.pk])).content.decode()
    assert WHY in shown
    assert cast.other_practitioner.name in shown
    with as_(cast.leader):
        access = EmergencyAccess.objects.get()
        assert (access.ends_at - access.starts_at).total_seconds() == 4 * 60 * 60
        assert Event.objects.filter(kind="family.break_glass", user_id=cast.other_practitioner.pk).exists()


def test_neither_the_service_nor_the_database_opens_a_record_without_a_reason(cast: Cast) -> None:
    with as_(cast.other_practitioner), connection.cursor() as cursor:
        with pytest.raises(ValidationError):
            break_glass(by=cast.other_practitioner, family_id=cast.family.pk, reason="need" + " " * 9)
        cursor.execute("SELECT * FROM ehs_break_glass(%s, %s)", [cast.family.pk, "need" + " " * 9])
        assert cursor.fetchall() == []
        assert not Person.objects.filter(family=cast.family).exists()


def test_it_ends(cast: Cast, client: Client) -> None:
    with as_(cast.manager):
        assert break_glass(by=cast.manager, family_id=cast.family.pk, reason=WHY)
    with as_(cast.manager):
        assert Person.objects.filter(family=cast.family).exists()
    with as_(cast.leader):
        access = EmergencyAccess.objects.get()
        EmergencyAccess.objects.filter(pk=access.pk).update(
            starts_at=access.starts_at.replace(year=2020), ends_at=access.ends_at.replace(year=2020)
        )
    with as_(cast.manager):
        assert Person.objects.count() == 0


def opened_by(user: User, family: Family) -> EmergencyAccess:
    """Opened an hour ago, not in this very moment: one transaction has one."""
    with as_(user):
        assert break_glass(by=user, family_id=family.pk, reason=WHY)
    with as_(user):
        access = EmergencyAccess.objects.get(user_id=user.pk)
        hour = timedelta(hours=1)
        EmergencyAccess.objects.update(starts_at=access.starts_at - hour, ends_at=access.ends_at - hour)
    return access


@pytest.mark.parametrize("how", ["longer", "to another"])
def test_the_database_takes_no_longer_opening_and_none_for_another(cast: Cast, how: str) -> None:
    access = opened_by(cast.other_practitioner, cast.family)
    day = timedelta(days=1)
    wanted = {"ends_at": access.ends_at + day} if how == "longer" else {"user": cast.other_leader}
    with as_(cast.other_practitioner):
        mine = EmergencyAccess.objects.filter(pk=access.pk)
        with pytest.raises(DatabaseError, match="not made longer, nor handed on"), transaction.atomic():
            mine.update(**wanted)
        assert not mine.exclude(user=cast.other_practitioner).exclude(ends_at__lt=access.ends_at).exists()


def test_a_leader_ends_it_early_and_who_opened_it_is_told(cast: Cast, client: Client) -> None:
    access, page = opened_by(cast.other_practitioner, cast.family), reverse("family", args=[cast.family.pk])
    end = reverse("emergency-end", args=[access.pk])
    sign_in(client, cast.practitioner)
    assert client.post(end).status_code == 403
    sign_in(client, cast.other_practitioner)
    assert client.get(page).status_code == 200
    sign_in(client, cast.leader)
    assert end in client.get(reverse("emergencies")).content.decode()
    assert cast.other_practitioner.name in client.get(end).content.decode()
    assert client.post(end)["Location"] == reverse("emergencies")
    assert "Closed early" in client.get(reverse("emergencies")).content.decode()
    shown = client.get(reverse("family-history", args=[cast.family.pk])).content.decode()
    assert f"Ended early what {cast.other_practitioner} had opened in an emergency" in shown
    assert client.post(end).status_code == 409, "ended already"
    told = Message.objects.get(key=f"emergency-ended:{access.pk}")
    assert (told.user_id, told.urgent) == (cast.other_practitioner.pk, True)
    assert told.body.startswith(cast.leader.name)
    assert "Novák" not in told.subject + told.body
    sign_in(client, cast.other_practitioner)
    assert client.get(page).status_code == 404


def test_who_opened_it_closes_it_when_done(cast: Cast, client: Client) -> None:
    access, page = opened_by(cast.other_practitioner, cast.family), reverse("family", args=[cast.family.pk])
    end = reverse("emergency-end", args=[access.pk])
    sign_in(client, cast.other_practitioner)
    assert end in client.get(page).content.decode()
    assert end in client.get(reverse("emergency")).content.decode()
    assert client.post(end)["Location"] == reverse("home")
    assert client.get(page).status_code == 404
    assert not Message.objects.filter(key__startswith="emergency-ended:").exists()
    with as_(cast.leader):
        assert Event.objects.filter(kind="family.break_glass", text__startswith="Closed the record again").exists()


def test_of_a_restricted_record_a_manager_ends_it_and_no_unnamed_leader(cast: Cast, client: Client) -> None:
    access = opened_by(cast.practitioner, cast.restricted_family)
    end = reverse("emergency-end", args=[access.pk])
    sign_in(client, cast.leader)
    assert client.post(end).status_code == 404
    sign_in(client, cast.manager)
    assert client.post(end).status_code == 302
    with as_(cast.practitioner):
        assert not Person.objects.filter(family=cast.restricted_family).exists()


def test_the_database_ends_it_for_nobody_else(cast: Cast) -> None:
    access = opened_by(cast.other_practitioner, cast.family)
    for who in (cast.practitioner, cast.guest, cast.supervisor):
        with as_(who), connection.cursor() as cursor:
            cursor.execute("SELECT ehs_end_emergency(%s)", [access.pk])
            assert cursor.fetchone() == (False,)


def test_a_restricted_record_tells_a_manager_and_no_unnamed_leader(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("family-emergency", args=[cast.restricted_family.pk])
    assert client.post(url, {"reason": WHY}).status_code == 302
    assert [message.to for message in Message.objects.all()] == [cast.manager.email]
    assert client.get(reverse("family", args=[cast.restricted_family.pk])).status_code == 200


def test_the_only_manager_who_opens_a_restricted_record_is_not_the_only_one_who_hears_of_it(cast: Cast) -> None:
    with as_(cast.manager):
        assert break_glass(by=cast.manager, family_id=cast.restricted_family.pk, reason=WHY)
    message = Message.objects.get()
    assert (message.user_id, message.url) == (
        cast.colleague.pk,
        reverse("family", args=[cast.restricted_family.pk]),
    ), "who is named on it"


def test_who_names_themselves_after_an_emergency_does_not_do_it_unseen(cast: Cast, client: Client) -> None:
    """Four hours become as long as one likes, and the others who were named are out."""
    sign_in(client, cast.leader)
    client.post(reverse("family-emergency", args=[cast.restricted_family.pk]), {"reason": WHY})
    Message.objects.all().delete()
    page = reverse("family-restrict", args=[cast.restricted_family.pk])
    assert client.post(page, {"restricted": "yes"}).status_code == 302
    told = {message.user_id: message for message in Message.objects.all()}
    assert set(told) == {cast.colleague.pk, cast.manager.pk}
    assert cast.restricted_family.reference in told[cast.colleague.pk].subject
    for message in told.values():
        assert cast.restricted_family.name not in message.subject + message.body
    Message.objects.all().delete()
    client.post(page, {"restricted": "yes", "readers": [cast.colleague.pk]})
    assert not Message.objects.exists(), "who is named changes it as ever"


@pytest.mark.parametrize("who", ["guest", "referrer"])
def test_who_may_not_break_glass(cast: Cast, client: Client, who: str) -> None:
    sign_in(client, getattr(cast, who))
    url = reverse("family-emergency", args=[cast.other_family.pk])
    assert client.get(url).status_code == 403
    assert client.post(url, {"reason": WHY}).status_code == 403
    with as_(getattr(cast, who)), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM ehs_break_glass(%s, %s)", [cast.other_family.pk, WHY])
        assert cursor.fetchall() == []


def test_by_reference(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    answer = client.post(reverse("emergency"), {"reference": "hi-f2026-0001", "reason": WHY})
    assert answer["Location"] == reverse("family", args=[cast.other_family.pk])
    unknown = client.post(reverse("emergency"), {"reference": "HI-F2026-9999", "reason": WHY})
    assert "No family’s record has this reference" in unknown.content.decode()


def test_a_record_that_is_not_there_is_404(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("family-emergency", args=["00000000-0000-0000-0000-000000000001"])
    assert client.post(url, {"reason": WHY}).status_code == 404


def test_who_can_open_it_anyway_is_sent_there(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    assert client.get(reverse("family-emergency", args=[cast.family.pk])).status_code == 302
    with as_(cast.leader):
        assert not EmergencyAccess.objects.exists()


def test_the_programs_own_keys_are_no_lines_of_the_history(cast: Cast) -> None:
    found = {"id": 1, "rule_id": "no_school", "reference": "RI-F2026-0001", "record_id": "4c3a", "page_id": "e365"}
    change = Change(table_name="monitoring_finding", operation="insert", before=None, after=found, at=timezone.now())
    assert [line.after for line in in_words(change, Names([change])).lines] == ["RI-F2026-0001"]


def test_what_lies_in_parts_within_a_value_is_read_as_words() -> None:
    sent = {"why": "A new flat", "people": [{"first_name": "Ada", "is_child": True, "seen": None}], "left_out": []}
    assert _plain(sent) == "why: A new flat; people: first name: Ada; is child: Yes"
