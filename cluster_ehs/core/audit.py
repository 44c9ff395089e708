"""What a change meant, and who looked. Rows of change themselves come from database triggers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Model

from cluster_ehs.core.models import Event


class Actor(Protocol):
    """Who acts: a user, or a named actor's stand-in, with the name that history shows."""

    @property
    def pk(self) -> int | None: ...

    @property
    def actor_name(self) -> str: ...


@dataclass(frozen=True)
class Named:
    """The stand-in of a named actor (`core.scope.NamedActor`): history says its name, no user stands behind it."""

    actor_name: str
    pk: int | None = None


class OfFamily(Protocol):
    """Both are known of every record of a family; of what is still to be matched they may not be."""

    @property
    def family_id(self) -> UUID | None: ...

    @property
    def cluster_id(self) -> int | None: ...


def event_row(*, by: Actor, kind: str, text: str, about: Model) -> Event:
    """The row of `event`, for a service that adds it together with others (`core.db.add_together`)."""
    return Event(
        actor=by.actor_name,
        user_id=by.pk,
        cluster_id=getattr(about, "cluster_id", None),
        family_id=getattr(about, "family_id", None),
        kind=kind,
        text=text,
        about=f"{about._meta.label_lower}:{about.pk}",
    )


def event(*, by: Actor, kind: str, text: str, about: Model) -> None:
    """Say in the history what was done to a record. `about` is the family, a row of it, or a Cluster.

    Written without reading it back: who may add to the history in their own name may not always read it.
    """
    label = about._meta.label_lower
    cluster = about.pk if label == "clusters.cluster" else getattr(about, "cluster_id", None)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (actor, user_id, cluster_id, family_id, kind, text, about) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [by.actor_name, by.pk, cluster, getattr(about, "family_id", None), kind, text, f"{label}:{about.pk}"],
        )


def event_of_no_record(*, kind: str, text: str) -> None:
    """Say in the history what happened where there is no record to say it of, in the name of whoever acts.

    Of a kind `settings.…` it stands with the changes of the settings, for managers. Outside a scope the program did it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_event (actor, user_id, kind, text, about) "
            "SELECT coalesce(current_setting('ehs.actor', true), ''), ehs_user_id(), %s, %s, ''",
            [kind, text],
        )


def look(*, by: Actor, at: OfFamily, page: str) -> None:
    """Record that somebody looked at a family's record."""
    # Not through the model, which reads the new row back: a panel guest may look, but not read who looked.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_look (actor, user_id, cluster_id, family_id, page) VALUES (%s, %s, %s, %s, %s)",
            [by.actor_name, by.pk, at.cluster_id, at.family_id, page],
        )


def look_at_each(*, by: Actor, at: Iterable[OfFamily], page: str) -> None:
    """As `look`, for a page that shows something of several families; each once, in one statement."""
    families = {one.family_id: one.cluster_id for one in at}
    if not families:
        return
    rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(families))
    values = [value for family, cluster in families.items() for value in (by.actor_name, by.pk, cluster, family, page)]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO core_look (actor, user_id, cluster_id, family_id, page) VALUES " + rows, values)  # noqa: S608
