"""A manager’s role that waits for a second person, somebody acting up, what groups of the directory mean, a record
opened in an emergency, and last week’s looks with two questions to ask."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.models import Case, CaseStatus
from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import acting_as_user
from clusters.account_changes import services as account_changes
from clusters.group_roles import services as group_roles
from clusters.models import Role, User
from clusters.roles import services as roles
from demo.ground import World
from demo.reviewing import review_access
from families.emergency import break_glass
from families.models import Family
from monitoring.curiosity import check


def keep_trust(world: World) -> None:
    dee, mo, staff = world.staff["dee"], world.staff["mo"], world.staff
    with acting_as_user(dee.pk):
        roles.ask_for_manager(
            by=dee, to=staff["cara"], reason="Mo is alone; the city wants two managers by spring", starts_on=world.today
        )
        account_changes.ask(
            by=dee,
            to=staff["cara"],
            what="address",
            email="cara.new@example.org",
            reason="Cara has married; she showed me her card at the office",
        )
    with acting_as_user(mo.pk):
        roles.act_up(
            by=mo,
            to=staff["ben"],
            role=Role.LEADER,
            cluster=world.cluster,
            starts_on=world.today + timedelta(days=10),
            ends_on=world.today + timedelta(days=24),
            reason="Dee is on leave for a fortnight",
        )
        for group, role in (("EH-Riverside-Leads", Role.LEADER), ("EH-Riverside-Panel", Role.PANEL_GUEST)):
            group_roles.add(by=mo, group=group, role=role, cluster=world.cluster, starts_on=world.today)
    review_access(world)
    with acting_as_user(staff["ines"].pk):
        urgent = Family.objects.filter(cluster=world.cluster, restricted=False).order_by("reference").last()
    other = User.objects.get(email="pat@example.org")
    if urgent:
        with acting_as_user(other.pk):
            break_glass(by=other, family_id=urgent.pk, reason="The school rings: nobody collected the child")
    curious(world)


def curious(world: World) -> None:
    """Last week Femi opened a record three times that is none of Femi's work, and Ines one late in the evening."""
    monday = check.monday_of(world.today) - timedelta(days=7)
    noon = timezone.make_aware(datetime.combine(monday, time(12, 20)))
    cases = Case.objects.filter(cluster=world.cluster, status=CaseStatus.OPEN, family__restricted=False)
    cases = cases.exclude(family__persons__last_name="Example")
    with acting_as_user(world.staff["dee"].pk):
        strange = list(cases.filter(lead_workers__worker=world.staff["asha"]).order_by("reference")[:2])
    for key, case, at, times in zip(
        ("jo", "ines"), strange, (noon, noon + timedelta(days=1, hours=9)), (3, 2), strict=False
    ):
        reader: User = world.staff[key]
        with acting_as_user(reader.pk):
            Look.objects.bulk_create(
                Look(
                    actor=reader.name,
                    user_id=reader.pk,
                    cluster_id=case.cluster_id,
                    family_id=case.family_id,
                    page="case: overview",
                    at=at + timedelta(minutes=4 * number),
                )
                for number in range(times)
            )
    check.check_due(world.today)
