"""The weekly check of looks: what it asks about, what it never asks about, who goes through it, and what it costs."""

import json
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Cover
from cluster_ehs.core.models import Event, Look, Message
from cluster_ehs.core.scope import NamedActor, acting_as, figures
from clusters.home import home_key
from clusters.models import DutyContact, StaffRole, User
from families.emergency import break_glass
from families.models import EmergencyAccess, Family, NamedReader
from monitoring.curiosity import check, looks, services
from monitoring.models import CuriosityFinding, CuriosityRule, Finding, Rule
from tests.fixtures_cast import Cast, a_family, a_person, as_, sign_in

WEEK = date(2026, 11, 9)
NOON = datetime.combine(WEEK, time(12), tzinfo=timezone.get_default_timezone())
MONDAY_AFTER = NOON + timedelta(days=7)


def look(user: User, family: Family, *, times: int = 1, at: datetime = NOON) -> None:
    with as_(user):
        Look.objects.bulk_create(
            Look(
                actor=user.name,
                user_id=user.pk,
                cluster_id=family.cluster_id,
                family_id=family.pk,
                page="family",
                at=at + timedelta(minutes=number),
            )
            for number in range(times)
        )


def found(cast: Cast) -> list[tuple[str, str, int]]:
    """The reader, the rule and the number of each finding of the week."""
    with time_machine.travel(MONDAY_AFTER):
        check.check_due(timezone.localdate())
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        rows = CuriosityFinding.objects.select_related("reader").order_by("reader__name", "rule")
        return [(row.reader.name, row.rule_id, row.number) for row in rows]


def test_who_works_with_the_family_is_never_asked(cast: Cast) -> None:
    """Lead worker, service worker, cover, agenda, named reader, supervisor, emergency, leader: no false alarm."""
    late = NOON + timedelta(hours=10)
    day = WEEK + timedelta(days=1)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        Cover.objects.create(
            cluster=cast.cluster,
            family=cast.family,
            case=cast.case,
            worker=cast.practitioner,
            covering=cast.colleague,
            starts_on=day,
            ends_on=day,
            must_know="x",
            made_by=cast.leader,
        )
        EmergencyAccess.objects.create(
            cluster=cast.cluster,
            family=cast.family,
            user=cast.other_practitioner,
            reason="Police ask for her tonight",
            starts_at=NOON - timedelta(minutes=5),
            ends_at=NOON + timedelta(hours=4),
        )
    for reader in (cast.practitioner, cast.therapist, cast.colleague, cast.supervisor, cast.leader):
        look(reader, cast.family, times=9, at=late)
    look(cast.other_practitioner, cast.family, times=9)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        NamedReader.objects.update(created_at=NOON)
    look(cast.colleague, cast.restricted_family, times=9, at=late)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        cast.meeting.attendees.create(cluster=cast.cluster, user=cast.therapist, name="Lee Example")
        cast.meeting.starts_at = NOON + timedelta(days=2)
        cast.meeting.save()
        screened = Family.objects.get(pk=cast.referral.family_id)
    look(cast.therapist, screened, times=9)
    # Once or twice, in the hours of work: somebody answered the telephone.
    look(cast.practitioner, screened, times=2)
    assert found(cast) == []


