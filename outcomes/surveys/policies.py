"""Who draws a survey, who sees its figures, who sends it."""

from __future__ import annotations

from collections.abc import Collection

from cluster_ehs.core.denied import Conflict, Denied
from clusters.models import User
from clusters.people import duties
from outcomes.surveys.models import Survey


def check_draws(user: User) -> None:
    if not (duties(user).is_manager or duties(user).leads):
        raise Denied("Surveys are drawn by managers, and by leaders for their own Clusters.")


def check_draw(user: User, clusters: Collection[int]) -> None:
    check_draws(user)
    if not duties(user).is_manager and not set(clusters) <= duties(user).leads:
        raise Denied("You draw a survey for your own Clusters.")


def sees_surveys(user: User, **_: object) -> bool:
    return duties(user).is_manager or bool(duties(user).clusters)


def check_sees_surveys(user: User) -> None:
    if not sees_surveys(user):
        raise Denied("Surveys are for managers and for those who work in a Cluster.")


def check_see(user: User, survey: Survey) -> None:
    """The figures of a survey: a manager, and who works in one of its Clusters."""
    check_sees_surveys(user)
    if not duties(user).is_manager and not duties(user).clusters & set(survey.cluster_ids):
        raise Denied("This survey is of other Clusters.")


def check_send(user: User, survey: Survey) -> None:
    """Links and letters are made by the Cluster that the family knows."""
    if not duties(user).clusters & set(survey.cluster_ids):
        raise Denied("Links and letters are made by those who work in the family’s Cluster.")


def check_runs(survey: Survey) -> None:
    if survey.ended_at is not None:
        raise Conflict("This survey has ended.")


def check_takes_answers(survey: Survey) -> None:
    """Nobody is sent a link that opens nothing; paper may still come back."""
    if not survey.takes_answers:
        raise Conflict(f"The last day for answers was {survey.answer_until:%-d %B %Y}. Nobody is asked any more.")


def check_end(user: User, survey: Survey) -> None:
    check_draw(user, survey.cluster_ids)
