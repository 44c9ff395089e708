"""Nobody takes a manager's account over alone: a new address and a lost telephone need two people, whoever writes."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from clusters.account_changes import services
from clusters.models import AccountRequest, ManagerRequest, Role, User
from clusters.roles import services as roles
from clusters.services import staff
from clusters.signing_in.services import reset_second_factor
from tests.fixtures_cast import Cast, a_user, as_, sign_in

pytestmark = pytest.mark.django_db
What = AccountRequest.What
WHY = "She rang from the new place, I know her voice"
NEW = "mo.new@example.org"


@pytest.fixture
def second(cast: Cast) -> User:
    return a_user("Max Example", role=Role.MANAGER)


@pytest.fixture
def third(cast: Cast, second: User) -> User:
    return a_user("Moy Example", role=Role.MANAGER)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def asked(by: User, about: User, what: str = What.ADDRESS) -> AccountRequest:
    with as_(by):
        return services.ask(by=by, to=about, what=what, reason=WHY, email=NEW if what == What.ADDRESS else "")


def test_one_manager_alone_changes_neither_address_nor_second_factor(cast: Cast, second: User, client: Client) -> None:
    TOTP.activate(second, "JBSWY3DPEHPK3PXP")
    sign_in(client, cast.manager)
    old = second.email
    page = reverse("settings-person-edit", args=[second.pk])
    assert "changed by two people" in client.get(page).text
    client.post(page, {"name": "Max Renamed", "email": NEW, "telephone": "0113 496 0001"})
    assert (fresh(second).email, fresh(second).name) == (old, "Max Renamed")
    assert client.post(reverse("settings-second-factor-reset", args=[second.pk])).status_code == 403
    person = client.get(reverse("settings-person", args=[second.pk])).text
    assert reverse("settings-second-factor-reset", args=[second.pk]) not in person
    assert reverse("settings-account-ask", args=[second.pk]) in person
    with as_(cast.manager):
        with pytest.raises(ValidationError, match="two people"):
            staff.change_person(cast.manager, by=cast.manager, email=NEW)
        with pytest.raises(Denied, match="two people"):
            reset_second_factor(second, by=cast.manager)
    for write in (
        lambda: User.objects.filter(pk=second.pk).update(email=NEW),
        lambda: User.objects.filter(pk=cast.manager.pk).update(email=NEW),
        lambda: Authenticator.objects.filter(user=second).delete(),
    ):
        with as_(cast.manager), pytest.raises(IntegrityError, match="two people"), transaction.atomic():
            write()
    with as_(second):
        Authenticator.objects.filter(user=second).delete()


def test_one_asks_another_confirms_and_the_person_is_told_at_each_step(
    cast: Cast, second: User, third: User, client: Client
) -> None:
    old = second.email
    sign_in(client, cast.manager)
    form = {"what": "address", "email": NEW.upper(), "reason": WHY}
    ask = reverse("settings-account-ask", args=[second.pk])
    assert client.post(ask, {**form, "reason": "x"}).status_code == 422
    assert client.post(ask, form).status_code == 302
    assert client.post(ask, form).status_code == 422, "one of a kind waits"
    request = AccountRequest.objects.get()
    address = reverse("settings-account-request", args=[request.pk])
    assert "asked for it" in client.get(reverse("settings-person", args=[second.pk])).text
    assert client.post(address, {"answer": "confirm"}).status_code == 403, "who asked"
    sign_in(client, second)
    assert client.post(address, {"answer": "confirm"}).status_code == 403, "whom it is about"
    assert Message.objects.filter(user_id=second.pk, subject__startswith="Somebody asks for a change").exists()
    assert fresh(second).email == old
    sign_in(client, third)
    assert address in client.get("/").text
    assert WHY in client.get(address).text
    assert client.post(address, {"answer": "confirm"}).status_code == 302
    assert fresh(second).email == NEW
    assert Message.objects.filter(to=old, subject__contains="was changed").exists()
    assert Message.objects.filter(user_id=cast.manager.pk, subject__endswith="confirmed").exists()
    assert client.post(address, {"answer": "confirm"}).status_code == 409
    assert NEW in client.get(reverse("settings-account-request", args=[request.pk])).text
    # What was confirmed is carried out once.
    with as_(third), pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        User.objects.filter(pk=second.pk).update(email=old)


def test_a_lost_telephone_and_whom_it_is_about_may_refuse(cast: Cast, second: User, third: User) -> None:
    TOTP.activate(second, "JBSWY3DPEHPK3PXP")
    first = asked(cast.manager, second, What.SECOND_FACTOR)
    with as_(second):
        services.answer(first, by=second, confirm=False)
    again = asked(cast.manager, second, What.SECOND_FACTOR)
    assert Authenticator.objects.filter(user=second).exists()
    with as_(third):
        services.answer(again, by=third, confirm=True)
    assert not Authenticator.objects.filter(user=second).exists()
    with pytest.raises(ValidationError, match="no second factor"):
        asked(cast.manager, second, What.SECOND_FACTOR)
    late = asked(cast.manager, second)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        with as_(third), pytest.raises(Conflict, match="seven days"):
            services.answer(late, by=third, confirm=True)
        services.lapse_old()
    late.refresh_from_db()
    assert late.status == "lapsed"


def test_nobody_makes_the_second_person_themselves(cast: Cast, second: User) -> None:
    """A manager who lets a leader in, or takes a leader's account over, confirms nothing that this leader asks."""
    with as_(cast.manager):
        staff.change_person(cast.leader, by=cast.manager, email="dee.new@example.org")
    with as_(cast.leader):
        for_role = roles.ask_for_manager(by=cast.leader, to=cast.colleague, reason=WHY, starts_on=timezone.localdate())
    with as_(cast.manager), pytest.raises(Denied, match="within 30 days"):
        roles.answer(for_role, by=cast.manager, confirm=True)
    # The account of who is about to be a manager is a manager's already.
    with as_(cast.manager), pytest.raises(ValidationError, match="two people"):
        staff.change_person(cast.colleague, by=cast.manager, email=NEW)
    about = asked(cast.leader, cast.colleague)
    with as_(cast.manager), pytest.raises(Denied, match="within 30 days"):
        services.answer(about, by=cast.manager, confirm=True)
    with as_(second):
        services.answer(about, by=second, confirm=True)
        roles.answer(for_role, by=second, confirm=True)
    assert ManagerRequest.objects.get(pk=for_role.pk).status == "confirmed"
    assert fresh(cast.colleague).email == NEW


