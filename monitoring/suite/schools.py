"""By school and by funder of posts: what the contributions bought [E][G] – referrals, cases, sessions and hours."""

from collections import Counter, defaultdict

from clusters.models import Funder, School
from clusters.services.contributions import contributed, members
from monitoring.suite.counting import rows_of
from monitoring.suite.engine import rounded
from monitoring.suite.shapes import Asked, Column, Kind, Report, Table, Value

# A case belongs to one school, that of its first referral, so that schools add up to the whole. A contact belongs to
# the funder of the post that its author had on that day.
_WORK = """
WITH worked AS MATERIALIZED (
    SELECT c.id, (SELECT r.school_id FROM cases_casereferral x JOIN referrals_referral r ON r.id = x.referral_id
        WHERE x.case_id = c.id ORDER BY r.received_on, r.reference LIMIT 1) AS school_id
    FROM cases_case c
    WHERE c.cluster_id = ANY (%(clusters)s) AND c.opened_on <= %(end)s
      AND (c.closed_on IS NULL OR c.closed_on >= %(start)s)
),
done AS MATERIALIZED (
    SELECT w.id, w.school_id, coalesce(s.funder, '') AS funder, c.case_service_id IS NOT NULL AS session, c.minutes
    FROM worked w JOIN cases_contact c ON c.case_id = w.id AND c.attendance = 'attended'
        AND c.at >= %(from_at)s AND c.at < %(until)s
    LEFT JOIN LATERAL (
        SELECT x.funder FROM clusters_staffrole x
        WHERE x.user_id = c.author_id AND x.cluster_id = c.cluster_id AND x.role IN ('practitioner', 'leader')
          AND x.starts_on <= (c.at AT TIME ZONE 'Europe/London')::date
          AND (x.ends_on IS NULL OR x.ends_on > (c.at AT TIME ZONE 'Europe/London')::date)
        ORDER BY x.role DESC, x.starts_on DESC LIMIT 1
    ) s ON true
)
SELECT 'received', r.school_id, '', count(*), 0, 0, 0::bigint FROM referrals_referral r
WHERE r.cluster_id = ANY (%(clusters)s) AND r.received_on BETWEEN %(start)s AND %(end)s GROUP BY 2
UNION ALL SELECT 'cases', school_id, '', count(*), 0, 0, 0::bigint FROM worked GROUP BY 2
UNION ALL SELECT 'work', school_id, funder, count(DISTINCT id), count(*) FILTER (WHERE session), count(*),
    coalesce(sum(minutes), 0)::bigint FROM done GROUP BY 2, 3
UNION ALL SELECT 'funder', NULL, funder, count(DISTINCT id), count(*) FILTER (WHERE session), count(*),
    coalesce(sum(minutes), 0)::bigint FROM done GROUP BY 3
UNION ALL SELECT 'posts', NULL, s.funder, count(DISTINCT s.user_id),
    (100 * coalesce(sum(s.full_time_equivalent), 0))::int, 0, 0::bigint
FROM clusters_staffrole s WHERE s.cluster_id = ANY (%(clusters)s) AND s.role = 'practitioner' AND s.starts_on <= %(end)s
    AND (s.ends_on IS NULL OR s.ends_on > %(end)s) GROUP BY 3
"""

NO_SCHOOL = "No school recorded"
NO_FUNDER = "Funder not recorded"
EVERY_SCHOOL, EVERY_FUNDER = "All schools", "All funders"


