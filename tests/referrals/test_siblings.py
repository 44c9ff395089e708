"""Brothers and sisters on one form: one referral for each, the same story, reasons and school of their own."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.models import Draft, Message
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Term
from families.models import Agreement, Person
from families.services import index_person
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_person, as_, sign_in
from tests.referrals.test_journey import answers, begin, errors, fill_in, parts, vocabulary  # noqa: F401

ZDENKA = {"first_name": "Zdeňka", "last_name": "Novák"}


@pytest.fixture
def petr(cast: Cast) -> Person:
    with as_(cast.practitioner):
        found = Person.objects.get(family=cast.family, first_name="Petr")
        index_person(found)
    return found


def filled(cast: Cast, client: Client, terms: dict[str, Term], **changes: dict[str, Any]) -> str:
    """A whole form about Zdeňka, whose family is known."""
    tasks = begin(client, person=str(cast.child.pk))
    fill_in(client, tasks, answers(cast, terms, **{"child": ZDENKA, **changes}))
    return tasks


def made(cast: Cast) -> list[Referral]:
    with as_(cast.practitioner):
        rows = Referral.objects.filter(form__isnull=False).select_related("child", "story", "school")
        return list(rows.prefetch_related("reasons__reason", "reasons__category").order_by("reference"))


def key_on_page(client: Client, tasks: str, name: str) -> str:
    page = client.get(f"{tasks}siblings/")
    return str(next(each.uuid for each in page.context["added"] if name in each.name))


def test_ticked_at_check_your_answers_each_gets_a_referral_of_its_own(
    cast: Cast,
    client: Client,
    vocabulary: dict[str, Term],  # noqa: F811
    petr: Person,
) -> None:
    sign_in(client, cast.practitioner)
    tasks = filled(cast, client, vocabulary)
    assert "Petr Novák" in client.get(f"{tasks}check/").content.decode()
    added = client.post(f"{tasks}siblings/add/", {"person": [str(petr.pk)], "from": "check"})
    assert added["Location"] == f"{tasks}check/"
    client.post(f"{tasks}siblings/add/", {"person": [str(petr.pk)]})
    assert "1 added" in client.get(tasks).content.decode()
    # His own reasons: they began as hers, and change with hers no more.
    url = f"{tasks}siblings/{key_on_page(client, tasks, 'Petr')}/"
    assert "checked" in client.get(url).content.decode()
    none = client.post(url, {"school": cast.school.pk, "draft_version": "1"})
    assert (none.status_code, len(errors(none))) == (422, 1)
    own = {f"reason_{vocabulary['other'].pk}": [vocabulary["other"].pk], "school": cast.school.pk}
    assert client.post(url, own).status_code == 302
    page = client.get(f"{tasks}check/").content.decode()
    assert "Submit 2 referrals" in page
    first, again = client.post(f"{tasks}check/"), client.post(f"{tasks}check/")
    assert first["Location"] == again["Location"]
    hers, his = made(cast)
    assert (hers.child, his.child) == (cast.child, petr)
    assert first["Location"] == reverse("referral", args=[hers.pk])
    assert hers.reference != his.reference
    assert hers.story.worrying == his.story.worrying == "Late most Mondays."
    assert [r.category for r in hers.reasons.all()] == [vocabulary["category"]]
    assert [r.category for r in his.reasons.all()] == [vocabulary["other"]]
    assert (his.agreed, his.referrer_name, his.status) == ("yes", "Rae Invented", "to_screen")
    with as_(cast.practitioner):
        assert Agreement.objects.filter(family=cast.family).count() == 1
        assert not Draft.objects.exists()
        assert Person.objects.get(pk=petr.pk).first_name == "Petr"
    beside = client.get(reverse("referral", args=[his.pk])).content.decode()
    assert "On one form with" in beside
    assert hers.reference in beside


def test_one_who_is_new_is_searched_for_first_and_warned_of_by_their_own_school(
    cast: Cast,
    client: Client,
    vocabulary: dict[str, Term],  # noqa: F811
    petr: Person,
) -> None:
    sign_in(client, cast.leader)
    tasks = filled(cast, client, vocabulary)
    found = client.post(f"{tasks}siblings/", {"name": "Petr Novak", "search": "yes"}).content.decode()
    assert "Add this child" in found
    assert str(petr.pk) in found
    nobody = client.post(f"{tasks}siblings/", {"name": "Quirin", "search": "yes"}).content.decode()
    assert "No child like this" in nobody
    to = client.post(f"{tasks}siblings/add/", {"name": "Quirin", "new": "yes"})["Location"]
    assert 'value="Quirin"' in client.get(to).content.decode()
    assert 'value="Novák"' in client.get(to).content.decode()
    # Not complete yet: the form as a whole cannot be sent.
    assert "not complete" in client.get(f"{tasks}check/").content.decode()
    assert client.post(f"{tasks}check/").status_code == 422
    who = {
        "first_name": "Quirin",
        "last_name": "Novák",
        **parts("birth_date", timezone.localdate() - timedelta(days=2500)),
        "gender": "male",
        "ethnicity": vocabulary["ethnicity"].pk,
        "school": cast.other_school.pk,
        f"reason_{vocabulary['category'].pk}": [vocabulary["anxiety"].pk],
    }
    saved = client.post(to, who)
    assert saved.status_code == 302, errors(saved)
    page = client.get(f"{tasks}check/").content.decode()
    assert "Quirin Novák: Imaginary High School belongs to Hilltop Invented" in page
    assert "override_reason" in page
    client.post(f"{tasks}check/", {"override_reason": "He lives with us"})
    hers, his = made(cast)
    assert (hers.override_reason, his.override_reason) == ("", "He lives with us")
    assert (his.child.first_name, his.child.family_id, his.school) == ("Quirin", cast.family.pk, cast.other_school)


def test_a_child_of_another_family_record_and_one_who_is_there_already_are_not_added(
    cast: Cast,
    client: Client,
    vocabulary: dict[str, Term],  # noqa: F811
) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        stranger = a_person(cast.referral.family, "Tomasz", is_child=True)
    sign_in(client, cast.practitioner)
    tasks = begin(client, person=str(cast.child.pk))
    for person, said in ((stranger, "another family record"), (cast.child, "already"), (cast.mother, "")):
        answer = client.post(f"{tasks}siblings/add/", {"person": [str(person.pk)]}, follow=True)
        assert said in answer.content.decode()
        assert not (answer.context and answer.context.get("added"))
    assert client.post(f"{tasks}siblings/add/", {"person": [str(uuid.uuid4())]}).status_code == 404
    assert client.post(f"{tasks}siblings/add/", {"person": ["x"]}).status_code == 302
    sign_in(client, cast.colleague)
    assert client.post(f"{tasks}siblings/add/", {"person": [str(cast.child.pk)]}).status_code == 404


def test_taken_off_again_it_is_one_referral_and_harm_tells_of_each(
    cast: Cast,
    client: Client,
    vocabulary: dict[str, Term],  # noqa: F811
    petr: Person,
) -> None:
    sign_in(client, cast.practitioner)
    tasks = filled(cast, client, vocabulary, risks={"harm": "yes"})
    client.post(f"{tasks}siblings/add/", {"person": [str(petr.pk)]})
    key = key_on_page(client, tasks, "Petr")
    assert client.post(f"{tasks}siblings/{key}/remove/").status_code == 302
    assert client.get(f"{tasks}siblings/{key}/").status_code == 404
    assert "Submit the referral" in client.get(f"{tasks}check/").content.decode()
    client.post(f"{tasks}siblings/add/", {"person": [str(petr.pk)]})
    client.post(f"{tasks}check/")
    assert all(referral.harm_flagged_at for referral in made(cast))
    assert Message.objects.filter(key__startswith="harm:", to=cast.leader.email).count() == len(made(cast)) == 2
