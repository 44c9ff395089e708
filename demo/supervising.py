"""Supervision, forums and audits of the demonstration: sessions every other week, one worker late, cases discussed."""

from datetime import timedelta

from cases.models import CaseAudit, Supervision
from cases.services import ToDo
from cases.services.case_audit import Given, answer_audit, draw_sample
from cases.services.forums import plan_forum, say_who_is_there, take_to_forum
from cases.services.meetings import Outside
from cases.services.supervision import discuss_case, note_about_worker, plan_supervision, record_clinical_session
from cluster_ehs.core.scope import acting_as_user
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase

SAID = (
    (
        "on_track",
        "Mornings are calmer and the school says the same. The family leads; the worker steps back.",
        "Carry on; begin to speak of the ending.",
    ),
    (
        "not_on_track",
        "Three visits without the father, and the plan depends on him. We have worked around that, not with it.",
        "Offer him a time after work. Bring the formulation to him, not the plan.",
    ),
    (
        "unsure",
        "The scores say that nothing moves, the child says that it is better. Which of the two do we believe?",
        "Ask the child to score alone, and mother alone, at the next visit.",
    ),
)


def supervise(world: World, cases: list[OpenCase]) -> None:
    """Group supervision a month ago and last week; one individual; clinical supervision; a forum to come."""
    dee, random = world.staff["dee"], world.random
    workers = list({one.worker.pk: one.worker for one in cases if one.worker.pk != dee.pk}.values())
    for days_ago in (33, 19, 5):
        day = world.today - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        with as_of(moment(day, 16)), acting_as_user(dee.pk):
            session = plan_supervision(
                by=dee,
                cluster=world.cluster,
                kind=Supervision.Kind.GROUP,
                supervisor=dee,
                # The last of them has not come since: somebody is overdue.
                workers=workers if days_ago == 33 else workers[:-1],
                held_at=moment(day, 13, 30),
                minutes=90,
                place="The Cluster office",
            )
            there = [one for one in cases if one.worker in workers and one.case.opened_on < day - timedelta(days=7)]
            for number, one in enumerate(random.sample(there, min(6, len(there)))):
                track, notes, decisions = SAID[number % len(SAID)]
                tasks = [ToDo("Ring the father before the next visit", one.worker, day + timedelta(days=10))]
                discuss_case(
                    by=dee,
                    supervision=session,
                    case=one.case,
                    worker=one.worker,
                    track=track,
                    notes=notes,
                    decisions=decisions,
                    tasks=tasks if track == "not_on_track" else [],
                )
    with as_of(moment(world.today - timedelta(days=12), 11)), acting_as_user(dee.pk):
        alone = plan_supervision(
            by=dee,
            cluster=world.cluster,
            kind=Supervision.Kind.INDIVIDUAL,
            supervisor=dee,
            workers=[workers[0]],
            held_at=moment(world.today - timedelta(days=12), 10),
            minutes=60,
        )
        note_about_worker(
            by=dee,
            supervision=alone,
            worker=workers[0],
            wellbeing="Two hard visits in one week. Takes the Friday afternoon.",
            workload="Full, but it fits. No new family before the holidays.",
            training="Motivational interviewing in spring.",
        )
    lee = world.staff["lee"]
    for weeks in (2, 6):
        with acting_as_user(lee.pk):
            record_clinical_session(
                by=lee, held_on=world.today - timedelta(weeks=weeks), minutes=60, supervisor=world.staff["sol"]
            )
    with acting_as_user(dee.pk):
        forum = plan_forum(
            by=dee,
            cluster=world.cluster,
            kind="rethink",
            held_at=moment(world.today + timedelta(days=6), 13),
            place="Town hall",
        )
        say_who_is_there(
            by=dee, forum=forum, staff=[dee, workers[0]], outside=[Outside("Robin Example", "Rethink team")]
        )
        for one, purpose in zip(
            cases[2:4],
            ("Attendance has not moved in ten weeks; what do we not see?", "The parents want different things."),
            strict=True,
        ):
            take_to_forum(by=dee, forum=forum, case=one.case, purpose=purpose)
    audit_files(world)


def audit_files(world: World) -> None:
    """A sample of open cases, spread over the workers; three of the files are read."""
    dee, random = world.staff["dee"], world.random
    with acting_as_user(dee.pk):
        sample = draw_sample(
            by=dee,
            cluster=world.cluster,
            which="open",
            stratum="worker",
            starts_on=world.today - timedelta(days=91),
            ends_on=world.today,
            wanted=6,
            seed=2026,
        )
        for audit in CaseAudit.objects.filter(sample=sample).order_by("case__reference")[:3]:
            answers = {}
            for question in sample.questions:
                answer = random.choice(("yes", "yes", "yes", "partly", "no", "na"))
                comment = "" if answer in ("yes", "na") else "It is there for the mother, not for the children."
                answers[question] = Given(answer, comment)
            answer_audit(
                by=dee,
                audit=audit,
                answers=answers,
                judgement=random.choice(("good", "mixed")),
                summary="Warm and close to the family. The reviews lag behind the visits.",
                finish=True,
            )
