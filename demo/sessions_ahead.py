"""What is planned of the sessions, and the interpreters of those who need one, with a budget that is nearly spent."""

from datetime import date, datetime, timedelta

from cases import services
from cases.models import CaseService, Contact
from cases.selectors.support import services_of
from cluster_ehs.core.scope import acting_as_user
from clusters.models import Term, User
from clusters.services.budgets import financial_year, set_budget
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase

HOURS = (9, 10, 11, 13, 14, 15)
# What an hour costs in pence, by how the interpreter was there.
PRICES = {"in_person": 4800, "phone": 2100, "video": 3000}
AGENCY = "Invented Interpreters of Yorkshire"
BUDGET = 300_000


def plan_ahead(world: World, cases: list[OpenCase]) -> None:
    """Therapy and counselling week by week, visits of the lead workers, two of them gone by and not recorded."""
    for number, open_case in enumerate(cases):
        case, home = open_case.case, open_case.arrival.home
        giving = CaseService.objects.select_related("service", "worker")
        with acting_as_user(world.staff["dee"].pk):
            therapies = [
                row
                for row in services_of(case.pk)
                if row.status == CaseService.Status.ACTIVE and row.service.notes_are_private
            ]
        for row in therapies:
            rule = row.entitlement
            most = (rule.assessment_sessions + (rule.intervention_sessions or 0)) if rule else 3
            left = most - row.assessment_used - row.intervention_used  # type: ignore[attr-defined]
            if left > 0:
                with acting_as_user(row.worker_id):
                    services.plan_sessions(
                        by=row.worker,
                        case=case,
                        case_service=giving.get(pk=row.pk),
                        at=_at(world, 1 + number % 5, HOURS[number % len(HOURS)]),
                        minutes=(rule and rule.session_minutes) or 50,
                        place=f"School, {home.child.first_name}’s quiet room" if number % 2 else "The Cluster’s room 2",
                        times=min(left, 3),
                    )
        if number % 3 == 0 and not open_case.quiet:
            _visit(world, open_case, world.today + timedelta(days=1 + number % 9), HOURS[number % len(HOURS)])
    of_asha = [each for each in cases if each.worker.pk == world.staff["asha"].pk and not each.quiet]
    for open_case, days in zip(of_asha[:2], (1, 4), strict=False):
        with as_of(moment(world.today - timedelta(days=days + 6), 9)):
            _visit(world, open_case, world.today - timedelta(days=days), 9)


def _at(world: World, days: int, hour: int) -> datetime:
    """So many days from now; of a weekend, the Monday after."""
    return _weekday(world.today + timedelta(days=days), hour)


def _weekday(day: date, hour: int) -> datetime:
    return moment(day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0), hour)


def _visit(world: World, open_case: OpenCase, day: date, hour: int) -> None:
    past = day < world.today
    at = moment(day, hour) if past else _weekday(day, hour)
    with acting_as_user(open_case.worker.pk):
        services.plan_sessions(
            by=open_case.worker,
            case=open_case.case,
            at=at,
            kind=Contact.Kind.HOME_VISIT,
            minutes=60,
            place="At home",
        )


def interpret(world: World, cases: list[OpenCase]) -> None:
    """Interpreters at the visits so far, one cancelled late, one on the way; and what the year allows."""
    dee = world.staff["dee"]
    year = financial_year(world.today)
    with as_of(moment(date(year, 4, 1), 9)), acting_as_user(dee.pk):
        set_budget(by=dee, cluster=world.cluster, year=year, pence=BUDGET, effective_from=date(year, 4, 1))
    number = 0
    for open_case in cases:
        carer = open_case.arrival.home.carer
        if not carer.interpreter_needed or carer.first_language is None:
            continue
        with acting_as_user(open_case.worker.pk):
            visits = Contact.objects.filter(case=open_case.case).exclude(interpreter_language="").order_by("at")
            for visit in visits:
                number += 1
                mode = "phone" if visit.kind == Contact.Kind.PHONE else "in_person"
                _booked(open_case.worker, open_case, carer.first_language, visit.at, mode, number)
    needing = [each for each in cases if each.arrival.home.carer.interpreter_needed]
    for open_case in needing[:3]:
        language = open_case.arrival.home.carer.first_language
        if language is None:
            continue
        with acting_as_user(open_case.worker.pk):
            at = _at(world, 3, 11)
            planned = services.plan_sessions(
                by=open_case.worker, case=open_case.case, at=at, kind=Contact.Kind.HOME_VISIT, minutes=60
            )[0]
            if open_case is not needing[0]:
                services.book_interpreter(
                    by=open_case.worker,
                    case=open_case.case,
                    language=language,
                    at=at,
                    minutes_booked=60,
                    provider=AGENCY,
                    pence=PRICES["in_person"],
                    status="booked",
                    person=open_case.arrival.home.carer,
                    planned=planned,
                )


def _booked(worker: User, open_case: OpenCase, language: Term, at: datetime, mode: str, number: int) -> None:
    """Booked three days before, used; each ninth cancelled at the door and charged all the same."""
    with as_of(at - timedelta(days=3)):
        row = services.book_interpreter(
            by=worker,
            case=open_case.case,
            language=language,
            at=at,
            minutes_booked=60,
            mode=mode,
            provider=AGENCY,
            status="booked",
            person=open_case.arrival.home.carer,
        )
    late = number % 9 == 0
    with as_of(at + timedelta(hours=2)):
        services.settle_interpreter(
            by=worker,
            booking=row,
            status="cancelled" if late else "used",
            minutes_used=None if late else 45 + 15 * (number % 3),
            pence=PRICES[mode],
            cancelled_late=late,
        )
