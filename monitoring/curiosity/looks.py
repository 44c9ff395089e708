"""The week's looks at a Cluster's records, with who works with whom: two statements, each bounded by the week.

Who works with a family, so that nobody is asked about their work: lead and service workers (four weeks before and
after), whoever covers or is handed the case, takes part in a meeting that has the family on its agenda, was named on
the restricted record, had it open in an emergency (a list of its own), supervises its worker, is asked in that week to
put its data right, or wrote something in its record. By post: the leaders of the Cluster and whoever is on duty for it.

Being named, an emergency and the posts are read as at each look, since they begin and end in the middle of a week: a
name that was taken off a record since is in the history. Whom data quality asks is read as today; the list of findings
says so.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from monitoring.curiosity.models import CuriosityRule

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Looked:
    """How often one person looked at one family in the week. works: with the family; by_post: for the whole Cluster."""

    reader_id: int
    family_key: UUID
    reference: str
    number: int
    out_of_hours: int
    first_at: datetime
    last_at: datetime
    works: bool
    by_post: bool


@dataclass(frozen=True)
class Row:
    """The most families, not of the own work, that one person opened within an hour."""

    reader_id: int
    number: int
    first_at: datetime
    last_at: datetime


_WORKS = """
    EXISTS (SELECT 1 FROM cases_leadworker w WHERE w.family_id = p.family_id AND w.worker_id = p.user_id
            AND w.starts_on < %(after)s AND (w.ends_on IS NULL OR w.ends_on >= %(before)s))
    OR EXISTS (SELECT 1 FROM cases_caseservice w WHERE w.family_id = p.family_id AND w.worker_id = p.user_id
            AND w.starts_on < %(after)s AND (w.ends_on IS NULL OR w.ends_on >= %(before)s))
    OR EXISTS (SELECT 1 FROM cases_cover w WHERE w.family_id = p.family_id AND w.covering_id = p.user_id
            AND w.starts_on < %(after)s AND w.ends_on >= %(before)s)
    OR EXISTS (SELECT 1 FROM cases_handover w WHERE w.family_id = p.family_id
            AND p.user_id IN (w.from_worker_id, w.to_worker_id) AND w.starts_on BETWEEN %(before)s AND %(after)s)
    OR EXISTS (SELECT 1 FROM triage_agendaitem i JOIN triage_meeting m ON m.id = i.meeting_id
            JOIN triage_attendee a ON a.meeting_id = m.id
            WHERE i.family_id = p.family_id AND a.user_id = p.user_id
            AND m.starts_at BETWEEN %(since)s - interval '7 days' AND %(until)s + interval '7 days')
    OR p.let_in
    OR EXISTS (SELECT 1 FROM clusters_clinicalsupervision s JOIN cases_caseservice w ON w.worker_id = s.worker_id
            WHERE s.supervisor_id = p.user_id AND w.family_id = p.family_id
            AND s.starts_on < %(after)s AND (s.ends_on IS NULL OR s.ends_on >= %(before)s))
    OR EXISTS (SELECT 1 FROM monitoring_finding f WHERE f.family_id = p.family_id AND f.ask_id = p.user_id
            AND f.opened_at < %(until)s AND (f.closed_at IS NULL OR f.closed_at >= %(since)s))
    OR EXISTS (SELECT 1 FROM core_change c WHERE c.family_id = p.family_id AND c.user_id = p.user_id
            AND c.operation = 'insert' AND c.at BETWEEN %(since)s - interval '28 days' AND %(until)s + interval '1 day')
"""
# From when until when somebody was named on a record, the end is in the history alone, or had it open in an emergency.
_LET_IN = """
    SELECT user_id, family_id, created_at AS since, 'infinity'::timestamptz AS until
    FROM families_namedreader WHERE cluster_id = %(cluster)s
    UNION ALL
    SELECT (before ->> 'user_id')::bigint, family_id, (before ->> 'created_at')::timestamptz, at
    FROM core_change WHERE table_name = 'families_namedreader' AND operation = 'delete' AND cluster_id = %(cluster)s
    UNION ALL
    SELECT user_id, family_id, starts_at, ends_at FROM families_emergencyaccess WHERE cluster_id = %(cluster)s
