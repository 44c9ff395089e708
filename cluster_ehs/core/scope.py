"""Who is acting. Nothing of a family can be read or written before one of these is open.

The scope is local to a transaction: it ends with it, and nothing carries over to the next request on
the same connection. Tasks and commands open a scope themselves; threads and workers never inherit one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction

from cluster_ehs.core import request_ids


class NamedActor(StrEnum):
    """Actors that are not people, each with its own narrow scope (domain section 5)."""

    IMPORTER = "importer"
    PUBLIC_FORM = "public form"
    FEED = "feed"
    SCHEDULER = "scheduler"
    FIGURES = "figures"
    FAMILY = "family"
    DUPLICATES = "search for duplicates"
    PLANNER = "planner of meetings"
    ANSWER = "referrer, by a link"
    CONTACT = "contact on duty, by a link"
    TRANSFER = "transfer between Clusters"
    SURVEY = "draw of a survey"
    QUALITY = "check of data quality"
    RETURNS = "statutory returns"
    DISPOSAL = "disposal"
    ACCESS = "review of access"
    CURIOSITY = "weekly check of looks"
    SUBJECT_ACCESS = "subject access"
    NAMINGS = "end of roles"


WRITERS = frozenset(
    {
        NamedActor.IMPORTER,
        NamedActor.PLANNER,
        NamedActor.DUPLICATES,
        NamedActor.QUALITY,
        NamedActor.SURVEY,
        NamedActor.CURIOSITY,
        NamedActor.NAMINGS,
    }
)
OF_ONE_FAMILY = frozenset({NamedActor.FEED, NamedActor.TRANSFER, NamedActor.SUBJECT_ACCESS})


@dataclass(frozen=True)
class Window:
    """What a family's private link opens: one family, in one Cluster."""

    family_id: str
    cluster_id: int


def act_as_user(user_id: int, *, request_id: str = "") -> int:
    """Set the scope of the current transaction to what this user's roles of today allow.

    The database works it out from the roles itself, so no caller can widen it by mistake. Returns how many notices
    they have not read, which every page says: in the same statement, so that it costs none.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ehs_act_as(%s), set_config('ehs.request_id', %s, true), "
            "(SELECT count(*) FROM core_message WHERE user_id = %s AND read_at IS NULL)",
            [user_id, request_id, user_id],
        )
        return cursor.fetchone()[2]


def act_as_nobody() -> None:
    _set(actor="")


def _set(
    *,
    actor: str,
    clusters: Sequence[int] = (),
    writes: Sequence[int] = (),
    sees_all: bool = False,
    granted: Sequence[str] = (),
    own_family: Sequence[str] = (),
    authors: Sequence[int] = (),
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ehs_set_scope(%s, NULL, %s::bigint[], %s::bigint[], %s, '{}', %s::uuid[], '{}', %s::uuid[], "
            "%s::bigint[]), set_config('ehs.request_id', %s, true)",
            [
                actor,
                list(clusters),
                list(writes),
                sees_all,
                list(granted),
                list(own_family),
                list(authors),
                request_ids.current(),
            ],
        )


@contextmanager
def acting_as_user(user_id: int) -> Iterator[None]:
    """One transaction in the scope of a user (commands, tests, tasks that act for somebody)."""
    with transaction.atomic():
        act_as_user(user_id)
        yield
        act_as_nobody()


@contextmanager
def acting_as(
    actor: NamedActor,
    *,
    clusters: Sequence[int] = (),
    window: Window | None = None,
    family: UUID | None = None,
    authors: Sequence[int] = (),
) -> Iterator[None]:
    """One transaction in the scope of a named actor.

    clusters: the Clusters that the importer and the planner of meetings work for. The scheduler and the figures read
    every Cluster's rows, never free text, and write none of them. The public form and a feed have no Cluster: they
    may add to what is still to be matched (referrals.Intake) and read nothing of any family. The check of data quality
    works for the Clusters that it is given. The returns read theirs and write nothing; of others they read rows without
    free text, so that a child who is known in two Clusters is one child.
    family: the one family whose child a feed named for certain, or that has moved to another Cluster; a feed and a
    transfer read and write that family's rows and no other's, and so does subject access.
    authors: whose private notes subject access gathers: everything held is asked for, and only for that family.
    """
    with transaction.atomic():
        _set(
            actor=actor,
            clusters=clusters if actor != NamedActor.PUBLIC_FORM else (),
            writes=clusters if actor in WRITERS else (),
            sees_all=actor in {NamedActor.SCHEDULER, NamedActor.FIGURES, NamedActor.RETURNS},
            granted=[str(family)] if family and actor in OF_ONE_FAMILY else [],
            own_family=[window.family_id] if window else [],
            authors=authors if actor == NamedActor.SUBJECT_ACCESS else (),
        )
        yield
        act_as_nobody()


def hide_from(user_id: int | None) -> None:
    """Within a named actor's transaction, close to it the restricted records that a person may not open, from reading
    and from writing: who brings a sheet changes none of them and is told of none [ADR 0025].

    None: a command or a program, to which all of them are closed. Said anew in each transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ehs_hide_from(%s)", [user_id])


@contextmanager
def aside(
    actor: NamedActor, *, family: UUID | None = None, clusters: Sequence[int] = (), back_to: int
) -> Iterator[None]:
    """Within a person's transaction, act for one family or for Clusters as a named actor; afterwards as that person
    again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ehs.request_id', true)")
        request_id = cursor.fetchone()[0] or ""
    with acting_as(actor, family=family, clusters=clusters):
        yield
    act_as_user(back_to, request_id=request_id)


@contextmanager
def figures() -> Iterator[None]:
    """Within a person's transaction, read rows of every Cluster to count them.

    For managers' figures and lists by reference. Tables of free text stay closed, writing stays as it was.
    """
    with connection.cursor() as cursor:
        # Room for the whole city in memory; compiling such statements would take longer than running them.
        cursor.execute(
            "SELECT current_setting('ehs.sees_all', true), set_config('ehs.sees_all', 'on', true),"
            " set_config('work_mem', '64MB', true), set_config('jit', 'off', true)"
        )
        before = cursor.fetchone()[0] or "off"
    try:
        yield
    finally:
        # After an error the transaction is rolled back, and the setting with it.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('ehs.sees_all', %s, true)", [before])
