"""Supervision: each part read by those it is for, in the database; what is due, what is stuck, what is not kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import (
    Case,
    CaseMeeting,
    ClinicalSession,
    Goal,
    GoalScore,
    OnTrack,
    Plan,
    Supervision,
    SupervisionCase,
    SupervisionInterval,
    SupervisionNote,
    Task,
)
from cases.selectors.stuck import STILL, cases_of
from cases.selectors.supervisions import due
from cases.services import Stale, ToDo
from cases.services.supervision import (
    discuss_case,
    note_about_worker,
    plan_supervision,
    record_clinical_session,
    say_who_came,
    set_interval,
)
from cluster_ehs.core.denied import Denied
from cluster_ehs.core.models import Change, Event
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Post
from families.models import Family
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, an_open_case, as_, sign_in
from tests.queries import queries

SECRET = "The mother of the second case drinks again."


@pytest.fixture
def second(cast: Cast) -> Case:
    """A case of the therapist's, in the same Cluster."""
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        child = a_person(a_family(cast.cluster, "Second", number=9), "Sam", born=timezone.localdate() - timedelta(3000))
        return an_open_case(a_referral(child, number=30), lead=cast.therapist, leader=cast.leader, number=9)


@pytest.fixture
def group(cast: Cast, second: Case) -> Supervision:
    """Group supervision of three workers by the leader, with three cases, one of them restricted."""
    with as_(cast.leader):
        session = plan_supervision(
            by=cast.leader,
            cluster=cast.cluster,
            kind=Supervision.Kind.GROUP,
            supervisor=cast.leader,
            workers=[cast.practitioner, cast.therapist, cast.colleague],
            held_at=timezone.now() - timedelta(hours=1),
        )
        common: dict[str, Any] = {"by": cast.leader, "supervision": session, "decisions": "A TAF by Friday."}
        tasks = [ToDo("Ring the school", cast.colleague, timezone.localdate())]
        discuss_case(
            **common, case=cast.case, worker=cast.practitioner, track="not_on_track", notes="Mornings.", tasks=tasks
        )
        discuss_case(**common, case=second, worker=cast.therapist, track="unsure", notes=SECRET)
        return session


def test_a_worker_of_one_case_never_reads_the_part_of_another(cast: Cast, group: Supervision, second: Case) -> None:
    seen = {}
    for who in ("practitioner", "therapist", "colleague", "leader", "manager", "other_leader", "supervisor", "guest"):
        with as_(getattr(cast, who)):
            seen[who] = set(SupervisionCase.objects.values_list("notes", flat=True))
            told = [row.after for row in Change.objects.filter(table_name="cases_supervisioncase")]
            assert bool(told) == (who == "leader"), who
            assert not Event.objects.filter(text__contains="drinks").exists()
    nobody: set[str] = set()
    assert seen == {
        # The therapist leads the second case and gives a service in the first.
        "practitioner": {"Mornings."},
        "therapist": {"Mornings.", SECRET},
        "colleague": nobody,
        "leader": {"Mornings.", SECRET},
        "manager": nobody,
        "other_leader": nobody,
        "supervisor": nobody,
        "guest": nobody,
    }


def test_a_restricted_part_counts_and_is_read_by_named_people(cast: Cast, client: Client) -> None:
    with as_(cast.colleague):
        session = plan_supervision(
            by=cast.colleague,
            cluster=cast.cluster,
            kind="individual",
            supervisor=cast.colleague,
            workers=[cast.practitioner],
            held_at=timezone.now(),
        )
        discuss_case(
            by=cast.colleague,
            supervision=session,
            case=cast.restricted_case,
            worker=cast.practitioner,
            track="on_track",
            notes="Kept.",
        )
    with as_(cast.leader):
        assert not SupervisionCase.objects.exists()
    page = sign_in(client, cast.leader).get(reverse("supervision-record", args=[session.pk])).content.decode()
    assert "1 more case discussed, not shown here" in page
    assert "Smith-Jones" not in page and "Kept." not in page
    assert (
        "Kept."
        in sign_in(client, cast.colleague).get(reverse("supervision-record", args=[session.pk])).content.decode()
    )


def test_what_is_about_a_worker_is_read_by_the_two_of_them(cast: Cast, group: Supervision) -> None:
    with as_(cast.leader):
        note_about_worker(by=cast.leader, supervision=group, worker=cast.practitioner, wellbeing="Sleeps badly.")
        with pytest.raises(Stale):
            note_about_worker(by=cast.leader, supervision=group, worker=cast.practitioner, wellbeing="x", version=9)
        with pytest.raises(ValidationError):
            note_about_worker(by=cast.leader, supervision=group, worker=cast.leader, wellbeing="x")
    for who in ("practitioner", "leader"):
        with as_(getattr(cast, who)):
            assert SupervisionNote.objects.get().wellbeing == "Sleeps badly."
    for who in ("therapist", "colleague", "manager", "supervisor", "other_leader"):
        with as_(getattr(cast, who)):
            assert not SupervisionNote.objects.exists(), who
            assert not Change.objects.filter(table_name="cases_supervisionnote").exists(), who
    with as_(cast.practitioner), pytest.raises(Denied):
        note_about_worker(by=cast.practitioner, supervision=group, worker=cast.practitioner, wellbeing="Fine")


