"""What a change meant, and who looked. Rows of change themselves come from database triggers."""

from typing import Protocol
from uuid import UUID

from django.db.models import Model

from cluster_ehs.core.models import Event, Look


class Actor(Protocol):
    """Who acts: a user, or a named actor's stand-in, with the name that history shows."""

    @property
    def pk(self) -> int | None: ...

    @property
    def actor_name(self) -> str: ...


class OfFamily(Protocol):
    family_id: UUID
    cluster_id: int


def event(*, by: Actor, kind: str, text: str, about: Model) -> None:
    """Say in the history what was done to a record. `about` is the family or a row of it."""
    Event.objects.create(
        actor=by.actor_name,
        user_id=by.pk,
        cluster_id=getattr(about, "cluster_id", None),
        family_id=getattr(about, "family_id", None),
        kind=kind,
        text=text,
        about=f"{about._meta.label_lower}:{about.pk}",
    )


def look(*, by: Actor, at: OfFamily, page: str) -> None:
    """Record that somebody looked at a family's record."""
    Look.objects.create(actor=by.actor_name, user_id=by.pk, cluster_id=at.cluster_id, family_id=at.family_id, page=page)
