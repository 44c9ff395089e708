"""Who has which role, line by line: last quarter's reviews are finished, this quarter's is half gone through."""

from datetime import date, timedelta

from cases.models import Case
from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import acting_as_user
from clusters.access_review import services
from clusters.models import AccessLine, AccessReview, Cluster, User
from demo.clock import as_of, moment
from demo.ground import World
from demo.sign_ins import PILOT

Decision = AccessLine.Decision
# Days since the last sign-in; for who is not named, one. The guest of the panel was not here for a long time.
AWAY = {"ben": 2, "femi": 4, "noor": 6, "sol": 3, "rae": 17, "gus": 131}
READERS = ("dee", "asha", "ben", "cara", "femi", "ines", "jo", "lee", "noor")
GUEST = "Comes to two panels a year: to be given for those days alone, not without an end."


def review_access(world: World) -> None:
    quarter = services.quarter_of(world.today)
    before = services.quarter_of(quarter - timedelta(days=1))
    looked(world, services.quarter_of(before - timedelta(days=1)), before)
    looked(world, before, quarter)
    signed_in(world, before)
    last_quarter(world, before)
    signed_in(world, world.today)
    services.open_due(world.today)
    half_done = AccessReview.objects.get(cluster=world.cluster, quarter_starts_on=quarter)
    dee = world.staff["dee"]
    with acting_as_user(dee.pk):
        for line in list(half_done.lines.exclude(role__user__in=[dee, world.staff["gus"]])[:4]):
            services.decide(line, by=dee, decision=Decision.KEEP)
        guest = half_done.lines.get(role__user=world.staff["gus"])
        services.decide(guest, by=dee, decision=Decision.CHANGE, note=GUEST)


def signed_in(world: World, day: date) -> None:
    """When each was last here, as of a day."""
    for key, person in world.staff.items():
        at = moment(day - timedelta(days=AWAY.get(key, 1)), 8, 41)
        User.objects.filter(pk=person.pk).update(last_login=at)


def looked(world: World, since: date, until: date) -> None:
    """What each opened in a quarter, counted by the reviews of the next one."""
    with acting_as_user(world.staff["dee"].pk):
        cases = list(Case.objects.filter(cluster=world.cluster, family__restricted=False).order_by("reference")[:40])
    days = (until - since).days
    for number, key in enumerate(READERS):
        reader = world.staff[key]
        with acting_as_user(reader.pk):
            Look.objects.bulk_create(
                Look(
                    actor=reader.name,
                    user_id=reader.pk,
                    cluster_id=case.cluster_id,
                    family_id=case.family_id,
                    page="case: overview",
                    at=moment(since + timedelta(days=(7 * place + 3 * number) % days), 9 + place % 8, 5 * number),
                )
                for place, case in enumerate(cases[number :: 2 + number % 3])
            )


def last_quarter(world: World, before: date) -> None:
    """Each line confirmed by somebody else than whose it is; a manager signs."""
    dee, mo, pat = world.staff["dee"], world.staff["mo"], User.objects.get(email="pat@example.org")
    with as_of(moment(before + timedelta(days=1), 6)):
        services.open_due(before + timedelta(days=1))
    leaders: dict[int | None, User] = {world.cluster.pk: dee, Cluster.objects.get(name=PILOT).pk: pat}
    for review in AccessReview.objects.filter(quarter_starts_on=before):
        leader = leaders.get(review.cluster_id)
        for by, days in ((leader, 11), (mo, 13)):
            if by is None:
                continue
            with as_of(moment(before + timedelta(days=days), 15, 20)), acting_as_user(by.pk):
                for line in review.lines.filter(decision="").exclude(role__user=by):
                    services.decide(line, by=by, decision=Decision.KEEP)
        with as_of(moment(before + timedelta(days=13), 15, 40)), acting_as_user(mo.pk):
            services.finish(review, by=mo)
