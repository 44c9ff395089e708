"""Being named on a restricted record ends with the role by which it was opened [domain section 4].

The database opens nothing by a name without a role (`ehs_act_as`). But the name would open the record again for who
comes back years later with another role, and the page would show somebody as a reader who is none.
"""

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.leaving import WORKING
from clusters.models import Role, StaffRole, User
from clusters.notices import tell
from clusters.roles.asking import managers_but
from families.models import Family, NamedReader

BY = audit.Named(str(NamedActor.NAMINGS))


def works_there() -> Exists:
    """For rows with a `user` and a `cluster`: whether that person works there today."""
    held = StaffRole.objects.today().filter(role__in=WORKING, user__is_active=True)
    return Exists(held.filter(user=OuterRef("user"), cluster=OuterRef("cluster")))


def end_without_role() -> None:
    """For the sweep of each minute: take off restricted records who works in their Cluster no more."""
    with acting_as(NamedActor.SCHEDULER):
        clusters = set(NamedReader.objects.filter(~works_there()).values_list("cluster_id", flat=True))
    for cluster_id in sorted(clusters):
        with acting_as(NamedActor.NAMINGS, clusters=[cluster_id]):
            _end_in(cluster_id)


def _end_in(cluster_id: int) -> None:
    over = NamedReader.objects.filter(~works_there(), cluster_id=cluster_id)
    families = list(
        Family.objects.select_for_update(of=("self",))
        .filter(pk__in=over.values("family_id"))
        .select_related("cluster")
        .order_by("pk")
    )
    for family in families:
        gone = list(over.filter(family=family).select_related("user").order_by("pk"))
        for naming in gone:
            text = f"{naming.user} is not named on this record any more: no role in {family.cluster} is left"
            audit.event(by=BY, kind="family.restricted", text=text, about=family)
        NamedReader.objects.filter(pk__in=[naming.pk for naming in gone]).delete()
        if family.restricted and not NamedReader.objects.filter(family=family).exists():
            _tell_that_nobody_is_left(family)


def _tell_that_nobody_is_left(family: Family) -> None:
    """To the Cluster's leaders, or without one to the managers: by the reference alone, for they cannot open it."""
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster_id=family.cluster_id, user__is_active=True)
    leaders = list(User.objects.filter(pk__in=leads.values("user_id"))) or managers_but()
    for leader in leaders:
        tell(
            leader,
            key=f"nobody-named:{family.pk}:{timezone.localdate()}:{leader.pk}",
            subject=f"Nobody is left who may open the restricted record {family.reference}",
            text=(
                "Whoever was named on it works in the Cluster no more. A leader of the Cluster opens it by its "
                "reference, with a reason, and then says under “Who may read this record” who works with it now."
            ),
            url_name="emergency",
            urgent=True,
        )