"""
_POSTS = """
    SELECT d.user_id, d.day FROM (SELECT DISTINCT user_id, day FROM looks) d
    WHERE EXISTS (SELECT 1 FROM clusters_staffrole r WHERE r.user_id = d.user_id AND r.role = 'leader'
            AND r.cluster_id = %(cluster)s AND r.starts_on <= d.day AND (r.ends_on IS NULL OR r.ends_on >= d.day))
    OR EXISTS (SELECT 1 FROM clusters_dutycontact c WHERE c.user_id = d.user_id
            AND (c.cluster_id IS NULL OR c.cluster_id = %(cluster)s)
            AND c.starts_on <= d.day AND (c.ends_on IS NULL OR c.ends_on >= d.day))
"""
_LOOKS = """
    SELECT l.user_id, l.family_id, l.at FROM core_look l
    WHERE l.cluster_id = %(cluster)s AND l.at >= %(since)s AND l.at < %(until)s
      AND l.user_id IS NOT NULL AND l.family_id IS NOT NULL
"""
PAIRS = f"""
WITH looks AS (SELECT *, (at AT TIME ZONE 'Europe/London')::date AS day FROM ({_LOOKS}) l),
let_in AS MATERIALIZED ({_LET_IN}),
posts AS ({_POSTS}),
pairs AS (
    SELECT l.user_id, l.family_id, count(*) AS number, min(l.at) AS first_at, max(l.at) AS last_at,
           count(*) FILTER (WHERE (l.at AT TIME ZONE 'Europe/London')::time NOT BETWEEN %(opens)s AND %(closes)s
                            OR extract(isodow FROM l.day) > 5) AS out_of_hours,
           bool_and(EXISTS (SELECT 1 FROM let_in i WHERE i.user_id = l.user_id AND i.family_id = l.family_id
                            AND l.at >= i.since AND l.at < i.until)) AS let_in,
           bool_and(o.user_id IS NOT NULL) AS by_post
    FROM looks l
    LEFT JOIN posts o ON o.user_id = l.user_id AND o.day = l.day
    GROUP BY l.user_id, l.family_id)
SELECT p.user_id, p.family_id, f.reference, p.number, p.out_of_hours, p.first_at, p.last_at,
       ({_WORKS}) AS works, p.by_post
FROM pairs p JOIN families_family f ON f.id = p.family_id
"""  # noqa: S608 - made of the constants above
# For each look the different families of the hour that follows it.
IN_A_ROW = f"""
WITH looks AS ({_LOOKS}
      AND NOT (l.user_id, l.family_id) IN (SELECT * FROM unnest(%(users)s::bigint[], %(families)s::uuid[]))),
firsts AS (SELECT DISTINCT user_id, family_id, date_trunc('minute', at) AS at FROM looks),
many AS (SELECT user_id FROM firsts GROUP BY user_id HAVING count(DISTINCT family_id) >= %(at_least)s),
hours AS (
    SELECT a.user_id, a.at, count(DISTINCT b.family_id) AS number, max(b.at) AS last_at
    FROM firsts a JOIN firsts b ON b.user_id = a.user_id AND b.at >= a.at AND b.at < a.at + interval '1 hour'
    WHERE a.user_id IN (SELECT user_id FROM many) GROUP BY a.user_id, a.at)
SELECT DISTINCT ON (user_id) user_id, number, at, last_at FROM hours
WHERE number >= %(at_least)s ORDER BY user_id, number DESC, at
"""  # noqa: S608 - made of the constants above


def _values(cluster_id: int, week: date) -> dict[str, Any]:
    since = timezone.make_aware(datetime.combine(week, time()))
    until = timezone.make_aware(datetime.combine(week + WEEK, time()))
    around = timedelta(weeks=4)
    return {
        "cluster": cluster_id,
        "since": since,
        "until": until,
        "before": week - around,
        "after": week + WEEK + around,
    }


def looked(cluster_id: int, week: date, rule: CuriosityRule) -> list[Looked]:
    """Who looked at which family in the week that begins on a Monday. rule: the one with the hours of work."""
    hours: dict[str, Any] = {"opens": rule.from_time or time(), "closes": rule.to_time or time.max}
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, {**_values(cluster_id, week), **hours})
        return [Looked(*row) for row in cursor.fetchall()]


def in_a_row(cluster_id: int, week: date, rows: list[Looked], at_least: int) -> list[Row]:
    """Whoever opened at least so many different families within an hour, those of the own work not counted."""
    own = [row for row in rows if row.works]
    values = {
        **_values(cluster_id, week),
        "users": [row.reader_id for row in own],
        "families": [row.family_key for row in own],
        "at_least": at_least,
    }
    with connection.cursor() as cursor:
        cursor.execute(IN_A_ROW, values)
        return [Row(*row) for row in cursor.fetchall()]
