"""Evaluation extracts: nobody stands out, no two can be joined, nothing of a record is in them, and all is logged."""

import csv
import io
import zipfile
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.scope import NamedActor, acting_as
from monitoring.extract import services
from monitoring.extract.files import QUASI, STEPS, fields, make_file, pseudonymised
from monitoring.extract.grouping import GROUPED, K, anonymous, combinations, group_rare
from monitoring.extract.models import Extract, ExtractFile, ExtractTaken
from monitoring.extract.people import Child, children
from referrals.models import Referral, ReferralReason
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_term, as_, sign_in

ABOUT = {
    "purpose": "Who is reached, and how soon?",
    "recipient": "Ada Invented, University of Nowhere",
    "basis": "task",
}
NAMES = ("Novák", "Zdeňka", "Jana", "Wójcik", "Jakub", "Smith-Jones", "Eve-Rose", "Eli", "RI-20", "Late most Mondays")


def rows_of(content: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("children.csv").decode("utf-8-sig"))))


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Twelve more children of Cluster A, alike but for two."""
    today = timezone.localdate()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for number in range(12):
            family = a_family(cast.cluster, f"Invented{number}", number=50 + number)
            years = 9 if number < 10 else 15
            child = a_person(family, "Ola", born=today - timedelta(days=years * 366), gender="female")
            referral = a_referral(child, number=60 + number, days_ago=40 + number)
            ReferralReason.objects.create(
                cluster_id=child.cluster_id,
                family_id=child.family_id,
                referral=referral,
                category=a_term("reason", "school"),
            )
            if number == 0:
                # Referred two years ago first: its days count from then.
                a_referral(child, number=90, days_ago=740)
    return cast


def made(cast: Cast, **more: object) -> Extract:
    today = timezone.localdate()
    with as_(cast.manager):
        extract = services.ask_extract(
            by=cast.manager,
            clusters=[cast.cluster],
            period_from=today - timedelta(days=365),
            period_to=today,
            **{**ABOUT, **more},
        )
    assert services.make_extract(extract.pk)
    extract.refresh_from_db()
    return extract


VALUES = {
    "age_band": ("0-4", "5-6", "7-8", "9-10", "11-12", "13-14", "15-17", "not known"),
    "gender": ("male", "female", "other", "not known"),
    "ethnic_group": ("White", "Asian", "Black", "Mixed", "not known"),
    "send": ("diagnosed", "queried", "none recorded"),
    "cluster": ("Riverside", "Hilltop"),
}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()}), max_size=90))
def test_every_combination_occurs_five_times_or_was_grouped_or_removed(rows: list[dict[str, str]]) -> None:
    done = anonymous(rows, QUASI, STEPS)
    assert all(count >= K for count in combinations(done.rows, QUASI).values())
    assert len(done.rows) + done.removed == len(rows)
    # What was frequent from the beginning is as it was.
    often = {key: count for key, count in combinations(rows, QUASI).items() if count >= K}
    after = combinations(done.rows, QUASI)
    assert all(after[key] >= count for key, count in often.items())
    assert done.grouped <= len(done.rows)


def test_children_who_are_not_alike_are_grouped_before_they_are_removed() -> None:
    alike = dict(zip(QUASI, ("7-8", "male", "White", "none recorded", "Riverside"), strict=True))
    odd = [{**alike, "ethnic_group": name} for name in ("Asian", "Black", "Mixed", "Asian", "not known")]
    done = anonymous([*([alike] * 6), *odd, {**alike, "gender": "other"}], QUASI, STEPS)
    assert Counter(row["ethnic_group"] for row in done.rows) == {"White": 6, GROUPED: 5}
    assert (done.grouped, done.removed) == (5, 1)


def test_rare_codes_of_other_fields_are_grouped_until_five_share_them() -> None:
    rows = [{"route": name} for name in ["police"] * 9 + ["school"] * 7 + ["health"] * 2]
    assert group_rare(rows, ["route"]) == 9
    assert Counter(row["route"] for row in rows) == {"police": 9, GROUPED: 9}


def test_two_extracts_cannot_be_joined() -> None:
    found = [Child(f"child {n}", f"family {n // 2}", False, {"age_band": "7-8"}) for n in range(20)]
    first, second = pseudonymised(found), pseudonymised(found)
    for name in ("child", "family"):
        assert not {row[name] for row in first} & {row[name] for row in second}
    assert len({row["child"] for row in first}) == 20 and len({row["family"] for row in first}) == 10
    # Nor by the order of the lines.
    numbered = [Child(f"child {n}", "", False, {"n": str(n)}) for n in range(20)]
    assert [row["n"] for row in pseudonymised(numbered)] != [row["n"] for row in pseudonymised(numbered)]


def test_the_file_has_days_and_codes_and_nothing_of_the_record(many: Cast) -> None:
    extract = made(many)
    # Two girls of 15 and four of the cast stand out; the restricted family's children are not even looked at.
    assert extract.found["restricted"] == 2
    with as_(many.manager):
        content = services.take_extract(by=many.manager, extract=extract, why="To send it by the secure portal")
    rows = rows_of(content)
    assert len(rows) == extract.found["rows"] == 14 - extract.found["removed"]
    assert all(count >= K for count in combinations(rows, QUASI).values())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = "".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())
        dictionary = csv.DictReader(io.StringIO(archive.read("data_dictionary.csv").decode("utf-8-sig")))
        assert [line["name"] for line in dictionary] == list(rows[0])
        assert "University of Nowhere" in archive.read("READ_ME.txt").decode()
    with acting_as(NamedActor.FIGURES):
        keys = {str(pk) for pair in Referral.objects.values_list("child_id", "family_id") for pk in pair}
    assert not [word for word in (*NAMES, *keys) if word in text]
    assert str(timezone.localdate().year) not in "".join(",".join(row.values()) for row in rows)
    twice = [row for row in rows if row["day_referred"] != "0"]
    assert [row["day_referred"] for row in twice] == ["700"]
    assert {row["reason_school"] for row in rows} >= {"yes"}


def test_what_the_columns_say_is_what_is_recorded(cast: Cast) -> None:
    today = timezone.localdate()
    with acting_as(NamedActor.FIGURES):
        found = children(clusters=[cast.cluster.pk], start=today - timedelta(days=60), end=today, today=today)
    own = next(child for child in found if child.child_id == str(cast.child.pk))
    assert list(own.values) == [field.name for field in fields()][2:]
    expected = {
        "response": "service",
        "day_decided": "10",
        "day_case_opened": "16",
        "day_first_contact": "28",
        "contacts_attended": "2",
        "service_family_support": "yes",
        "service_childrens_therapy": "yes",
        "outcome": "not ended",
        "social_care_before": "no",
    }
    assert {name: own.values[name] for name in expected} == expected
    assert sum(child.restricted for child in found) == 2


def test_the_key_and_the_file_are_nowhere_but_where_they_belong(many: Cast) -> None:
    extract = made(many)
    assert not ExtractFile.objects.filter(extract=extract).exists()  # without the scope of figures
    with as_(many.leader):
        assert not ExtractFile.objects.filter(extract=extract).exists()
    assert {field.name for field in ExtractFile._meta.fields} == {"id", "extract", "content", "sha256"}


def test_who_took_it_and_why_stays_and_it_expires(many: Cast) -> None:
    extract = made(many)
    with as_(many.manager):
        services.take_extract(by=many.manager, extract=extract, why="First look")
        assert ExtractTaken.objects.get().why == "First look"
    with pytest.raises(DatabaseError), transaction.atomic():
        ExtractTaken.objects.all().delete()
    Extract.objects.filter(pk=extract.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    with as_(many.manager), pytest.raises(Conflict):
        services.take_extract(by=many.manager, extract=extract, why="Too late")
    services.carry_on()
    extract.refresh_from_db()
    assert extract.ended_at is not None and ExtractTaken.objects.count() == 1
    with acting_as(NamedActor.FIGURES):
        assert not ExtractFile.objects.exists()


def test_a_worker_that_was_killed_leaves_nothing_and_the_next_makes_it(
    many: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "make_file", lambda *_, **__: (_ for _ in ()).throw(MemoryError("killed")))
    with pytest.raises(MemoryError):
        made(many)
    extract = Extract.objects.get()
    with acting_as(NamedActor.FIGURES):
        assert not ExtractFile.objects.exists()
    monkeypatch.setattr(services, "make_file", make_file)
    assert services.make_extract(extract.pk) is False  # the lease still runs
    Extract.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert services.make_extract(extract.pk) is True
    assert services.make_extract(extract.pk) is False


def test_managers_alone_ask_and_take_with_a_reason(many: Cast, client: Client) -> None:
    extract = made(many)
    with as_(many.leader), pytest.raises(Denied):
        services.take_extract(by=many.leader, extract=extract, why="Curious")
    sign_in(client, many.manager)
    page = f"/reports/extracts/{extract.pk}/"
    text = client.get(page).content.decode()
    assert "University of Nowhere" in text and not [name for name in NAMES if name in text]
    answer = client.post(f"{page}file/", {"why": ""})
    assert answer.status_code == 422 and not ExtractTaken.objects.exists()
    answer = client.post(f"{page}file/", {"why": "For the portal"})
    assert answer["Content-Type"] == "application/zip" and len(rows_of(answer.content)) > 0
    assert "For the portal" in client.get(page).content.decode()
    assert client.post(f"{page}end/").status_code == 302
    assert client.post(f"{page}file/", {"why": "Again"}).status_code == 409
    extract.refresh_from_db()
    assert extract.ended_by == many.manager and ExtractTaken.objects.get().user == many.manager


def test_research_needs_its_approval(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    asked = {**ABOUT, "basis": "research", "clusters": [cast.cluster.pk]}
    for name, day in (("period_from", date(2025, 1, 1)), ("period_to", date(2025, 12, 31))):
        asked |= {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}
    answer = client.post("/reports/extracts/new/", asked)
    assert answer.status_code == 422 and "research needs one" in answer.content.decode()
    assert client.post("/reports/extracts/new/", {**asked, "ethics_reference": "REC 1"}).status_code == 302
    assert Extract.objects.get().ethics_reference == "REC 1"
