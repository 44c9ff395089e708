"""A manager's role needs two people whoever writes it; acting up ends by itself; a leaver is out within the request."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Message
from cluster_ehs.core.scope import acting_as_user
from clusters.models import ManagerRequest, Role, StaffRole, User
from clusters.people import duties
from clusters.roles import services
from clusters.services import accounts, staff
from families.models import Family
from tests.fixtures_cast import Cast, a_user, as_, sign_in

WHY = "The second manager retires in May"


def today() -> date:
    return timezone.localdate()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def asked_by_leader(cast: Cast) -> ManagerRequest:
    with as_(cast.leader):
        return services.ask_for_manager(by=cast.leader, to=cast.colleague, reason=WHY, starts_on=today())


def test_one_asks_another_confirms_and_only_then_is_there_a_manager(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    address = reverse("settings-manager-ask", args=[cast.colleague.pk])
    day = today()
    first = {"starts_on-day": day.day, "starts_on-month": day.month, "starts_on-year": day.year}
    client.post(address, {"reason": WHY, **first, "who": "", "once": ""})
    asked = ManagerRequest.objects.get()
    assert not duties(fresh(cast.colleague)).is_manager
    assert Message.objects.filter(user_id=cast.manager.pk, url__endswith=f"/managers/{asked.pk}/").exists()
    assert client.get(reverse("settings-manager-request", args=[asked.pk])).status_code == 403
    sign_in(client, cast.manager)
    assert "Ben Example" in client.get("/").text
    assert WHY in client.get(reverse("settings-manager-request", args=[asked.pk])).text
    client.post(reverse("settings-manager-request", args=[asked.pk]), {"answer": "confirm"})
    assert duties(fresh(cast.colleague)).is_manager
    assert client.post(reverse("settings-manager-request", args=[asked.pk]), {"answer": "confirm"}).status_code == 409


def test_neither_alone_nor_for_oneself_nor_too_late(cast: Cast) -> None:
    second = a_user("Max Example", role=Role.MANAGER)
    with as_(cast.practitioner), pytest.raises(Denied):
        services.ask_for_manager(by=cast.practitioner, to=cast.colleague, reason=WHY, starts_on=today())
    with as_(cast.leader), pytest.raises(Denied, match="Nobody asks for themselves"):
        services.ask_for_manager(by=cast.leader, to=cast.leader, reason=WHY, starts_on=today())
    with as_(cast.manager):
        given = staff.give_role(by=cast.manager, to=cast.colleague, role=Role.MANAGER, starts_on=today())
        assert isinstance(given, ManagerRequest)
        with pytest.raises(Denied, match="You asked for it"):
            services.answer(given, by=cast.manager, confirm=True)
    with as_(cast.leader), pytest.raises(Denied):
        services.answer(given, by=cast.leader, confirm=True)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        with as_(second), pytest.raises(Conflict, match="seven days"):
            services.answer(given, by=second, confirm=True)
        services.lapse_old()
    given.refresh_from_db()
    assert given.status == "lapsed"
    assert not duties(fresh(cast.colleague)).is_manager


def test_the_only_manager_cannot_ask_because_nobody_could_confirm(cast: Cast) -> None:
    with as_(cast.manager), pytest.raises(ValidationError, match="no other manager"):
        staff.give_role(by=cast.manager, to=cast.colleague, role=Role.MANAGER, starts_on=today())


def test_nothing_goes_round_it(cast: Cast, capsys: pytest.CaptureFixture) -> None:
    """Neither the command line, nor a service that a directory would call, nor plain SQL as the program's own role."""
    call_command("create_user", "--email", "x@example.org", "--name", "Xan Invented", "--role", "manager", "--invite")
    new = User.objects.get(email="x@example.org")
    assert "when a manager confirms it" in capsys.readouterr().out
    assert not duties(new).roles
    with pytest.raises(ValidationError, match="asked for by one person"):
        staff.put_role(by=cast.leader, to=cast.colleague, role=Role.MANAGER, starts_on=today())
    role = cast.leader.roles.get()
    asked = asked_by_leader(cast)
    with as_(cast.manager):
        ended = StaffRole.objects.get(user=cast.manager)
    writes = (
        lambda: StaffRole.objects.create(user=cast.colleague, role=Role.MANAGER, starts_on=today()),
        lambda: StaffRole.objects.filter(pk=role.pk).update(role=Role.MANAGER, cluster=None),
        lambda: StaffRole.objects.filter(pk=ended.pk).update(user=cast.colleague),
        lambda: answered(asked, cast.leader),
        lambda: answered(asked, cast.colleague),
        lambda: asked.delete(),
        lambda: ManagerRequest.objects.create(
            user=cast.therapist, reason=WHY, starts_on=today(), asked_by=cast.leader, status="confirmed"
        ),
    )
    for write in writes:
        with as_(cast.leader), pytest.raises(IntegrityError, match="two people"), transaction.atomic():
            write()
    # In the name of the manager who did not: the database knows who acts.
    with as_(cast.leader), pytest.raises(IntegrityError, match="two people"), transaction.atomic():
        answered(asked, cast.manager)
    assert not duties(fresh(cast.colleague)).is_manager


