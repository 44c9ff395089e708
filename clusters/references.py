"""References that people can say on the telephone: HD-2026-0142."""

from django.db import connection

from clusters.models import Cluster


def next_reference(cluster: Cluster, *, year: int, kind: str = "referral") -> str:
    """The Cluster's next number of that year. Two at once get two numbers; a rolled-back one leaves a gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clusters_referencecounter (cluster_id, year, kind, last) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT ON CONSTRAINT counter_once DO UPDATE SET last = clusters_referencecounter.last + 1 "
            "RETURNING last",
            [cluster.pk, year, kind],
        )
        number = cursor.fetchone()[0]
    letter = {"referral": "", "family": "F", "case": "C"}[kind]
    return f"{cluster.prefix}-{letter}{year}-{number:04d}"