def test_who_was_named_or_led_at_each_look_counts_and_not_who_is_today(cast: Cast) -> None:
    week = check.monday_of(timezone.localdate()) - timedelta(days=7)
    tuesday = datetime.combine(week + timedelta(days=1), time(12), tzinfo=timezone.get_default_timezone())
    wednesday, friday = tuesday + timedelta(days=1), tuesday + timedelta(days=3)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        family = a_family(cast.cluster, "Invented", restricted=True, number=400)
        keys = {"cluster": cast.cluster, "family": family}
        gone, since = (NamedReader.objects.create(**keys, user=u) for u in (cast.colleague, cast.practitioner))
        NamedReader.objects.filter(pk=gone.pk).update(created_at=tuesday)
        NamedReader.objects.filter(pk=since.pk).update(created_at=wednesday)
        open_to_all = a_family(cast.cluster, "Invented", number=401)
        for user, closed in ((cast.practitioner, wednesday), (cast.colleague, tuesday - timedelta(days=9))):
            Finding.objects.create(
                cluster=cast.cluster,
                family=open_to_all,
                rule=Rule.objects.all()[0],
                day=week,
                ask=user,
                opened_at=tuesday - timedelta(days=40),
                closed_at=closed,
            )
    for reader in (cast.practitioner, cast.colleague):
        look(reader, open_to_all, times=3, at=tuesday)
    look(cast.colleague, family, times=5, at=tuesday)
    look(cast.practitioner, family, times=4, at=tuesday)
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        gone.delete()
    until = StaffRole.objects.get(user=cast.leader, role="leader", cluster=cast.cluster)
    StaffRole.objects.filter(pk=until.pk).update(ends_on=tuesday.date())
    leads = {"role": "leader", "cluster": cast.cluster}
    StaffRole.objects.create(**leads, user=cast.leader, starts_on=wednesday.date(), ends_on=wednesday.date())
    StaffRole.objects.create(**leads, user=cast.therapist, starts_on=wednesday.date())
    for at in (tuesday, wednesday):
        look(cast.leader, open_to_all, times=5, at=at)
    look(cast.leader, family, times=6, at=friday)
    look(cast.therapist, open_to_all, times=7, at=wednesday - timedelta(days=1))
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        rows, number = check.find(cast.cluster.pk, week)
        assert number == 6 + 5 + 4 + 10 + 6 + 7
        assert sorted((row.reader.name, row.rule_id, row.number) for row in rows) == [
            ("Asha Example", "no_relationship", 4),
            ("Ben Example", "no_relationship", 3),
            ("Dee Example", "no_relationship", 6),
            ("Lee Example", "no_relationship", 7),
        ]


def test_what_is_asked_about(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        families = [a_family(cast.cluster, f"Invented{n}", number=100 + n) for n in range(34)]
        kin = a_family(cast.cluster, "Invented", number=200)
        a_person(kin, "Otto", is_child=False)
        kin.persons.update(last_name="Éxample")
        Family.objects.filter(pk=families[33].pk).update(address="Flat 7, Invented Row", postcode="ls8 1ab")
    look(cast.colleague, cast.family, times=3)
    look(cast.practitioner, families[0], times=2, at=NOON + timedelta(hours=9))
    look(cast.practitioner, families[1], times=2, at=NOON + timedelta(days=5))
    look(cast.leader, kin)
    User.objects.filter(pk=cast.therapist.pk).update(home_key=home_key("7 Invented Row", "LS8 1AB"))
    look(cast.therapist, families[33])
    for number, family in enumerate(families[:31]):
        look(cast.leader, family, at=NOON + timedelta(minutes=number))
    assert found(cast) == [
        ("Asha Example", "out_of_hours", 2),
        ("Asha Example", "out_of_hours", 2),
        ("Ben Example", "no_relationship", 3),
        ("Dee Example", "many", 32),
        ("Dee Example", "same_name", 1),
        ("Lee Example", "same_address", 1),
    ]
    assert found(cast) == found(cast)
    told = Message.objects.filter(key__startswith="curiosity:").values_list("user_id", "subject")
    assert dict(told) == {
        cast.leader.pk: "4 looks at records to go through",
        cast.manager.pk: "6 looks at records to go through",
    }


def test_duty_a_common_name_and_a_rule_that_is_off_ask_nothing(cast: Cast) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        kin = [a_family(cast.cluster, "Example", number=300 + n) for n in range(9)]
        for family in kin:
            a_person(family, "Otto")
    look(cast.leader, kin[0])
    DutyContact.objects.create(cluster=cast.cluster, kind="deputy", user=cast.colleague, starts_on=WEEK)
    look(cast.colleague, cast.family, times=9, at=NOON + timedelta(hours=10))
    with as_(cast.manager):
        rule = CuriosityRule.objects.get(code="no_relationship")
        services.change_rule(rule, by=cast.manager, active=False, at_least=3)
    look(cast.therapist, cast.restricted_family, times=5)
    assert found(cast) == []


@pytest.fixture
def finding(cast: Cast) -> CuriosityFinding:
    look(cast.colleague, cast.family, times=3)
    assert found(cast) == [("Ben Example", "no_relationship", 3)]
    with as_(cast.leader):
        return CuriosityFinding.objects.get()


def test_a_leader_goes_through_it_with_a_note_and_a_manager_sees_no_name(
    cast: Cast, finding: CuriosityFinding, client: Client
) -> None:
    address = reverse("curiosity-finding", args=[finding.pk])
    sign_in(client, cast.manager)
    pages = [client.get(reverse("curiosity")).text, client.get(address).text]
    assert all("RI-F2026-0001" in page and "Ben Example" in page and "Novák" not in page for page in pages)
    sign_in(client, cast.leader)
    assert "Novák family" in client.get(address).text
    assert client.post(address, {"status": "explained", "note": "x"}).status_code == 422
    answer = client.post(address, {"status": "explained", "note": "He took a call while Asha was out"})
    assert answer.url == reverse("curiosity")
    with as_(cast.leader):
        finding.refresh_from_db()
        assert (finding.status, finding.decided_by) == ("explained", cast.leader)
        assert Event.objects.filter(kind="curiosity", text__contains="He took a call").count() == 1
    assert "He took a call" in client.get(f"{reverse('curiosity')}?show=explained").text


def test_nobody_goes_through_their_own_and_nobody_else_reads_it(
    cast: Cast, finding: CuriosityFinding, client: Client
) -> None:
    look(cast.leader, cast.other_family, times=3)
    for stranger, status in ((cast.colleague, 403), (cast.practitioner, 403), (cast.other_leader, 404)):
        sign_in(client, stranger)
        assert client.get(reverse("curiosity-finding", args=[finding.pk])).status_code == status
        with as_(stranger):
            assert not CuriosityFinding.objects.exists()
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        CuriosityFinding.objects.update(reader=cast.leader)
        with pytest.raises(IntegrityError), transaction.atomic():
            CuriosityFinding.objects.update(
                status="explained", note="mine", decided_by=cast.leader, decided_at=timezone.now()
            )
    with as_(cast.leader), figures():
        assert not CuriosityFinding.objects.exists()
    with as_(cast.manager):
        assert not CuriosityFinding.objects.exists()
        with figures():
            assert CuriosityFinding.objects.count() == 1
            assert CuriosityFinding.objects.update(note="x") == 0
    # Of a restricted record a leader who is not named reads nothing.
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]):
        CuriosityFinding.objects.update(reader=cast.therapist, family_key=cast.restricted_family.pk)
    with as_(cast.leader):
        assert not CuriosityFinding.objects.exists()


