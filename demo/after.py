"""After the ending: what families said 3 and 12 months on; and what one family adds on its own page."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection

from cases.models import Case, FamilyLink
from cases.services.common import keys
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import User
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from demo.sign_ins import FAMILY_CODE, FAMILY_TOKEN
from families.models import Person
from outcomes.family_page.policies import may_have_page
from outcomes.family_page.services import digest, make_family_link
from outcomes.followup.models import FollowUp, FollowUpTry
from outcomes.followup.policies import MONTHS, months_after
from outcomes.measures.services import agree_measure
from outcomes.models import Closure, Instrument

SAID = (
    (5, "We sit at the table together again. He tells me about school.", "", "no"),
    (4, "Mornings are mostly fine. The list on the fridge is still there.", "Bedtimes at weekends", "no"),
    (4, "She goes in on her own now.", "", "no"),
    (3, "Some weeks are good, some are not.", "We stopped the Sunday talk", "unknown"),
    (2, "It is hard again since I changed my shifts.", "Mornings, and he is late twice a week", "yes"),
)


def follow_up(world: World) -> None:
    """The closures of the last year and their follow-ups: most answered, some not reached, some due now."""
    asha, dee = world.staff["asha"], world.staff["dee"]
    since = world.today - timedelta(days=400)
    rows: list[FollowUp] = []
    asked: list[tuple[FollowUp, int]] = []
    with acting_as_user(dee.pk):
        closures = Closure.objects.filter(
            cluster=world.cluster, status=Closure.Status.SIGNED_OFF, reopened_at=None, closed_on__gte=since
        ).select_related("case", "asked_by")
        for number, closure in enumerate(closures.order_by("closed_on", "pk")):
            holder = asha if number % 3 == 0 else closure.asked_by
            for months in MONTHS:
                row = FollowUp(
                    **keys(closure),
                    case=closure.case,
                    closure=closure,
                    months=months,
                    due_on=months_after(closure.closed_on, months),
                    holder=holder,
                )
                rows.append(row)
                late = (world.today - row.due_on).days
                if late >= 12:
                    asked.append((row, number))
        FollowUp.objects.bulk_create(rows)
        for row, number in asked:
            if number % 6 == 4:
                FollowUpTry.objects.bulk_create([_nobody(row, day) for day in (2, 5, 9)])
                row.status, row.ended_on = FollowUp.Status.NOT_REACHED, row.due_on + timedelta(days=9)
                row.recorded_by = row.holder
            else:
                _answered(row, number)
            row.save()


def _nobody(row: FollowUp, days: int) -> FollowUpTry:
    day = row.due_on + timedelta(days=days)
    return FollowUpTry(**keys(row), follow_up=row, tried_on=day, how=FollowUp.How.PHONE, by=row.holder)


def _answered(row: FollowUp, number: int) -> None:
    row.things, row.words, row.slipped, row.wants_help = SAID[number % len(SAID)]
    row.status, row.ended_on = FollowUp.Status.DONE, row.due_on + timedelta(days=number % 9)
    row.how = (FollowUp.How.PHONE, FollowUp.How.VISIT, FollowUp.How.PHONE, FollowUp.How.MESSAGE)[number % 4]
    row.re_referral = "no"
    row.social_care = "yes" if number % 7 == 3 else "no"
    row.recorded_by = row.holder


def _asked_there(worker: User, case: Case, carer: Person) -> None:
    """Three questionnaires wait for the mother on her page: one in her language, two in English only."""
    for instrument in Instrument.objects.filter(code__in=("ons4", "gad-7", "phq-9")):
        agree_measure(by=worker, case=case, instrument=instrument, person=carer, every_weeks=4, by_itself=True)


def on_its_own_page(world: World, open_case: OpenCase) -> None:
    """One family's page, behind an address and a code that are printed with the sign-ins; what its mother added."""
    worker, case, carer = open_case.worker, open_case.case, open_case.arrival.home.carer
    with as_of(moment(world.today - timedelta(days=20), 15)), acting_as_user(worker.pk):
        made = make_family_link(by=worker, case=case, person=carer, expires_on=world.today + timedelta(days=180))
        FamilyLink.objects.filter(pk=made.link.pk).update(
            token_digest=digest(FAMILY_TOKEN),
            code_digest=make_password(FAMILY_CODE),
            shared_goals=[goal.pk for goal, _ in open_case.goals if goal.whose_id],
        )
    first, last = open_case.goals[0], open_case.goals[-1]
    key = digest("demonstration visit")
    with acting_as(NamedActor.FAMILY), connection.cursor() as cursor:
        cursor.execute("SELECT ehs_family_door(%s)", [digest(FAMILY_TOKEN)])
        cursor.execute("SELECT ehs_family_open(%s, (ehs_family_try(%s, '', 9)), %s)", [made.link.pk, made.link.pk, key])
        cursor.execute(
            "SELECT ehs_family_score(%s, %s, %s, %s)", [digest(FAMILY_TOKEN), key, first[0].pk, first[1].target]
        )
        why = "I agree, but on my late shifts his aunt does the mornings. Please write her into it."
        cursor.execute("SELECT ehs_family_agree(%s, %s, %s, false, %s)", [digest(FAMILY_TOKEN), key, last[0].pk, why])
        cursor.execute("SELECT ehs_family_leave(%s, %s)", [digest(FAMILY_TOKEN), key])
    with acting_as_user(worker.pk):
        _asked_there(worker, case, carer)
        father = open_case.arrival.home.father
        if father is not None and may_have_page(father):
            make_family_link(by=worker, case=case, person=father, expires_on=world.today + timedelta(days=90))
