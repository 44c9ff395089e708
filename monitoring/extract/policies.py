"""Extracts are for managers alone."""

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties


def can_use_extracts(user: User) -> bool:
    return duties(user).is_manager


def check_use_extracts(user: User) -> None:
    if not can_use_extracts(user):
        raise Denied("Evaluation extracts are made and taken by managers only.")
