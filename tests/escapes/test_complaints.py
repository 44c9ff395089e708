"""A complaint about a worker is not read by that worker: neither on a page that names it, nor in the history."""

from datetime import date

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cluster_ehs.core import scope
from cluster_ehs.core.models import Change, Event
from clusters.models import Role, StaffRole, User
from families.emergency import break_glass
from keeping.models import Pause, RequestLetter, RequestWords, RightsRequest
from keeping.requests import services
from tests.fixtures_cast import Cast, as_, sign_in

WORDS = "She was never there when she said."


def complained(cast: Cast, *, by: User, kind: str = "complaint") -> RightsRequest:
    with as_(by):
        return services.log_request(
            by=by,
            family=cast.family,
            person=cast.child,
            kind=kind,
            asker="parent",
            channel="letter",
            received_on=timezone.localdate(),
            asker_name="Jana Novák",
            wanted=WORDS,
        )


def rows_of(asked: RightsRequest, user: User) -> list[int]:
    """How many rows of it, of its words and letters, and of the history of both, somebody reads."""
    with as_(user):
        return [
            RightsRequest.objects.filter(pk=asked.pk).count(),
            RequestWords.objects.filter(request_id=asked.pk).count(),
            RequestLetter.objects.filter(request_id=asked.pk).count(),
            Change.objects.filter(table_name__startswith="keeping_", family_id=asked.family_id).count(),
            Event.objects.filter(about=f"keeping.rightsrequest:{asked.pk}").count(),
        ]


def test_the_worker_whom_it_is_about_reads_no_row_of_it_and_no_history(cast: Cast) -> None:
    asked = complained(cast, by=cast.leader)
    with as_(cast.leader):
        services.answer(by=cast.leader, asked=asked, outcome="not_upheld", text="She was.", learning="Ring ahead.")
    there = rows_of(asked, cast.leader)
    assert all(there)
    for user in (cast.practitioner, cast.colleague, cast.therapist):
        assert rows_of(asked, user) == [0, 0, 0, 0, 0], user
    with as_(cast.manager), scope.figures():
        assert RightsRequest.objects.filter(kind="complaint").count() == 1, "it is counted"


def test_who_logged_it_and_who_opened_the_record_in_an_emergency_read_it(cast: Cast) -> None:
    asked = complained(cast, by=cast.colleague)
    assert all(rows_of(asked, cast.colleague))
    assert not any(rows_of(asked, cast.practitioner))
    with as_(cast.other_leader):
        break_glass(by=cast.other_leader, family_id=cast.family.pk, reason="Asked to look into a complaint.")
    assert all(rows_of(asked, cast.other_leader)[:3])


def test_the_history_of_other_requests_stays_as_it_was(cast: Cast) -> None:
    asked = complained(cast, by=cast.leader, kind="rectification")
    with as_(cast.leader):
        services.pause(by=cast.leader, asked=asked, question="Which day?")
    with as_(cast.practitioner):
        assert Pause.objects.filter(request_id=asked.pk).exists()
    assert rows_of(asked, cast.practitioner) == rows_of(asked, cast.leader)


def test_no_page_of_the_record_says_it_to_the_family_s_own_worker(cast: Cast, client: Client) -> None:
    asked = complained(cast, by=cast.leader)
    history = reverse("family-history", args=[cast.family.pk])
    for user, reads in ((cast.practitioner, False), (cast.leader, True)):
        shown = sign_in(client, user).get(history)
        assert shown.status_code == 200
        assert (WORDS in shown.text) is reads
        assert (asked.reference in shown.text) is reads
    sign_in(client, cast.practitioner)
    assert client.get(reverse("rights-request", args=[asked.pk])).status_code == 404


def test_leading_another_cluster_opens_no_complaint_of_this_one(cast: Cast, client: Client) -> None:
    """The log left complaints out for whoever leads nowhere, so that leading anywhere opened all."""
    asked = complained(cast, by=cast.leader)
    StaffRole.objects.create(
        user=cast.practitioner, role=Role.LEADER, cluster=cast.other_cluster, starts_on=date(2020, 1, 1)
    )
    assert asked.reference not in sign_in(client, cast.practitioner).get(reverse("rights")).text
    assert asked.reference in sign_in(client, cast.leader).get(reverse("rights")).text
