"""What programs send: whole and right, to be changed by a test."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.fixtures_cast import Cast, a_service, a_term


def a_referral_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    """A new child of a new family, of a member school."""
    return {
        "cluster": cast.cluster.pk,
        "received_on": (timezone.localdate() - timedelta(days=1)).isoformat(),
        "route": a_term("route").code,
        "channel": "online",
        "child": {"first_name": "Ngozi", "last_name": "Invented", "birth_date": "2016-02-29", "gender": "female"},
        "school": cast.school.pk,
        "reasons": [a_term("reason").code],
        "referrer": {"name": "Rae Invented", "role": "SENCo", "email": "rae@example.org"},
        "story": {"worrying": "Does not sleep."},
        "agreed": "yes",
        "agreed_by": "Ada Invented",
        "agreed_on": timezone.localdate().isoformat(),
        **changes,
    }


def a_notification_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    """What the police send of a child whose school is a member."""
    return {
        "source": "police",
        "external_id": "INV/2026/0001",
        "first_name": "Ngozi",
        "last_name": "Invented",
        "birth_date": "2016-02-29",
        "school_name": cast.school.name,
        "worrying": "Seen alone in the park at night.",
        **changes,
    }


def a_decision_body(**changes: Any) -> dict[str, Any]:
    return {
        "response": "service",
        "rationale": "Family support fits.",
        "services": [{"service": a_service("family_support").code, "priority": 2}],
        **changes,
    }


def a_contact_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "kind": "home_visit",
        "at": timezone.now().isoformat(),
        "people": [str(cast.child.pk), str(cast.mother.pk)],
        "note": "Zdeňka showed her room.",
        **changes,
    }


def a_session_body(**changes: Any) -> dict[str, Any]:
    """The same hour of two weeks, at school."""
    at = (timezone.now() + timedelta(days=3)).replace(microsecond=0)
    return {"kind": "home_visit", "at": at.isoformat(), "minutes": 45, "place": "Room 2", "times": 2, **changes}


def an_interpreter_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "language": a_term("language").code,
        "person": str(cast.mother.pk),
        "at": (timezone.now() + timedelta(days=3)).isoformat(),
        "mode": "phone",
        "minutes_booked": 60,
        "pence": 4850,
        "status": "booked",
        **changes,
    }


def a_goal_body(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "words": "Mornings without shouting",
        "baseline": 3,
        "target": 7,
        "whose": str(cast.mother.pk),
        "agreements": [{"person": str(cast.mother.pk), "agrees": True, "words": "Yes please"}],
        "actions": [{"what": "Lay out clothes", "who": "Jana"}],
        **changes,
    }