def answered(asked: ManagerRequest, by: User) -> None:
    ManagerRequest.objects.filter(pk=asked.pk).update(status="confirmed", answered_by=by, answered_at=timezone.now())


def test_who_acts_up_leads_for_that_time_and_no_longer(cast: Cast, client: Client) -> None:
    values = {"role": Role.LEADER, "cluster": cast.cluster, "starts_on": today(), "reason": "Dee is on sick leave"}
    with as_(cast.manager):
        for end, match in ((today(), "end must be"), (today() + timedelta(days=400), "a year at most")):
            with pytest.raises(ValidationError, match=match):
                services.act_up(by=cast.manager, to=cast.colleague, ends_on=end, **values)
        end = today() + timedelta(days=21)
        services.act_up(by=cast.manager, to=cast.colleague, ends_on=end, **values)
    with as_(cast.leader), pytest.raises(Denied):
        services.act_up(by=cast.leader, to=cast.therapist, ends_on=end, **values)
    assert duties(fresh(cast.colleague)).leads == {cast.cluster.pk}
    sign_in(client, cast.manager)
    page = client.get(reverse("settings-person", args=[cast.colleague.pk])).text
    assert "Acting up" in page and "Dee is on sick leave" in page
    with time_machine.travel(timezone.now() + timedelta(days=21, hours=1)):
        assert duties(fresh(cast.colleague)).leads == frozenset()
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRole.objects.create(
            user=cast.colleague, role=Role.LEADER, cluster=cast.other_cluster, starts_on=today(), acting_reason="x"
        )


def test_a_role_to_come_can_be_taken_back_although_its_end_is_known(cast: Cast, client: Client) -> None:
    start = today() + timedelta(days=8)
    with as_(cast.manager):
        given = services.act_up(
            by=cast.manager, to=cast.colleague, role=Role.LEADER, cluster=cast.cluster, starts_on=start,
            ends_on=start + timedelta(days=14), reason="Dee is on sick leave",
        )  # fmt: skip
    sign_in(client, cast.manager)
    end = reverse("settings-role-end", args=[given.pk])
    assert end in client.get(reverse("settings-person", args=[cast.colleague.pk])).text
    assert "then it never begins" in client.get(end).text
    client.post(end, {"ends_on-day": start.day, "ends_on-month": start.month, "ends_on-year": start.year})
    assert not StaffRole.objects.on(start).filter(pk=given.pk).exists()
    assert end not in client.get(reverse("settings-person", args=[cast.colleague.pk])).text


def test_who_has_no_role_any_more_is_told_so_on_the_home(cast: Cast, client: Client) -> None:
    sign_in(client, cast.guest)
    assert "You have no role here today" not in client.get("/").text
    cast.guest.roles.update(ends_on=today())
    page = client.get("/").text
    assert "You have no role here today" in page and "Nothing waits" not in page


def test_a_leaver_is_out_within_the_request(cast: Cast) -> None:
    """A browser that is signed in, a program with a token, and work that a task does for the person."""
    browser, program = Client(), Client()
    sign_in(browser, cast.other_leader)
    with as_(cast.other_leader):
        _, text = accounts.make_token(
            by=cast.other_leader, name="x", scopes=["families:read"], expires_on=today() + timedelta(days=9)
        )
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
    assert browser.get("/families/").status_code == 200
    assert program.get("/api/v1/families/", **bearer).status_code == 200
    with acting_as_user(cast.other_leader.pk):
        assert Family.objects.exists()
    with as_(cast.manager):
        staff.leave(cast.other_leader, by=cast.manager)
    gone = browser.get("/families/")
    assert gone.status_code == 302 and "login" in gone.url
    assert program.get("/api/v1/families/", **bearer).status_code == 401
    with acting_as_user(cast.other_leader.pk):
        assert not Family.objects.exists()