def make(asked: Asked) -> list[Table]:
    sums: dict[str, Counter[int | None]] = defaultdict(Counter)
    hours: Counter[tuple[int | None, str]] = Counter()
    funders: dict[str, tuple[int, int, int, int]] = {}
    posts: dict[str, tuple[int, int]] = {}
    for part, school, funder, first, second, third, minutes in rows_of(_WORK, asked):
        if part in ("received", "cases"):
            sums[part][school] += first
        elif part == "funder":
            funders[funder] = (first, second, third, minutes)
        elif part == "posts":
            posts[funder] = (first, second)
        else:
            sums["sessions"][school] += second
            sums["contacts"][school] += third
            sums["minutes"][school] += minutes
            hours[school, funder] += minutes
    paid = contributed(asked.clusters, asked.start, asked.end, asked.day)
    names = _names(asked, {school for counter in sums.values() for school in counter} | set(paid))
    rows = [(name, *_cells(paid.get(pk) if pk else None, [sums[p][pk] for p in PARTS])) for pk, name in names.items()]
    whole = (EVERY_SCHOOL, *_cells(sum(paid.values()), [sums[part].total() for part in PARTS]))
    known = [*Funder.values, ""]
    labels = {**dict(Funder.choices), "": NO_FUNDER}
    return [
        Table(
            "schools",
            "By school: what the contribution bought",
            (
                Column("School", Kind.TEXT),
                Column("Contribution", Kind.MONEY),
                Column("Referrals"),
                Column("Cases"),
                Column("Sessions"),
                Column("Attended contacts"),
                Column("Hours", Kind.NUMBER),
            ),
            (*rows, whole),
            missing=sums["cases"][None],
            note="The contribution is each financial year’s sum by the share of its days in the period. A case belongs "
            "to the school of its first referral; missing are the cases without one. Sessions are attended ones.",
            chart=("Hours",),
        ),
        Table(
            "funders",
            "By funder of posts",
            (
                Column("Funder", Kind.TEXT),
                Column("Practitioners"),
                Column("FTE", Kind.NUMBER),
                Column("Cases"),
                Column("Sessions"),
                Column("Attended contacts"),
                Column("Hours", Kind.NUMBER),
            ),
            tuple(
                (str(labels[f]), *_post_cells(*posts.get(f, (0, 0))), *_cells_of_work(*funders.get(f, (0, 0, 0, 0))))
                for f in known
            ),
            note="Practitioners and FTE on the last day. A case that workers of two funders saw counts with both.",
            chart=("Hours",),
        ),
        Table(
            "hours",
            "Hours for each school, by funder of posts",
            (Column("School", Kind.TEXT), *(Column(str(labels[f]), Kind.NUMBER) for f in known)),
            tuple((name, *(rounded(hours[pk, f] / 60) for f in known)) for pk, name in names.items()),
            note="Hours of attended contacts whose minutes were entered.",
        ),
    ]


PARTS = ("received", "cases", "sessions", "contacts", "minutes")


def _cells(pence: int | None, counts: list[int]) -> tuple[Value, ...]:
    *figures, minutes = counts
    return (pence, *figures, rounded(minutes / 60))


def _post_cells(people: int, hundredths: int) -> tuple[Value, ...]:
    return (people, rounded(hundredths / 100, 2))


def _cells_of_work(cases: int, sessions: int, contacts: int, minutes: int) -> tuple[Value, ...]:
    return (cases, sessions, contacts, rounded(minutes / 60))


def _names(asked: Asked, counted: set[int | None]) -> dict[int | None, str]:
    """Members of the period first by name, then other schools of counted children, then none. Each name once."""
    names: dict[int | None, str] = {}
    for each in members(asked.clusters, asked.start, asked.end):
        names[each.school_id] = str(each.school)
    for other in School.objects.filter(pk__in=[pk for pk in counted if pk and pk not in names]).order_by("name", "pk"):
        names[other.pk] = f"{other} (not a member)"
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    names = {pk: f"{name}, number {pk}" if name in twice else name for pk, name in names.items()}
    if None in counted:
        names[None] = NO_SCHOOL
    return names


REPORT = Report(
    "schools",
    "Schools and funders",
    "What each school contributed and what it bought: referrals, cases, sessions and hours, by school and funder.",
    1,
    make,
    counted="Referrals, cases and contacts",
)
