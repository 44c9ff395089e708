"""Load the demonstration: the published pilot cohort beside a living Cluster dated relative to today."""

import tempfile
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cluster_ehs.core.models import Draft, Message
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.loading import load_everything
from clusters.models import Cluster, School, SchoolMembership, Term, Vocabulary
from demo import doors, round_table, sessions_ahead
from demo.after import follow_up, on_its_own_page
from demo.answering_alone import answer_alone
from demo.arrivals import Cast
from demo.asking_about import ask_about_records
from demo.assessing import assess
from demo.away import beside_csws, weeks_at_school, while_away
from demo.clock import as_of, moment
from demo.closing import ask, send_back
from demo.coming_in import come_in
from demo.disposing import dispose_of_some
from demo.evaluating import make_evaluation
from demo.gathering import gather
from demo.ground import World, make_staff, make_world
from demo.history import History
from demo.households import Households
from demo.keeping import keep_records
from demo.kin import gather_kin
from demo.living import Living, OpenCase
from demo.measuring import measure
from demo.needing import need, need_closed
from demo.reading import read, read_closed
from demo.reporting import make_reports
from demo.rows import Rows
from demo.screening import Arrival, Screening
from demo.sign_ins import CLUSTER, PILOT
from demo.supervising import supervise
from demo.surveying import survey
from demo.trusting import keep_trust
from families.models import NamedReader, Person
from triage.models import PassingOn
from triage.services import change_offer, update_passing_on

Say = Callable[[str], object]
SESSIONS = (3, 5, 7, 9, 11, 12, 14, 15, 4, 6, 8, 10)
QUIET = {5: 26, 17: 31, 24: 24, 38: 40}
REVIEW_MISSED = frozenset({3, 9, 14, 28, 41})
EXTENSIONS = {0: "", 1: "", 2: "approved", 3: "refused"}


def is_loaded() -> bool:
    return Cluster.objects.filter(name=CLUSTER).exists()


def load(say: Say) -> None:
    """Everything, in one transaction: a half-loaded demonstration would be worse than none."""
    with transaction.atomic():
        load_everything()
        say("The published pilot cohort …")
        load_pilot()
        say("Two years of history …")
        world = make_world(timezone.localdate())
        rows = Rows()
        households = Households(world, rows)
        with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
            ended = History(world, rows, households).write()
        say("The last half year, week by week …")
        living_cases = live(world, rows, households, ended)
        with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
            gather_kin(world, living_cases)
        say("Reports, drafts, links …")
        finish(world, living_cases)
    make_reports(world)
    keep_records(world)
    ask_about_records(world)
    dispose_of_some(world)
    make_evaluation(world.staff["mo"])


def load_pilot() -> None:
    """The invented cohort that satisfies every published count, through the importer that anybody would use."""
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "pilot-cohort.xlsx"
        call_command("make_pilot_cohort", str(sheet), stdout=StringIO())
        call_command("import_referrals", str(sheet), cluster=PILOT, stdout=StringIO())
    pilot = Cluster.objects.get(name=PILOT)
    make_staff([pilot])
    for school in School.objects.filter(memberships__isnull=True):
        school.phase = School.Phase.SECONDARY if "High" in school.name else School.Phase.PRIMARY
        school.save(update_fields=["phase"])
        SchoolMembership.objects.create(school=school, cluster=pilot, starts_on=date(2014, 9, 1))


def live(world: World, rows: Rows, households: Households, ended: list) -> list[OpenCase]:
    """Screening, allocation and casework up to today."""
    cast = Cast(world, households, ended)
    arrivals = cast.all()
    restricted = cast.restricted()
    arrivals += [restricted, *both(world, cast)]
    with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
        rows.write()
        for key in ("dee", "cara"):
            NamedReader.objects.create(cluster=world.cluster, family=restricted.home.family, user=world.staff[key])
    screening = Screening(world, rows, arrivals)
    screening.run()
    living = Living(world)
    cases: list[OpenCase] = []
    for number, arrival in enumerate(a for a in arrivals if a.allocated):
        open_case = living.allocate(arrival)
        open_case.quiet = QUIET.get(number, 0)
        open_case.review_missed = number in REVIEW_MISSED
        living.live(open_case)
        for code in arrival.taken[1:]:
            living.sessions(open_case, code, count=SESSIONS[len(cases) % len(SESSIONS)])
        cases.append(open_case)
    for number, answer in EXTENSIONS.items():
        living.extension(cases[number], answer)
    living.hand_over(cases[30], "asha")
    supervise(world, cases)
    gather(world, cases)
    while_away(world, cases)
    beside_csws(world, cases)
    weeks_at_school(world, cases)
    ledger(world, arrivals)
    waits(world, arrivals)
    round_table.ask(world, arrivals)
    screening.today()
    round_table.plan_ahead(world)
    around(world, arrivals, cases)
    assess(world, cases)
    read(world, cases)
    read_closed(world)
    measure(world, cases)
    need(world, cases)
    need_closed(world)
    survey(world)
    return cases


