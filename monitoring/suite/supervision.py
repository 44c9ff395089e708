"""Outcome-focused supervision [E][P]: who had it, how often, and for whom it is overdue."""

from collections import Counter

from cases.selectors.supervisions import due
from cluster_ehs.core.figures import percentage
from clusters.models import Post
from monitoring.suite.counting import rows_of
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value, counted

# A practitioner with a role on any day of the period, once, with the latest post.
_HELD = """
WITH staff AS MATERIALIZED (
    SELECT DISTINCT ON (s.user_id) s.user_id, s.cluster_id, s.post FROM clusters_staffrole s
    WHERE s.cluster_id = ANY (%(clusters)s) AND s.role = 'practitioner' AND s.starts_on <= %(end)s
      AND (s.ends_on IS NULL OR s.ends_on > %(start)s)
    ORDER BY s.user_id, s.starts_on DESC
),
held AS MATERIALIZED (
    SELECT x.worker_id, v.kind, v.minutes, x.came FROM cases_supervisee x
    JOIN cases_supervision v ON v.id = x.supervision_id AND v.cancelled_at IS NULL
    WHERE x.cluster_id = ANY (%(clusters)s) AND v.held_at >= %(from_at)s AND v.held_at < %(until)s
),
clinical AS MATERIALIZED (
    SELECT k.worker_id, count(*) AS n FROM cases_clinicalsession k
    WHERE k.cluster_id = ANY (%(clusters)s) AND k.held_on BETWEEN %(start)s AND %(end)s GROUP BY 1
)
SELECT s.post, count(*), count(*) FILTER (WHERE h.n > 0), coalesce(sum(h.alone), 0)::bigint,
    coalesce(sum(h.grouped), 0)::bigint,
    coalesce(sum(h.away), 0)::bigint, coalesce(sum(k.n), 0)::bigint, coalesce(sum(h.minutes), 0)::bigint
FROM staff s
LEFT JOIN (SELECT worker_id, count(*) FILTER (WHERE came) AS n,
        count(*) FILTER (WHERE came AND kind = 'individual') AS alone,
        count(*) FILTER (WHERE came AND kind = 'group') AS grouped, count(*) FILTER (WHERE NOT came) AS away,
        sum(minutes) FILTER (WHERE came) AS minutes FROM held GROUP BY 1) h ON h.worker_id = s.user_id
LEFT JOIN clinical k ON k.worker_id = s.user_id
GROUP BY 1
"""

COLUMNS = (
    Column("Practitioners"),
    Column("Had supervision"),
    Column("Had it, per cent", Kind.PERCENT),
    Column("Individual"),
    Column("Group"),
    Column("Was away"),
    Column("Clinical, outside the team"),
    Column("Hours", Kind.NUMBER),
)
EVERY = "All posts"
NO_POST = "No post recorded"


def make(asked: Asked) -> list[Table]:
    sums: Counter[tuple[str, int]] = Counter()
    for post, *values in rows_of(_HELD, asked):
        for number, value in enumerate(values):
            sums[Post(post).label if post else NO_POST, number] += value
            sums[EVERY, number] += value
    posts = [str(label) for label in Post.labels]
    if sums[NO_POST, 0]:
        posts.append(NO_POST)
    now = due(asked.clusters)
    states = [
        ("Overdue today", sum(1 for each in now if each.days_late)),
        ("Not overdue", sum(1 for each in now if each.due_on and not each.days_late)),
        ("No interval set for the post", sum(1 for each in now if not each.due_on)),
    ]
    return [
        Table(
            "posts",
            "Supervision by post",
            (Column("Post", Kind.TEXT), *COLUMNS),
            tuple((post, *_cells(sums, post)) for post in (*posts, EVERY)),
            of="the row’s practitioners with a post on a day of the period",
            missing=sums[NO_POST, 0],
            note="Individual, group and clinical count attended sessions: a group of four counts four times.",
            chart=("Practitioners", "Had supervision"),
        ),
        counted(
            "overdue",
            "Supervision of today’s practitioners against the interval of their post",
            states,
            denominator=len(now),
            of="practitioners of today",
            missing=states[2][1],
            note="As it stands today, whatever the period.",
            compares=False,
        ),
    ]


def _cells(sums: Counter[tuple[str, int]], post: str) -> tuple[Value, ...]:
    people, had, alone, grouped, away, clinical, minutes = (sums[post, number] for number in range(7))
    return (people, had, percentage(had, people), alone, grouped, away, clinical, rounded(minutes / 60))


REPORT = Report(
    "supervision",
    "Supervision",
    "How many practitioners had supervision, individual, group and clinical, and for how many it is overdue.",
    1,
    make,
    counted="Sessions",
)
