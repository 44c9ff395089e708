"""What came in through the public form and waits to be matched: a child who is known, one who is not, one to ring."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from cluster_ehs.core.audit import Named
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import Cluster, School, User
from families.models import Person
from referrals.intake import receive_intake


def come_in(*, cluster: Cluster, school: School, reader: User) -> None:
    """Three requests of the last days. The first is of a child whom the Cluster knows, spelt a little otherwise."""
    with acting_as_user(reader.pk):
        known = Person.objects.filter(cluster=cluster, is_child=True, birth_date__isnull=False, school=school).first()
    now = timezone.now()
    requests: list[tuple[str, int, bool, dict[str, Any]]] = [
        (
            "en",
            3,
            True,
            {
                "first_name": known.first_name if known else "Amira",
                "last_name": known.last_name.replace("i", "y", 1) if known else "Hussain",
                "birth_date": known.birth_date.isoformat() if known and known.birth_date else "",
                "worrying": "Very quiet since the summer, and has stopped eating lunch.",
                "going_well": "Comes in early every day and feeds the fish.",
                "referrer_name": "Rae Okafor",
                "referrer_role": "Pastoral lead",
                "referrer_organisation": str(school),
                "referrer_email": "rae@example.org",
                "route": "mainstream_school",
                "agreed": "knows",
            },
        ),
        (
            "ur",
            2,
            False,
            {
                "first_name": "زینب",
                "last_name": "اقبال",
                "age": "9",
                "worrying": "وہ صبح سکول جانے سے ڈرتی ہے۔",
                "family_wants": "صبح کا وقت سکون سے گزرے۔",
                "referrer_name": "Saima Iqbal",
                "referrer_telephone": "0113 496 0321",
                "carer_first_name": "Saima",
                "carer_last_name": "Iqbal",
                "carer_telephone": "0113 496 0321",
                "carer_interpreter": True,
                "agreed": "yes",
                "agreed_by": "Saima Iqbal",
                "agreed_on": (now - timedelta(days=2)).date().isoformat(),
                "agreed_how": "online form",
                "route": "self_or_family",
                "may_talk_to_school": True,
            },
        ),
        (
            "en",
            1,
            True,
            {
                "first_name": "Kai",
                "last_name": "Brightwater",
                "age": "15",
                "worrying": "I look after my mum before school and I am always late.",
                "family_wants": "Somebody to explain it to school.",
                "referrer_name": "Kai Brightwater",
                "referrer_email": "kai@example.org",
                "asked_by": "the young person",
                "route": "self_or_family",
                "may_talk_to_school": False,
            },
        ),
    ]
    with acting_as(NamedActor.PUBLIC_FORM):
        for number, (language, days, proven, payload) in enumerate(requests):
            receive_intake(
                by=Named(str(NamedActor.PUBLIC_FORM)),
                source="online",
                external_id=f"demonstration-{number}",
                payload={key: value for key, value in payload.items() if value != ""},
                cluster=cluster,
                school=school,
                received_at=now - timedelta(days=days, hours=3),
                language=language,
                proven=proven,
            )
