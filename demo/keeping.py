"""What the records lack, month by month, and a statutory return: for the pages of data quality and returns."""

from datetime import timedelta

from django.db.models import DateTimeField, F
from django.db.models.functions import Cast

from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import Cluster
from demo.clock import moment
from demo.ground import World
from demo.sign_ins import PILOT
from families.models import Agreement, Person
from monitoring.models import Finding, QualityScore, Rule
from monitoring.quality import services as quality
from monitoring.returns import services as returns

# Families of a hundred without a severe finding, eleven months ago to last month: a team that began to look.
SCORES = (71, 72, 74, 73, 78, 81, 84, 86, 90, 92, 95)
FAMILIES = (352, 360, 371, 377, 386, 394, 401, 412, 420, 431, 438)


def keep_records(world: World) -> None:
    """A few slips of the pen; the check that finds them; one set aside; the months before; a return that was made."""
    some_slips(world)
    months_before(world)
    for cluster in (world.cluster, Cluster.objects.get(name=PILOT)):
        quality.check_cluster(cluster.pk)
    found_earlier(world)
    asha, mo = world.staff["asha"], world.staff["mo"]
    with acting_as_user(asha.pk):
        finding = (
            Finding.objects.to_do().filter(ask=asha, rule__owner="worker").order_by("-rule__order", "reference").first()
        )
        if finding:
            reason = "Talked over in supervision: it waits until the grandmother is back."
            quality.set_aside(by=asha, finding_id=finding.pk, reason=reason, until=world.today + timedelta(days=60))
    with acting_as_user(mo.pk):
        run = returns.ask(
            by=mo,
            kind="annex_a",
            clusters=[world.cluster],
            as_at=world.today,
            reason="Rehearsal of the inspection’s first day",
        )
    returns.make_return(run.pk)


def some_slips(world: World) -> None:
    """A digit mistyped, a date of birth not asked for, agreements that nobody wrote down."""
    with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
        children = Person.objects.filter(
            cluster=world.cluster, is_child=True, referrals__case_link__case__status="open"
        ).order_by("last_name", "first_name", "pk")
        numbered = children.exclude(nhs_number="").first()
        if numbered:
            last = str((int(numbered.nhs_number[-1]) + 1) % 10)
            Person.objects.filter(pk=numbered.pk).update(nhs_number=numbered.nhs_number[:-1] + last)
        unborn = children.filter(upn="").last()
        if unborn:
            Person.objects.filter(pk=unborn.pk).update(birth_date=None)
        families = children.values_list("family_id", flat=True).distinct()
        for agreement in Agreement.objects.filter(family_id__in=families).order_by("family__name", "pk")[4:30:9]:
            Agreement.objects.filter(pk=agreement.pk).update(withdrawn_on=world.today)


def months_before(world: World) -> None:
    with acting_as(NamedActor.QUALITY, clusters=[world.cluster.pk]):
        month = world.today.replace(day=1)
        for percent, families in reversed(list(zip(SCORES, FAMILIES, strict=True))):
            month = (month - timedelta(days=1)).replace(day=1)
            QualityScore.objects.create(
                cluster=world.cluster,
                month=month,
                records=families,
                without_severe=families * percent // 100,
                checked_at=moment(month.replace(day=28), 6),
            )


def found_earlier(world: World) -> None:
    """What is open was found a week after it began; and of each month some things that were put right."""
    rules = [Rule.objects.get(code=code) for code in ("no_ethnicity", "no_school", "no_birth_date", "identifier")]
    with acting_as(NamedActor.QUALITY, clusters=[world.cluster.pk]):
        Finding.objects.filter(cluster=world.cluster, day__lt=world.today - timedelta(days=14)).update(
            opened_at=Cast(F("day") + timedelta(days=7), DateTimeField())
        )
        ended = Person.objects.filter(cluster=world.cluster, is_child=True, referrals__status="ended").distinct()
        rows = []
        for n, child in enumerate(ended.select_related("family").order_by("pk")[:90]):
            opened = moment(world.today - timedelta(days=340 - 3 * n), 6)
            rows.append(
                Finding(
                    cluster=world.cluster,
                    family=child.family,
                    rule=rules[n % 7 % len(rules)],
                    reference=child.family.reference,
                    record_id=str(child.pk),
                    page_id=str(child.family_id),
                    fix_id=str(child.pk),
                    day=opened.date(),
                    opened_at=opened,
                    closed_at=opened + timedelta(days=5 + n % 30),
                )
            )
        Finding.objects.bulk_create(rows)