def around(world: World, arrivals: list[Arrival], cases: list[OpenCase]) -> None:
    """Everything beside the meeting that the pages of screening show."""
    round_table.keep_watch(world)
    round_table.ring_who_waits(world, arrivals)
    round_table.chase(world, arrivals)
    round_table.write_letters(world, arrivals)
    round_table.step_up_and_down(world, arrivals)
    round_table.lend(world, cases)
    sessions_ahead.plan_ahead(world, cases)
    sessions_ahead.interpret(world, cases)


def both(world: World, cast: Cast) -> list[Arrival]:
    """A child of the pilot Cluster who is known here as well."""
    pilot = Cluster.objects.get(name=PILOT)
    youngest = date(world.today.year - 15, 1, 1)
    with acting_as(NamedActor.IMPORTER, clusters=[pilot.pk]):
        child = (
            Person.objects.filter(cluster=pilot, is_child=True, birth_date__gt=youngest)
            .exclude(upn="")
            .order_by("upn")
            .first()
        )
    return [cast.in_both(child)] if child else []


def ledger(world: World, arrivals: list[Arrival]) -> None:
    """News from partner services about some of what was passed on; about the rest, none yet."""
    dee = world.staff["dee"]
    news = ("", "accepted", "outcome_known", "declined", "", "accepted", "back", "", "outcome_known", "accepted")
    with acting_as_user(dee.pk):
        for number, arrival in enumerate(a for a in arrivals if a.show == "passed"):
            wanted = news[number % len(news)]
            assert arrival.decided is not None  # noqa: S101 - decided by its meeting
            steps = {"outcome_known": ("accepted", "outcome_known"), "back": ("accepted", "back")}.get(
                wanted, (wanted,)
            )
            row = PassingOn.objects.select_related("decision__referral").get(decision=arrival.decision)
            for step, status in enumerate(filter(None, steps), start=1):
                day = min(arrival.decided + timedelta(days=12 * step), world.today)
                with as_of(moment(day, 11)):
                    words = {
                        "declined": "Does not meet their threshold; asks us to try again with school’s report.",
                        "outcome_known": "Six sessions given; the family is content and knows whom to ask.",
                        "back": "Short work is done. The family asks for family support with the Cluster.",
                    }.get(status, "")
                    row = update_passing_on(by=dee, passing_on=row, status=status, known_on=day, outcome=words)


def waits(world: World, arrivals: list[Arrival]) -> None:
    """Why some families wait."""
    dee = world.staff["dee"]
    reasons = list(Term.objects.of(Vocabulary.WAIT_REASON).order_by("order")[:4])
    with acting_as_user(dee.pk):
        for number, arrival in enumerate(a for a in arrivals if a.show == "waiting"):
            if number % 3 == 0 and arrival.decision:
                offer = arrival.decision.offers.get()
                change_offer(
                    by=dee, offer=offer, priority=offer.priority, wait_reason=reasons[number // 3 % len(reasons)]
                )


def finish(world: World, cases: list[OpenCase]) -> None:
    """Closures waiting and returned, unfinished drafts, a family's private link, a schedule of reports."""
    asha, dee = world.staff["asha"], world.staff["dee"]
    long_open = [c for c in cases if c.goals and c.case.opened_on < world.weeks_ago(14)]
    of_asha = [c for c in long_open if c.worker.pk == asha.pk]
    ask(world, of_asha[-1])
    ask(world, next(c for c in long_open if c.worker.pk not in (asha.pk, dee.pk)))
    send_back(world, ask(world, of_asha[-2]))
    drafts(world, [c for c in cases if c.worker.pk == asha.pk])
    on_its_own_page(world, of_asha[0])
    answer_alone(world, of_asha[1:-2])
    follow_up(world)
    school = School.objects.filter(memberships__cluster=world.cluster, memberships__ends_on=None).order_by("name")[0]
    come_in(cluster=world.cluster, school=school, reader=asha)
    doors.notify(world)
    doors.written_twice(world, cases)
    doors.move_between(world, cases)
    keep_trust(world)
    old = Message.objects.filter(created_at__lt=moment(world.today - timedelta(days=6), 0))
    old.update(read_at=F("created_at"), sent_at=F("created_at"))


def drafts(world: World, cases: list[OpenCase]) -> None:
    """Notes begun and not finished, found again on the home page."""
    asha = world.staff["asha"]
    notes = (
        "Rang {carer} on the way back. She had tried the picture list and",
        "Visit, {child} and {carer} at home. Talked about",
    )
    now = timezone.localtime()
    began = {
        "kind": ["phone"],
        "attendance": ["attended"],
        "at-day": [str(now.day)],
        "at-month": [str(now.month)],
        "at-year": [str(now.year)],
        "at-time": [f"{now:%H:%M}"],
    }
    with acting_as_user(asha.pk):
        for open_case, note in zip(cases[4:6], notes, strict=True):
            home = open_case.arrival.home
            Draft.objects.create(
                user_id=asha.pk,
                key=f"contact:{open_case.case.pk}",
                title=f"Contact, {home.family}",
                url=f"/cases/{open_case.case.pk}/contacts/new/",
                data={**began, "note": [home.tell(note)]},
            )