def test_actions_appear_with_their_owner_and_in_the_case(cast: Cast, group: Supervision, client: Client) -> None:
    assert "Ring the school" in sign_in(client, cast.colleague).get(reverse("home")).content.decode()
    page = sign_in(client, cast.practitioner).get(reverse("case-meetings", args=[cast.case.pk])).content.decode()
    assert "Ring the school" in page and "Mornings." in page and SECRET not in page
    with as_(cast.practitioner):
        assert Task.objects.get().supervision_case.case == cast.case


def test_who_may_plan_write_and_of_whom(cast: Cast, group: Supervision) -> None:
    def planned(by: Any, supervisor: Any, workers: Any, kind: str = "individual") -> None:
        with as_(by):
            plan_supervision(
                by=by,
                cluster=cast.cluster,
                kind=kind,
                supervisor=supervisor,
                workers=workers,
                held_at=timezone.now(),
            )

    with pytest.raises(Denied):
        planned(cast.practitioner, cast.colleague, [cast.therapist])
    with pytest.raises(Denied):
        planned(cast.other_leader, cast.other_leader, [cast.practitioner])
    for workers, kind in (([], "group"), ([cast.leader], "group"), ([cast.other_practitioner], "group")):
        with pytest.raises(ValidationError):
            planned(cast.leader, cast.leader, workers, kind)
    with pytest.raises(ValidationError, match="of one worker"):
        planned(cast.leader, cast.leader, [cast.practitioner, cast.colleague])
    with as_(cast.practitioner), pytest.raises(Denied):
        discuss_case(
            by=cast.practitioner, supervision=group, case=cast.case, worker=cast.practitioner, track="on_track"
        )
    with as_(cast.leader), pytest.raises(ValidationError, match="what was decided"):
        discuss_case(by=cast.leader, supervision=group, case=cast.case, worker=cast.practitioner, track="unsure")
    with as_(cast.leader), pytest.raises(Stale):
        discuss_case(
            by=cast.leader, supervision=group, case=cast.case, worker=cast.practitioner, track="on_track", version=7
        )


def test_what_is_due_follows_the_interval_of_the_post_from_its_day(cast: Cast, client: Client) -> None:
    today = timezone.localdate()

    def due_of(user: Any) -> Any:
        with as_(cast.leader):
            return next(each for each in due([cast.cluster.pk]) if each.worker == user)

    def every(weeks: int, days: int) -> None:
        with as_(cast.manager):
            day = today + timedelta(days=days)
            set_interval(by=cast.manager, post=Post.FAMILY_PRACTITIONER, weeks=weeks, effective_from=day)

    SupervisionInterval.objects.all().delete()
    assert due_of(cast.practitioner).due_on is None
    with pytest.raises(Denied):
        set_interval(by=cast.leader, post=Post.FAMILY_PRACTITIONER, weeks=4, effective_from=today)
    every(4, -40)
    every(1, 1)
    with pytest.raises(ValidationError, match="already"):
        every(3, 1)
    assert due_of(cast.practitioner).days_late == 12
    with as_(cast.leader):
        session = plan_supervision(
            by=cast.leader,
            cluster=cast.cluster,
            kind="group",
            supervisor=cast.leader,
            workers=[cast.practitioner, cast.colleague],
            held_at=timezone.localtime() - timedelta(weeks=5),
        )
    assert due_of(cast.practitioner).days_late == 7
    home = sign_in(client, cast.leader).get(reverse("home")).content.decode()
    assert "Supervision overdue" in home and "7 days" in home
    assert "every 4 weeks" in sign_in(client, cast.practitioner).get(reverse("home")).content.decode()
    with as_(cast.leader):
        say_who_came(by=cast.leader, supervision=session, came=[cast.colleague.pk])
    assert due_of(cast.practitioner).days_late == 12
    assert due_of(cast.colleague).days_late == 7
    with as_(cast.leader):
        say_who_came(by=cast.leader, supervision=session, came=[cast.colleague.pk], cancelled=True)
    assert due_of(cast.colleague).days_late == 12


