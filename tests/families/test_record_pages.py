"""The family's record beside its people: recorded, changed by two editors, ended and never deleted."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Change, Event
from families import record_services as services
from families.index import index_family
from families.models import (
    Agreement,
    Circumstances,
    Family,
    Flag,
    Person,
    Relationship,
    SharingDecision,
    SocialCareInvolvement,
)
from families.services import Stale, save_person
from tests.fixtures_cast import Cast, a_person, a_term, as_, sign_in
from tests.queries import counting

K = SocialCareInvolvement.Kind


def on(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def page(client: Client, cast: Cast) -> str:
    return client.get(reverse("family", args=[cast.family.pk])).content.decode()


def test_a_relationship_is_recorded_changed_and_marked_as_a_mistake(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    data = {"person": str(cast.mother.pk), "kind": "parent", "other": str(cast.child.pk)}
    new = reverse("relationship-new", args=[cast.family.pk])
    assert client.post(new, data).status_code == 302
    assert "This is recorded already" in client.post(new, data).content.decode()
    assert "Choose two different people" in client.post(new, data | {"other": data["person"]}).content.decode()
    upside = {"person": data["other"], "kind": "parent", "other": data["person"]}
    assert "is recorded as a parent" in client.post(new, upside).content.decode()
    assert "Child of Jana Novák" in page(client, cast)
    with as_(cast.practitioner):
        row = Relationship.objects.get()
    edit = reverse("relationship-edit", args=[row.pk])
    assert 'name="version" value="1"' in client.get(edit).content.decode()
    since = data | {"version": "1", **on("starts_on", date(2016, 3, 1))}
    assert client.post(edit, since).status_code == 302
    late = client.post(edit, data | {"version": "1", "kind": "step_parent"}).content.decode()
    assert "This was changed elsewhere" in late
    assert "1 March 2016" in late, "the other's text"
    assert client.post(edit, data | {"version": "2", "mistaken": "on"}).status_code == 302
    assert "Child of Jana" not in page(client, cast)
    with as_(cast.practitioner):
        assert Relationship.objects.get().mistaken
        assert Event.objects.filter(text__startswith="Relationship marked as recorded by mistake").exists()


def test_a_couple_is_said_once_from_either_side(cast: Cast) -> None:
    with as_(cast.practitioner):
        father = a_person(cast.family, "Marek", is_child=False)
        said = {"by": cast.practitioner, "family": cast.family, "kind": "married"}
        services.save_relationship(**said, person=cast.mother, other=father)
        with pytest.raises(ValidationError, match="recorded already"):
            services.save_relationship(**said, person=father, other=cast.mother)


def test_periods_of_social_care_for_several_children_do_not_overlap(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    with as_(cast.practitioner):
        petr = Person.objects.get(family=cast.family, first_name="Petr")
    new = reverse("social-care-new", args=[cast.family.pk])
    plan = {"people": [str(cast.child.pk), str(petr.pk)], "kind": "child_protection", "source": "social_care"}
    began, ended = date(2023, 5, 1), date(2024, 2, 1)
    assert client.post(new, plan | on("starts_on", began) | on("ends_on", ended)).status_code == 302
    answer = client.post(new, plan | on("starts_on", date(2024, 1, 1))).content.decode()
    assert "is recorded for" in answer
    assert "from 1 May 2023 to 1 February 2024" in answer
    assert client.post(new, plan | on("starts_on", ended)).status_code == 302, "the next may begin on that day"
    backwards = plan | on("starts_on", ended) | on("ends_on", began)
    assert "The end must be after the beginning" in client.post(new, backwards).content.decode()
    with as_(cast.practitioner):
        assert SocialCareInvolvement.objects.count() == 4
        assert SocialCareInvolvement.objects.on(date(2023, 6, 1)).count() == 2
        assert not SocialCareInvolvement.objects.on(date(2023, 4, 30)).exists()
    assert "Child protection plan" in page(client, cast)


def test_a_period_is_ended_by_one_editor_and_the_other_is_told(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        (row,) = services.add_social_care(
            by=cast.practitioner, family=cast.family, people=[cast.child], kind=K.LOOKED_AFTER,
            starts_on=date(2025, 1, 1), source="school",
        )  # fmt: skip
    sign_in(client, cast.practitioner)
    assert "Looked after since 1 January 2025" in page(client, cast)
    edit = reverse("social-care-edit", args=[row.pk])
    data = {"kind": "looked_after", "source": "school", "version": "1", **on("starts_on", date(2025, 1, 1))}
    assert client.post(edit, data | on("ends_on", date(2025, 9, 1))).status_code == 302
    assert "1 September 2025" in client.post(edit, data | {"source": "health"}).content.decode()
    assert "Looked after since" not in page(client, cast)
    with as_(cast.practitioner):
        assert Change.objects.filter(table_name="families_socialcareinvolvement").count() == 2


def test_the_database_refuses_overlapping_periods_too(cast: Cast) -> None:
    keys = {"cluster": cast.cluster, "family": cast.family, "person": cast.child, "kind": K.CHILD_IN_NEED}
    with as_(cast.practitioner):
        SocialCareInvolvement.objects.create(**keys, starts_on=date(2024, 1, 1), source="family", mistaken=True)
        SocialCareInvolvement.objects.create(**keys, starts_on=date(2024, 1, 1), source="family")
        with pytest.raises(IntegrityError, match="socialcare_one_period_at_a_time"), transaction.atomic():
            SocialCareInvolvement.objects.create(**keys, starts_on=date(2024, 6, 1), source="family")


def test_how_they_live_changes_and_keeps_what_was(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("circumstances", args=[cast.family.pk])
    flat = {"housing": "private", "income": "work_benefits", "people_in_home": "5", "overcrowded": "yes"}
    assert client.post(url, flat | on("starts_on", date(2025, 1, 1))).status_code == 302
    assert "Overcrowded" in page(client, cast)
    put_right = flat | {"changed": "no", "version": "1", "people_in_home": "4"} | on("starts_on", date(2025, 1, 1))
    assert client.post(url, put_right).status_code == 302
    moved = flat | {"changed": "yes", "version": "2", "housing": "social", "overcrowded": "no"}
    assert "The present entry begins on" in client.post(url, moved | on("starts_on", date(2024, 1, 1))).content.decode()
    assert client.post(url, moved | on("starts_on", date(2026, 2, 1))).status_code == 302
    late = client.post(url, put_right | {"version": "2"}).content.decode()
    assert "This was changed elsewhere" in late
    with as_(cast.practitioner):
        rows = [(r.housing, r.people_in_home, r.starts_on, r.ends_on) for r in Circumstances.objects.all()]
    assert rows == [
        ("social", 5, date(2026, 2, 1), None),
        ("private", 4, date(2025, 1, 1), date(2026, 2, 1)),
    ]
    assert "Rented from the council" in page(client, cast)


def test_a_decision_not_to_share_has_a_reason_and_is_not_the_agreement(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    new = reverse("sharing-new", args=[cast.family.pk])
    data = {
        "decision": "not_shared",
        "with_whom": "Marek Novák, father",
        "what": "The new address",
        "reason": "Police: he has threatened Jana.",
        "basis": "no_basis",
        "told": "before",
        **on("decided_on", timezone.localdate()),
    }
    assert "reason" in client.post(new, data | {"reason": " "}).context["form"].errors
    assert client.post(new, data).status_code == 302
    shown = page(client, cast)
    assert "he has threatened Jana" in shown
    with as_(cast.practitioner):
        row = SharingDecision.objects.get()
        assert row.decided_by == cast.practitioner
        assert not Agreement.objects.exists()
    edit = reverse("sharing-edit", args=[row.pk])
    ended = data | {"version": "1", **on("ends_on", timezone.localdate())}
    assert client.post(edit, ended).status_code == 302
    assert "no longer in force since" in page(client, cast)
    assert "This was changed elsewhere" in client.post(edit, data | {"version": "1"}).content.decode()


def test_a_visiting_risk_says_what_a_lone_worker_does(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    risk = {"kind": "visiting_risk", "text": "A dog", "precaution": "two"}
    client.post(reverse("flag-new", args=[cast.family.pk]), risk)
    assert "Never visit alone" in page(client, cast)
    with as_(cast.practitioner):
        flag = Flag.objects.get()
    edit = reverse("flag-edit", args=[flag.pk])
    assert client.post(edit, risk | {"version": "1", "precaution": "ring"}).status_code == 302
    assert "Ring before and after" in page(client, cast)
    assert "This was changed elsewhere" in client.post(edit, risk | {"version": "1", "text": "Two"}).content.decode()


def test_an_agreement_is_put_right_by_one_of_two(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        row = Agreement.objects.create(
            cluster=cast.cluster, family=cast.family, given_by="Jana", given_on=date(2026, 1, 5)
        )
    sign_in(client, cast.practitioner)
    edit = reverse("agreement-edit", args=[row.pk])
    data = {"given_by": "Jana Novák, mother", "version": "1", **on("given_on", date(2026, 1, 6))}
    assert client.post(edit, data).status_code == 302
    assert "Jana Novák, mother" in client.post(edit, data | {"given_by": "Petr"}).content.decode()
    with as_(cast.practitioner):
        assert Agreement.objects.get().given_on == date(2026, 1, 6)


def test_a_need_that_is_no_longer_said_ends_and_may_come_back(cast: Cast) -> None:
    need = a_term("sen_type")
    with as_(cast.practitioner):
        for needs in ([("queried", need)], [], [("queried", need)]):
            save_person(by=cast.practitioner, family=cast.family, person=cast.child, needs=needs)
        rows = list(cast.child.send_needs.order_by("created_at").values_list("status", "ends_on"))
    assert rows == [("queried", timezone.localdate()), ("queried", None)]


def test_work_support_and_death_are_on_the_persons_form(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    url = reverse("person-edit", args=[cast.mother.pk])
    data = {
        "first_name": "Jana", "last_name": "Novák", "is_child": "no", "gender": "female", "in_household": "yes",
        "involvement": "involved", "employment": "part_time", "support": "strong", "version": "1",
        **on("died_on", date(2026, 1, 1)),
    }  # fmt: skip
    assert client.post(url, data).status_code == 302
    with as_(cast.practitioner):
        mother = Person.objects.get(pk=cast.mother.pk)
    assert (mother.employment, mother.support, mother.deceased) == ("part_time", "strong", True)
    assert "Works part time" in page(client, cast)
    wrong = data | {"version": "2"} | on("died_on", date(1970, 1, 1)) | on("birth_date", date(1988, 5, 4))
    assert "before the date of birth" in client.post(url, wrong).content.decode()


def test_the_withheld_address_is_on_no_printed_page(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        father = a_person(cast.family, "Marek", is_child=False, in_household=False)
        index_family(cast.family)
        Flag.objects.create(
            cluster=cast.cluster, family=cast.family, kind=Flag.Kind.ADDRESS_NOT_SHARED, not_to_be_told=father
        )
    sign_in(client, cast.practitioner)
    shown = [
        page(client, cast),
        client.get(reverse("family-list")).content.decode(),
        client.post(reverse("search"), {"q": "1 Invented Row"}).content.decode(),
    ]
    for text in shown:
        before, _, _ = text.partition("1 Invented Row, LS8 1AA <strong")
        assert before.endswith('<span class="eh-noprint">'), "the screen alone shows it"
        assert '<span class="eh-printonly">Address withheld</span>' in text
    assert "Not to be told:" in shown[0]
    sign_in(client, cast.leader)
    past = client.get(reverse("family-history", args=[cast.family.pk])).content.decode()
    assert past.count("1 Invented Row") == past.count('<div class="eh-noprint"><dt>Address') > 0


def test_the_picture_page_and_the_people_tab_show_the_same(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        Relationship.objects.create(
            cluster=cast.cluster, family=cast.family, person=cast.mother, other=cast.child, kind="parent"
        )
    sign_in(client, cast.practitioner)
    with counting() as queries:
        whole = client.get(reverse("family-picture", args=[cast.family.pk])).content.decode()
    assert len(queries) <= 12, queries
    with counting() as queries:
        tab = client.get(reverse("case-people", args=[cast.case.pk])).content.decode()
    assert len(queries) <= 15, queries
    for text in (whole, tab, page(client, cast)):
        assert "eh-geno__shape--inner" in text, "the child whom the work is about"
        assert "Child of Jana Novák" in text
    for text in (whole, tab):
        assert "Lead worker" in text
        assert "School of Zdeňka" in text


def test_nothing_is_changed_with_a_stale_version(cast: Cast) -> None:
    with as_(cast.practitioner):
        flag = Flag.objects.create(cluster=cast.cluster, family=cast.family, kind="other", text="A", version=3)
        with pytest.raises(Stale):
            services.change_flag(by=cast.practitioner, family=cast.family, flag=flag, version=2, text="B")
        assert Flag.objects.get().text == "A"


def test_the_record_is_walled(cast: Cast) -> None:
    keys: dict[str, Any] = {"cluster": cast.cluster, "family": cast.restricted_family}
    with as_(cast.colleague):
        Circumstances.objects.create(**keys, starts_on=date(2025, 1, 1))
    with as_(cast.leader):
        assert not Circumstances.objects.exists()
        assert not Family.objects.filter(pk=cast.restricted_family.pk).exists()
    elsewhere = timezone.localdate() - timedelta(days=3)
    with as_(cast.practitioner), pytest.raises(IntegrityError, match="same_family"), transaction.atomic():
        SocialCareInvolvement.objects.create(
            cluster=cast.cluster, family=cast.family, person=cast.referral.child, kind="court", starts_on=elsewhere,
            source="other",
        )  # fmt: skip
