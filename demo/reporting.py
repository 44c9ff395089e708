"""What the schools pay, schedules of reports, and reports that were made."""

from datetime import date

from django.utils import timezone

from cluster_ehs.core.scope import acting_as_user
from clusters.services.budgets import financial_year
from clusters.services.contributions import members, set_contribution
from demo.ground import World
from monitoring import reports, schedules
from monitoring.models import THE_TABLES, ReportRun, Schedule
from monitoring.suite import BY_KEY
from monitoring.suite.when import month_before, whole_months

# Pounds a year: a large school pays more.
LARGE, SMALL = 16_500, (4_200, 5_800, 6_400, 7_900)


def make_reports(world: World) -> None:
    """Contributions of two years, two schedules, the last two months of one, and two reports about half a year."""
    manager, leader = world.staff["mo"], world.staff["dee"]
    with acting_as_user(manager.pk):
        _contributions(world)
        monthly = schedules.save_schedule(
            by=manager,
            schedule=None,
            name="Monthly monitoring report, Riverside",
            clusters=[world.cluster],
            recipients=[manager, leader],
            day_of_month=1,
        )
        schedules.save_schedule(
            by=manager,
            schedule=None,
            name="For the partnership, after each term",
            clusters=[world.cluster],
            recipients=[leader],
            reports=["schools", "waiting", "times", "re-referral"],
            when=Schedule.When.TERM,
        )
    first = month_before(world.today)
    made = [
        _run(world, THE_TABLES, period, schedule=monthly, title=monthly.name)
        for period in (first, month_before(first[0]))
    ]
    half_year = whole_months(world.today, 6)
    made.append(_run(world, "schools", (half_year.start, half_year.end), asked_by=leader))
    # For the partnership's website: small counts, and what would give them back, are not said.
    made.append(_run(world, THE_TABLES, (half_year.start, half_year.end), asked_by=manager, outside=True))
    for run in made:
        reports.make_report(run.pk)


def _contributions(world: World) -> None:
    year = financial_year(world.today)
    for number, member in enumerate(members([world.cluster.pk], world.today, world.today)):
        pounds = LARGE if member.school_id == world.high_school.pk else SMALL[number % len(SMALL)]
        for back in (1, 0):
            set_contribution(
                by=world.staff["mo"],
                cluster=world.cluster,
                school=member.school,
                year=year - back,
                pence=pounds * (100 - 4 * back),
                effective_from=date(year - back, 4, 1),
                source="Minutes of the partnership (invented)",
            )


def _run(world: World, key: str, period: tuple[date, date], **columns: object) -> ReportRun:
    """The row alone: it is made here and not by a worker."""
    values: dict[str, object] = {
        "report": key,
        "title": BY_KEY[key].title,
        "cluster_ids": [world.cluster.pk],
        "cluster_names": [world.cluster.name],
        "period_from": period[0],
        "period_to": period[1],
        "as_at": timezone.now(),
        "definition": BY_KEY[key].definition,
        "audience": reports.audience_of([world.cluster.pk]),
    }
    return ReportRun.objects.create(**{**values, **columns})