def test_nothing_goes_round_it(cast: Cast, second: User, third: User) -> None:
    request = asked(cast.manager, second)
    done = {"answered_at": timezone.now(), "status": "confirmed"}
    rows = AccountRequest.objects.filter(pk=request.pk)
    for who, write in (
        (cast.manager, lambda: rows.update(answered_by=cast.manager, **done)),
        (cast.manager, lambda: rows.update(answered_by=third, **done)),
        (second, lambda: rows.update(answered_by=second, **done)),
        (third, lambda: rows.update(email="other@example.org")),
        (third, lambda: rows.delete()),
        (third, lambda: User.objects.filter(pk=second.pk).update(email=NEW)),
        (cast.manager, lambda: AccountRequest.objects.create(user=third, what="address", email=NEW, asked_by=second)),
    ):
        with as_(who), pytest.raises(IntegrityError, match="two people"), transaction.atomic():
            write()
    with as_(cast.practitioner), pytest.raises(Denied):
        services.ask(by=cast.practitioner, to=second, what=What.ADDRESS, email=NEW, reason=WHY)
    with as_(cast.manager), pytest.raises(Denied, match="no manager"):
        services.ask(by=cast.manager, to=cast.leader, what=What.ADDRESS, email=NEW, reason=WHY)


def test_the_only_manager_has_a_way_by_whoever_runs_the_server(cast: Cast) -> None:
    with pytest.raises(ValidationError, match=r"manage\.py change_address"):
        asked(cast.manager, cast.manager)
    old = cast.manager.email
    call_command("change_address", old, NEW)
    assert fresh(cast.manager).email == NEW
    assert Message.objects.filter(to=old).exists()
    with pytest.raises(CommandError, match="already exists"):
        call_command("change_address", NEW, cast.leader.email)
    TOTP.activate(cast.manager, "JBSWY3DPEHPK3PXP")
    call_command("reset_second_factor", NEW)
    assert not Authenticator.objects.filter(user=cast.manager).exists()