def test_emergencies_stand_in_a_list_without_names_for_managers_who_are_told_where_it_is(
    cast: Cast, client: Client
) -> None:
    with as_(cast.practitioner):
        break_glass(
            by=cast.practitioner,
            family_id=cast.restricted_family.pk,
            reason="Eve-Rose Smith-Jones is at the police station",
        )
    alert = Message.objects.get(key__startswith="break-glass:")
    assert (alert.user_id, alert.url) == (cast.manager.pk, reverse("emergencies"))
    sign_in(client, cast.manager)
    page = client.get(alert.url).text
    assert "Asha Example" in page and "is at the police station" in page and "RI-F2026-0003" in page
    assert "Eve" not in page and "Smith" not in page
    sign_in(client, cast.leader)
    assert "RI-F2026-0003" not in client.get(alert.url).text
    sign_in(client, cast.practitioner)
    assert client.get(alert.url).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(days=7)):
        check.check_due(timezone.localdate())
    assert Message.objects.filter(key__startswith="emergencies:", user_id=cast.manager.pk).count() == 1


def test_a_week_is_found_by_the_index_whatever_else_there_is(cast: Cast) -> None:
    """40,000 looks of other weeks: the plan of a week's statement reads that week's entries."""
    with acting_as(NamedActor.CURIOSITY, clusters=[cast.cluster.pk]), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_look (at, actor, cluster_id, family_id, page) SELECT %s - n * interval '5 minutes', 'x',"
            " %s, %s, 'family' FROM generate_series(1, 40000) n",
            [NOON - timedelta(days=9), cast.cluster.pk, cast.family.pk],
        )
        cursor.execute("SET LOCAL enable_seqscan = on")
        cursor.execute(
            "EXPLAIN (FORMAT JSON) " + looks.PAIRS,
            {**looks._values(cast.cluster.pk, WEEK), "opens": time(7), "closes": time(20)},
        )
        plan = json.dumps(cursor.fetchone()[0])
    assert "look_cluster_at" in plan


def test_where_somebody_lives_is_kept_as_a_fingerprint_alone(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    address = reverse("account-home")
    assert client.post(address, {"number": "7", "postcode": ""}).status_code == 422
    assert client.post(address, {"number": "Flat 7", "postcode": "ls8 1ab"}).status_code == 302
    kept = User.objects.get(pk=cast.practitioner.pk).home_key
    assert kept == home_key("7, Invented Row", "LS8 1AB") and "ls8" not in kept.lower()
    assert "LS8" not in client.get(address).text
    client.post(address, {"number": "", "postcode": "", "who": ""})
    assert User.objects.get(pk=cast.practitioner.pk).home_key == ""