def test_stuck_cases_rise_for_the_reasons_of_the_rule(cast: Cast, second: Case) -> None:
    today = timezone.localdate()

    def stuck() -> list[str]:
        with as_(cast.leader):
            return cases_of([cast.practitioner], [cast.cluster.pk])[cast.practitioner.pk][0].stuck

    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    with as_(cast.practitioner):
        Case.objects.filter(pk=cast.case.pk).update(last_contact_on=today)
        plan = Plan.objects.create(**keys, case=cast.case, agreed_on=today)
        goal = Goal.objects.create(**keys, plan=plan, position=1, words="Mornings")
        for n in range(STILL):
            GoalScore.objects.create(**keys, goal=goal, score=4, scored_on=today - timedelta(days=n))
    assert stuck() == [f"no score moved over {STILL} contacts"]
    with as_(cast.practitioner):
        GoalScore.objects.create(**keys, goal=goal, score=5, scored_on=today)
        assert stuck_in(cast) == []
        Case.objects.filter(pk=cast.case.pk).update(
            review_due_on=today - timedelta(days=3), last_contact_on=today - timedelta(days=30)
        )
    assert stuck() == ["review 3 days overdue", "no contact for 30 days"]


def stuck_in(cast: Cast) -> list[str]:
    return cases_of([cast.practitioner], [cast.cluster.pk])[cast.practitioner.pk][0].stuck


def test_discussed_as_not_on_track_is_stuck_until_it_is_on_track(cast: Cast, group: Supervision) -> None:
    with as_(cast.leader):
        assert "was not on track when it was discussed" in stuck_in(cast)
        part = SupervisionCase.objects.get(case=cast.case)
        discuss_case(
            by=cast.leader,
            supervision=group,
            case=cast.case,
            worker=cast.practitioner,
            track=OnTrack.ON_TRACK,
            version=part.version,
        )
        assert "was not on track when it was discussed" not in stuck_in(cast)


def test_of_clinical_supervision_only_that_it_took_place(cast: Cast, client: Client) -> None:
    texts = {field.get_internal_type() for field in ClinicalSession._meta.fields}
    assert not texts & {"TextField", "CharField"}
    sign_in(client, cast.therapist)
    url = reverse("clinical-session-new")
    page = client.get(url).content.decode()
    form = page[page.index("<main") : page.index("</main")]
    assert "<textarea" not in form and 'type="text"' not in form
    sent = {"supervisor": str(cast.supervisor.pk), "held_on": f"{timezone.localdate():%Y-%m-%d}", "minutes": "60"}
    assert client.post(url, sent | {"held_on": "2999-01-01"}).status_code == 422
    assert client.post(url, sent).status_code == 302
    with as_(cast.leader):
        made = ClinicalSession.objects.get()
    assert (made.worker, made.supervisor, made.minutes) == (cast.therapist, cast.supervisor, 60)
    with as_(cast.other_leader):
        assert not ClinicalSession.objects.exists()
        with pytest.raises(ValidationError):
            record_clinical_session(by=cast.other_leader, held_on=timezone.localdate() + timedelta(days=1), minutes=30)


def test_the_pages_of_a_group_are_cheap_and_keep_what_was_typed(cast: Cast, group: Supervision, client: Client) -> None:
    sign_in(client, cast.leader)
    for name, args, most in (
        ("supervision-team", [], 14),
        ("supervision-record", [group.pk], 14),
        ("supervision-worker", [cast.practitioner.pk], 13),
    ):
        found = queries(client, reverse(name, args=args))
        assert len(found) <= most, (name, len(found), found)
    url = reverse("supervision-case", args=[group.pk, cast.case.pk])
    sent = {"track": "unsure", "notes": "A long talk", "decisions": "", "version": "1", "rows": "2"}
    refused = client.post(url, sent)
    assert refused.status_code == 422 and "A long talk" in refused.content.decode()
    stale = client.post(url, sent | {"decisions": "x", "version": "0"})
    assert stale.status_code == 409 and "A TAF by Friday." in stale.content.decode()
    assert sign_in(client, cast.therapist).get(url).status_code == 403


def test_old_supervision_among_the_meetings_stays_readable(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        CaseMeeting.objects.create(
            cluster=cast.cluster,
            family=Family.objects.get(pk=cast.family.pk),
            case=cast.case,
            kind=CaseMeeting.Kind.SUPERVISION,
            held_at=timezone.now() - timedelta(days=90),
            attendees="Asha; Dee",
            decisions="Carry on.",
            author=cast.practitioner,
        )
    page = sign_in(client, cast.practitioner).get(reverse("case-meetings", args=[cast.case.pk])).content.decode()
    assert "Asha; Dee" in page and "Carry on." in page


def test_the_chronology_says_that_it_took_place_to_whom_the_part_is_open(
    cast: Cast, group: Supervision, client: Client
) -> None:
    url = reverse("case-chronology", args=[cast.case.pk])
    for who, seen in ((cast.practitioner, 1), (cast.leader, 1), (cast.colleague, 0)):
        entries = sign_in(client, who).get(url, {"kind": "supervision"}).context["entries"]
        assert len(entries) == seen, who
        for entry in entries:
            assert (entry["title"], entry["text"], entry["by"]) == ("Talked over in supervision", "", "")
            assert entry["at"] == timezone.localdate(group.held_at)
    with as_(cast.leader):
        say_who_came(by=cast.leader, supervision=group, came=[], cancelled=True)
    assert not client.get(url, {"kind": "supervision"}).context["entries"]
