"""What a user may be called upon to do today: roles read once per request.

Policies ask this; the row policies of the database work it out again for themselves.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet

from clusters.models import Post, Role, StaffRole, User


@dataclass(frozen=True)
class Duties:
    """The roles of one user on one day."""

    roles: tuple[StaffRole, ...]

    def _clusters(self, role: Role) -> frozenset[int]:
        return frozenset(r.cluster_id for r in self.roles if r.role == role and r.cluster_id is not None)

    @cached_property
    def leads(self) -> frozenset[int]:
        """Clusters that the user leads."""
        return self._clusters(Role.LEADER)

    @cached_property
    def works_in(self) -> frozenset[int]:
        """Clusters where the user is a practitioner."""
        return self._clusters(Role.PRACTITIONER)

    @cached_property
    def clusters(self) -> frozenset[int]:
        """Clusters whose unrestricted records the user reads."""
        return self.leads | self.works_in

    @cached_property
    def guest_in(self) -> frozenset[int]:
        return self._clusters(Role.PANEL_GUEST)

    @cached_property
    def schools(self) -> frozenset[int]:
        return frozenset(r.school_id for r in self.roles if r.role == Role.REFERRER and r.school_id is not None)

    def has(self, role: Role) -> bool:
        return any(r.role == role for r in self.roles)

    @property
    def is_manager(self) -> bool:
        return self.has(Role.MANAGER)

    @property
    def is_clinical_supervisor(self) -> bool:
        return self.has(Role.CLINICAL_SUPERVISOR)

    @property
    def is_therapist(self) -> bool:
        return any(r.post in {Post.CHILDRENS_THERAPIST, Post.ADULT_COUNSELLOR} for r in self.roles)

    @property
    def described(self) -> str:
        """The first role in words, for the header."""
        return self.roles[0].get_role_display() if self.roles else ""


def with_duties(user_id: int) -> User | None:
    """The active user together with the roles of today, in one query; None also for a user without a role today."""
    roles = tuple(_roles(user_id).filter(user__is_active=True).select_related("user", "cluster", "school"))
    if not roles:
        return None
    user = roles[0].user
    user.duties_today = Duties(roles)
    return user


def duties(user: User) -> Duties:
    """The user's roles of today, read once and kept with the user object of this request."""
    if user.duties_today is None:
        rows = _roles(user.pk).select_related("cluster", "school") if user.is_active else ()
        user.duties_today = Duties(tuple(rows))
    return user.duties_today


def _roles(user_id: int) -> QuerySet[StaffRole]:
    return StaffRole.objects.today().filter(user_id=user_id).order_by("pk")
