"""The technical pages: to read only, for who has the right, and inside the walls."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from cluster_ehs.core.admin import OURS
from cluster_ehs.core.models import Look, Message
from clusters.models import ApiToken, User
from tests.fixtures_cast import Cast, as_, sign_in

MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]


def page(model: type, what: str = "changelist", *arguments: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=arguments)


@pytest.fixture
def technician(cast: Cast) -> User:
    User.objects.filter(pk=cast.manager.pk).update(is_staff=True)
    return User.objects.get(pk=cast.manager.pk)


def test_every_model_of_ours_is_there() -> None:
    assert len(MODELS) > 40
    assert all(model in admin.site._registry for model in MODELS)


def test_every_list_opens_and_offers_nothing_to_add(client: Client, technician: User) -> None:
    sign_in(client, technician)
    answers = {
        model._meta.label: (client.get(page(model)).status_code, client.get(page(model, "add")).status_code)
        for model in MODELS
    }
    assert {label: said for label, said in answers.items() if said != (200, 403)} == {}


@pytest.mark.parametrize("who", ["manager", "leader", "practitioner"])
def test_without_the_right_nothing_opens(client: Client, cast: Cast, who: str) -> None:
    sign_in(client, getattr(cast, who))
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_signed_out_leads_to_the_one_sign_in_page(client: Client, cast: Cast) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_the_row_policies_bind_it(client: Client, cast: Cast, technician: User) -> None:
    sign_in(client, technician)
    for model, row in (
        (type(cast.family), cast.family),
        (type(cast.case), cast.case),
        (type(cast.child), cast.child),
        (type(cast.restricted_family), cast.restricted_family),
    ):
        assert client.get(page(model)).context["cl"].result_count == 0
        # Django leads back to the index, with a message, for what is not there.
        assert client.get(page(model, "change", row.pk)).status_code == 302
    assert not Look.objects.exists()


def test_a_leader_with_the_right_reads_the_own_cluster_and_leaves_a_trace(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.leader.pk).update(is_staff=True)
    sign_in(client, cast.leader)
    listed = client.get(page(type(cast.child)))
    assert listed.context["cl"].result_count > 0
    assert "Zdeňka" not in listed.content.decode()
    assert client.get(page(type(cast.child), "change", cast.child.pk)).status_code == 200
    assert client.get(page(type(cast.case), "change", cast.other_case.pk)).status_code == 302
    with as_(cast.leader):
        assert [look.page for look in Look.objects.filter(family_id=cast.family.pk)] == ["technical: person"]


def test_nothing_is_changed_or_deleted(client: Client, cast: Cast, technician: User) -> None:
    sign_in(client, technician)
    url = page(User, "change", cast.practitioner.pk)
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Changed"}).status_code == 403
    assert client.post(page(User, "delete", cast.practitioner.pk), {"post": "yes"}).status_code == 403
    assert User.objects.get(pk=cast.practitioner.pk).name == "Asha Example"


def test_secrets_are_not_shown(client: Client, cast: Cast, technician: User) -> None:
    sign_in(client, technician)
    token = ApiToken.objects.create(user=technician, name="T", digest="abc123" * 10)
    message = Message.objects.create(key="k", to="a@example.org", subject="s", body="https://secret.link/")
    for row in (token, message, technician):
        text = client.get(page(type(row), "change", row.pk)).content.decode()
        assert "abc123" not in text
        assert "secret.link" not in text
        assert technician.password not in text


def test_keys_of_second_factors_and_other_packages_tables_are_not_there() -> None:
    assert {model._meta.app_label for model in admin.site._registry} == OURS


@pytest.mark.parametrize(
    ("name", "leads_to"), [("password_change", "account_change_password"), ("logout", "account_logout")]
)
def test_there_is_one_way_to_sign_out_and_to_change_a_password(
    client: Client, technician: User, name: str, leads_to: str
) -> None:
    sign_in(client, technician)
    assert client.post(reverse(f"admin:{name}"))["Location"] == reverse(leads_to)
    assert client.get(reverse("admin:login"))["Location"] == reverse("admin:index")
