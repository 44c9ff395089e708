"""The settings page of who is told of a risk of significant harm."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clusters.models import Absence, DutyContact
from tests.fixtures_cast import Cast, sign_in


def parts(name: str, day) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def test_a_leader_says_who_is_told_and_who_is_away(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    today = timezone.localdate()
    new, page = reverse("settings-duty-new"), reverse("settings-duty")
    deputy = {"kind": "deputy", "cluster": cast.cluster.pk, "user": cast.colleague.pk, **parts("starts_on", today)}
    assert client.post(new, deputy).status_code == 302
    away = {"user": cast.leader.pk, **parts("starts_on", today), **parts("ends_on", today + timedelta(days=7))}
    assert client.post(reverse("settings-absence-new"), away).status_code == 302
    assert Absence.objects.get().user == cast.leader
    chains = client.get(page).context["chains"]
    assert [[person.name for person in rung] for _, rungs in chains for rung in rungs] == [[cast.colleague.name]]
    contact = DutyContact.objects.get()
    end = parts("ends_on", today + timedelta(days=1))
    assert client.post(reverse("settings-duty-end", args=[contact.pk]), end).status_code == 302
    contact.refresh_from_db()
    assert contact.ends_on == today + timedelta(days=1)


def test_the_hours_over_night_are_shown_and_half_of_them_refused(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    night = {
        "kind": "out_of_hours", "cluster": cast.cluster.pk, "name": "Night", "email": "night@example.org",
        "weekdays": ["0", "4"], "from_time": "17:00", **parts("starts_on", timezone.localdate()),
    }  # fmt: skip
    answer = client.post(reverse("settings-duty-new"), night)
    assert answer.status_code == 422
    assert "Enter both hours, or neither." in answer.content.decode()
    assert client.post(reverse("settings-duty-new"), night | {"to_time": "08:30"}).status_code == 302
    assert "Monday, Friday, 17:00 to 08:30" in client.get(reverse("settings-duty")).content.decode()


def test_the_citys_team_is_a_managers_and_another_cluster_nobodys(cast: Cast, client: Client) -> None:
    team = {"kind": "emergency_team", "email": "team@example.org", **parts("starts_on", timezone.localdate())}
    new = reverse("settings-duty-new")
    assert sign_in(client, cast.leader).post(new, team).status_code == 403
    other = team | {"kind": "deputy", "cluster": cast.other_cluster.pk}
    assert client.post(new, other).status_code == 422
    assert not DutyContact.objects.exists()
    assert sign_in(client, cast.manager).post(new, team).status_code == 302
