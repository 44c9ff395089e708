"""What a form or a body of the API may set: only what it names, and never what the program sets itself."""

import dataclasses
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import ModelAdmin
from django.forms import ModelForm
from django.urls import get_resolver
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from cases.api_shapes import NewContact
from cluster_ehs.core.api import NOT_KNOWN, StrictSerializer
from cluster_ehs.core.models import Change
from families.models import Family, Person
from referrals.models import Referral
from tests.api.bodies import a_contact_body, a_decision_body, a_notification_body, a_referral_body
from tests.api.callers import Caller, url
from tests.fixtures_cast import Cast, as_

# Set by services and the database alone.
OURS = frozenset(
    [
        "id",
        "pk",
        "cluster",
        "family",
        "status",
        "restricted",
        "version",
        "created_at",
        "saved_at",
        "created_by",
        "author",
        "decided_by",
        "recorded_by",
        "made_by",
        "is_superuser",
        "is_staff",
        "is_active",
        "password",
        "user",
        "last_login",
        "digest",
        "path",
        "sha256",
        "sealed",
    ]
)
# Where such a field is what the form is about, with who may use it.
ASKED_FOR = {
    # A service may be one Cluster's alone, and an entitlement is a Cluster's; a manager chooses whose.
    ("ServiceForm", "cluster"),
    ("EntitlementForm", "cluster"),
}
EXTRA = ("status", "restricted", "version", "created_at", "by", "author", "family_id", "is_staff", "id", "decided_by")


def _below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def test_no_form_over_a_table_sets_what_the_program_sets() -> None:
    get_resolver().url_patterns  # noqa: B018 (imports every view, and with it every form)
    found, wrong = 0, []
    for form in set(_below(ModelForm)):
        meta = getattr(form, "_meta", None)
        if meta is None or meta.model is None or form.__module__.split(".")[0] not in OWN_APPS:
            continue
        found += 1
        if meta.fields is None or meta.fields == "__all__":
            wrong.append(f"{form.__name__} does not name its fields")
            continue
        wrong += [
            f"{form.__name__} sets {name}" for name in set(meta.fields) & OURS if (form.__name__, name) not in ASKED_FOR
        ]
    assert found > 5
    assert not wrong, "\n".join(sorted(wrong))


OWN_APPS = "clusters families referrals triage cases formulation outcomes imports monitoring keeping".split()  # noqa: SIM905


def _parts(serializer: BaseSerializer) -> Iterator[Serializer]:
    if isinstance(serializer, ListSerializer):
        serializer = serializer.child
    if isinstance(serializer, Serializer):
        yield serializer
        for field in serializer.fields.values():
            if isinstance(field, BaseSerializer) and not field.read_only:
                yield from _parts(field)


def test_every_body_refuses_what_it_does_not_name_at_every_depth() -> None:
    get_resolver().url_patterns  # noqa: B018
    strict = set(_below(StrictSerializer))
    assert len(strict) > 15
    loose = {
        f"{kind.__name__}: {type(part).__name__}"
        for kind in strict
        for part in _parts(kind())
        if not isinstance(part, StrictSerializer)
    }
    assert loose == set()
    judged = NewContact(data={"kind": "phone", "status": "closed"})
    assert not judged.is_valid()
    assert judged.errors["status"] == [NOT_KNOWN]


def test_the_technical_pages_change_nothing() -> None:
    changing = [m for m in _below(ModelAdmin) if m.__module__.split(".")[0] in OWN_APPS and not m.read_only]
    assert changing == []


# A referral may be restricted from its first moment.
MAY_BE_SAID = {(url("referral-list"), "restricted")}


@dataclasses.dataclass
class Sent:
    address: str
    body: dict[str, Any]


@pytest.fixture
def bodies(cast: Cast) -> list[Sent]:
    return [
        Sent(url("referral-list"), a_referral_body(cast)),
        Sent(url("decision", cast.referral.pk), a_decision_body()),
        Sent(url("contact-list", cast.case.pk), a_contact_body(cast)),
        Sent(url("plan", cast.case.pk), {"goals": [{"words": "Calm mornings"}]}),
    ]


def test_no_body_sets_more_than_it_may(cast: Cast, bodies: list[Sent]) -> None:
    caller = Caller(cast.leader)
    values = (cast.other_cluster.pk, str(cast.other_family.pk), "closed", True)
    for sent, (name, value) in itertools.product(bodies, zip(EXTRA, itertools.cycle(values), strict=False)):
        if (sent.address, name) in MAY_BE_SAID:
            continue
        answer = caller.post(sent.address, {**sent.body, name: value})
        assert answer.status_code == 400, (sent.address, name)
        assert NOT_KNOWN in str(answer.json()), (sent.address, name)


def test_records_of_another_cluster_are_named_in_no_body(cast: Cast) -> None:
    with as_(cast.other_leader):
        stranger = Person.objects.filter(family=cast.other_family)[0]
    caller, other = Caller(cast.leader), str(cast.other_family.pk)
    contact = a_contact_body(cast)
    for address, body in (
        (url("referral-list"), a_referral_body(cast, cluster=cast.other_cluster.pk)),
        (url("referral-list"), a_referral_body(cast, school=cast.other_school.pk, family=other)),
        (url("contact-list", cast.case.pk), {**contact, "people": [str(stranger.pk)]}),
        (url("contact-list", cast.case.pk), {**contact, "people": [other]}),
        (url("contact-list", cast.case.pk), {**contact, "people": ["' OR 1=1 --"]}),
        (url("contact-list", cast.other_case.pk), contact),
        (url("decision", cast.other_referral.pk), a_decision_body()),
        (url("plan", cast.other_case.pk), {"goals": [{"words": "x"}]}),
    ):
        answer = caller.post(address, body)
        assert answer.status_code in (400, 403, 404), (address, answer.status_code)
        assert "Okafor" not in answer.text
    with as_(cast.other_leader):
        assert Referral.objects.filter(family=cast.other_family).count() == 1
        assert not Change.objects.filter(family_id=other, user_id=cast.leader.pk).exists()
        assert Family.objects.filter(pk=other).exists()


def test_a_notification_names_no_family(cast: Cast) -> None:
    sent = a_notification_body(cast, family=str(cast.other_family.pk), external_id=str(uuid.uuid4()))
    assert Caller(cast.leader).post(url("intake"), sent).status_code in (400, 403)
