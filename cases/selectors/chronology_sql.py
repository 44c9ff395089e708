"""The entries of a case's chronology that casework itself knows, in one statement.

The walls stand in front of raw SQL too: a note that the reader may not see is not there to be joined. Where somebody
lives is in none of the columns. What a contact's notes say is read for the entries of one page only.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

# Each part: kind, ref, at, whether the hour is known, title, by, text, people. A day alone counts from its midnight.
PARTS = """
SELECT 'referrals' AS kind, r.id AS ref, r.received_on::timestamp AT TIME ZONE 'Europe/London' AS at, false AS timed,
       'Referral ' || r.reference || ' received' AS title,
       concat_ws(', ', nullif(r.referrer_role, ''), nullif(r.referrer_organisation, '')) AS by,
       '' AS text, ARRAY[r.child_id] AS people
FROM referrals_referral r WHERE r.family_id = %(family)s
UNION ALL
SELECT CASE WHEN c.case_service_id IS NULL THEN 'contacts' ELSE 'sessions' END, c.id, c.at, true,
       concat_ws('|', c.kind, c.attendance, c.session_kind, coalesce(v.name, '')), u.name, '', NULL
FROM cases_contact c JOIN clusters_user u ON u.id = c.author_id
LEFT JOIN cases_caseservice s ON s.id = c.case_service_id LEFT JOIN clusters_service v ON v.id = s.service_id
WHERE c.case_id = %(case)s
UNION ALL
SELECT 'goals', g.id, g.created_at, true, 'Goal agreed: “' || g.words || '”', '', '', ARRAY[g.whose_id]
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s
UNION ALL
SELECT 'goals', md5(g.id || 'ended')::uuid, g.ended_on::timestamp AT TIME ZONE 'Europe/London', false,
       'Goal ' || g.status || ': “' || g.words || '”', '', g.ended_reason, ARRAY[g.whose_id]
FROM cases_goal g JOIN cases_plan p ON p.id = g.plan_id WHERE p.case_id = %(case)s AND g.ended_on IS NOT NULL
UNION ALL
SELECT 'scores', md5(s.scored_on || coalesce(s.contact_id::text, s.given_by_id::text, ''))::uuid,
       s.scored_on::timestamp AT TIME ZONE 'Europe/London', false,
       CASE WHEN s.given_by_id IS NULL THEN 'Scores' ELSE 'Scores by the family itself' END,
       coalesce(min(coalesce(nullif(b.known_as, ''), b.first_name)), ''),
       string_agg('“' || g.words || '” ' || s.score, E'\\n' ORDER BY g.position), array_agg(g.whose_id)
FROM cases_goalscore s JOIN cases_goal g ON g.id = s.goal_id JOIN cases_plan p ON p.id = g.plan_id
LEFT JOIN families_person b ON b.id = s.given_by_id
WHERE p.case_id = %(case)s GROUP BY s.scored_on, s.contact_id, s.given_by_id
UNION ALL
SELECT 'meetings', m.id, m.held_at, true, m.kind, u.name,
       concat_ws(E'\\n', coalesce(nullif(m.attendees, ''), (
           SELECT string_agg(coalesce(nullif(a.name, ''), w.name, nullif(p.known_as, ''), p.first_name), ', '
                             ORDER BY a.created_at, a.id)
           FROM cases_meetingattendee a LEFT JOIN clusters_user w ON w.id = a.user_id
           LEFT JOIN families_person p ON p.id = a.person_id WHERE a.meeting_id = m.id AND a.came IS NOT false)),
           nullif(m.child_voice, ''), nullif(m.decisions, ''), 'Not held: ' || nullif(m.not_held, '')),
       (SELECT array_agg(a.person_id) FROM cases_meetingattendee a
        WHERE a.meeting_id = m.id AND a.person_id IS NOT NULL)
FROM cases_casemeeting m JOIN clusters_user u ON u.id = m.author_id WHERE m.case_id = %(case)s
UNION ALL
SELECT 'events', s.id, s.held_at, true,
       CASE WHEN bool_or(a.status = 'came') THEN 'Came to ' ELSE 'Did not come to ' END || v.title, '',
       string_agg(coalesce(nullif(p.known_as, ''), nullif(p.first_name, ''), p.last_name)
                  || CASE a.status WHEN 'came' THEN '' WHEN 'apologies' THEN ' (sent apologies)'
                     ELSE ' (did not come)' END, ', ' ORDER BY a.status, p.birth_date, p.id),
       array_agg(a.person_id)
FROM cases_eventattendance a JOIN cases_eventsession s ON s.id = a.session_id JOIN cases_event v ON v.id = s.event_id
JOIN families_person p ON p.id = a.person_id WHERE a.family_id = %(family)s GROUP BY s.id, v.id
UNION ALL
SELECT 'tasks', t.id, t.done_at, true, 'Done: ' || t.what, u.name, '', NULL
FROM cases_task t JOIN clusters_user u ON u.id = t.done_by_id WHERE t.case_id = %(case)s AND t.done_at IS NOT NULL
UNION ALL
SELECT 'reviews', r.id, r.reviewed_on::timestamp AT TIME ZONE 'Europe/London', false, 'Plan reviewed', u.name,
       concat_ws(E'\\n', nullif(r.took_part, ''), r.decisions),
       ARRAY(SELECT x.person_id FROM cases_reviewperson x WHERE x.review_id = r.id ORDER BY x.created_at, x.id)
FROM cases_review r JOIN cases_plan p ON p.id = r.plan_id JOIN clusters_user u ON u.id = r.author_id
WHERE p.case_id = %(case)s
UNION ALL
SELECT 'supervision', s.id, date_trunc('day', s.held_at, 'Europe/London'), false,
       'Talked over in supervision', '', '', NULL
FROM cases_supervisioncase s WHERE s.case_id = %(case)s AND s.held_at <= now() AND NOT EXISTS (
    SELECT FROM cases_supervision x WHERE x.id = s.supervision_id AND x.cancelled_at IS NOT NULL)
UNION ALL
SELECT 'workers', l.id, l.starts_on::timestamp AT TIME ZONE 'Europe/London', false,
       'Lead worker: ' || u.name, '', l.handover, NULL
FROM cases_leadworker l JOIN clusters_user u ON u.id = l.worker_id WHERE l.case_id = %(case)s
UNION ALL
SELECT 'services', s.id, s.starts_on::timestamp AT TIME ZONE 'Europe/London', false,
       v.name || ' allocated to ' || u.name, '', '',
       ARRAY[s.person_id]
FROM cases_caseservice s JOIN clusters_service v ON v.id = s.service_id JOIN clusters_user u ON u.id = s.worker_id
WHERE s.case_id = %(case)s
UNION ALL
SELECT 'services', md5(s.id || 'ended')::uuid, s.ends_on::timestamp AT TIME ZONE 'Europe/London', false,
       v.name || ' ended', '', '',
       ARRAY[s.person_id]
FROM cases_caseservice s JOIN clusters_service v ON v.id = s.service_id
WHERE s.case_id = %(case)s AND s.ends_on IS NOT NULL
UNION ALL
SELECT 'loans', l.id, l.lent_on::timestamp AT TIME ZONE 'Europe/London', false,
       'On loan to ' || p.name, u.name, l.why, NULL
FROM cases_loan l JOIN clusters_partnerservice p ON p.id = l.partner_id JOIN clusters_user u ON u.id = l.lent_by_id
WHERE l.case_id = %(case)s
UNION ALL
SELECT 'loans', md5(l.id || 'back')::uuid, l.back_on::timestamp AT TIME ZONE 'Europe/London', false,
       'Back from ' || p.name, u.name,
       l.brought_back, NULL
FROM cases_loan l JOIN clusters_partnerservice p ON p.id = l.partner_id JOIN clusters_user u ON u.id = l.back_by_id
WHERE l.case_id = %(case)s
UNION ALL
SELECT 'files', f.id, f.created_at, true, 'File kept: ' || coalesce(nullif(f.title, ''), f.name), u.name,
       concat_ws(E'\\n', nullif(f.kind, ''), CASE WHEN f.removed_at IS NOT NULL THEN 'Removed: ' || f.removed_why END),
       ARRAY(SELECT fp.person_id FROM families_fileperson fp WHERE fp.file_id = f.id)
FROM families_storedfile f JOIN clusters_user u ON u.id = f.author_id WHERE f.family_id = %(family)s
UNION ALL
SELECT 'letters', l.id, l.made_at, true, 'Letter: ' || l.subject, u.name, '', NULL
FROM triage_letter l JOIN clusters_user u ON u.id = l.made_by_id WHERE l.family_id = %(family)s
UNION ALL
SELECT 'family_link', k.id, k.created_at, true, 'Private link given to the family', u.name, '', NULL
FROM cases_familylink k JOIN clusters_user u ON u.id = k.created_by_id WHERE k.case_id = %(case)s
UNION ALL
SELECT 'family_link', md5(k.id || 'withdrawn')::uuid, k.withdrawn_at, true, 'Private link taken back', '', '', NULL
FROM cases_familylink k WHERE k.case_id = %(case)s AND k.withdrawn_at IS NOT NULL
UNION ALL
SELECT 'family_link', md5(a.id || a.by_itself_at::text)::uuid, a.by_itself_at, true,
       CASE WHEN a.agrees THEN 'Agrees with' ELSE 'Does not agree with' END || ' the goal “' || g.words || '”',
       coalesce(nullif(b.known_as, ''), b.first_name) || ', on the family’s page', a.words, ARRAY[a.person_id]
FROM cases_goalagreement a JOIN cases_goal g ON g.id = a.goal_id JOIN cases_plan p ON p.id = g.plan_id
JOIN families_person b ON b.id = a.person_id WHERE p.case_id = %(case)s AND a.by_itself_at IS NOT NULL
UNION ALL
SELECT 'family_link', md5('family' || min(o.id))::uuid, min(o.at), true, 'The family opened its own page', o.actor,
       '', NULL
FROM core_look o WHERE o.family_id = %(family)s AND o.user_id IS NULL AND o.page = 'family''s page'
GROUP BY o.actor, (o.at AT TIME ZONE 'Europe/London')::date
"""
# One entry for each person and day: a hundred pages opened in a morning are one thing that happened.
LOOKS = """
UNION ALL
SELECT 'looks', md5('look' || min(o.id))::uuid, min(o.at), true, 'Looked at the record', o.actor,
       string_agg(DISTINCT o.page, ', '), NULL
FROM core_look o WHERE o.family_id = %(family)s AND o.user_id IS NOT NULL
GROUP BY o.actor, o.user_id, (o.at AT TIME ZONE 'Europe/London')::date
"""
NOTES = """
(SELECT string_agg(concat_ws(E'\\n', nullif(n.text, ''),
                             CASE WHEN n.child_said <> '' THEN 'The child said: “' || n.child_said || '”' END,
                             (SELECT string_agg(coalesce(nullif(p.known_as, ''), nullif(p.first_name, ''), p.last_name)
                                                || ': “' || v.said || '”', E'\\n' ORDER BY p.birth_date, p.id)
                              FROM cases_childvoice v JOIN families_person p ON p.id = v.person_id
                              WHERE v.note_id = n.id)),
                   E'\\n' ORDER BY n.created_at)
 FROM cases_contactnote n WHERE n.contact_id = e.ref)
"""
THERE = "ARRAY(SELECT cp.person_id FROM cases_contactperson cp WHERE cp.contact_id = e.ref)"
IN_CONTACT = "SELECT FROM {} x WHERE x.contact_id = e.ref AND x.person_id = %(person)s"
SAID_IN_NOTE = """
SELECT FROM cases_contactnote n WHERE n.contact_id = e.ref
AND (n.text ILIKE %(words)s OR n.child_said ILIKE %(words)s
     OR EXISTS (SELECT FROM cases_childvoice v WHERE v.note_id = n.id AND v.said ILIKE %(words)s))
"""
OF_CONTACTS = "e.kind IN ('contacts', 'sessions')"


def rows(
    *,
    case_id: UUID,
    family_id: UUID,
    kinds: tuple[str, ...],
    looks: bool,
    person: UUID | None,
    words: str,
    since: Any,
    until: Any,
    after: tuple[Any, str, UUID] | None,
    only: UUID | None,
    oldest: bool,
    most: int,
) -> list[dict[str, Any]]:
    """At most `most` entries in order. since, until: moments, the second excluded; after: the place of the last one."""
    where, sign, order = ["true"], *((">", "ASC") if oldest else ("<", "DESC"))
    given: dict[str, Any] = {"case": case_id, "family": family_id, "most": most}
    if kinds:
        where.append("e.kind = ANY (%(kinds)s)")
        given["kinds"] = list(kinds)
    if since:
        where.append("e.at >= %(since)s")
        given["since"] = since
    if until:
        where.append("e.at < %(until)s")
        given["until"] = until
    if person:
        where.append(
            f"(%(person)s = ANY (e.people) OR {OF_CONTACTS} AND (EXISTS ({IN_CONTACT.format('cases_contactperson')}) "
            f"OR EXISTS ({IN_CONTACT.format('cases_contactchild')})))"
        )
        given["person"] = person
    if words:
        where.append(
            "(replace(e.title, '_', ' ') ILIKE %(words)s OR e.text ILIKE %(words)s OR e.by ILIKE %(words)s "
            f"OR {OF_CONTACTS} AND EXISTS ({SAID_IN_NOTE}))"
        )
        escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        given["words"] = f"%{escaped}%"
    if only:
        where.append("e.ref = %(only)s")
        given["only"] = only
    if after:
        where.append(f'(e.at, e.kind COLLATE "C", e.ref) {sign} (%(at)s, %(kind)s, %(ref)s)')
        given |= {"at": after[0], "kind": after[1], "ref": after[2]}
    ordered = f'ORDER BY e.at {order}, e.kind COLLATE "C" {order}, e.ref {order}'
    statement = (
        f"SELECT e.kind, e.ref, e.at, e.timed, e.title, e.by, "  # noqa: S608 - fixed parts, the values are given apart
        f"CASE WHEN {OF_CONTACTS} THEN {NOTES} ELSE e.text END AS text, "
        f"CASE WHEN {OF_CONTACTS} THEN {THERE} ELSE e.people END AS people "
        f"FROM (SELECT * FROM ({PARTS}{LOOKS if looks else ''}) e WHERE {' AND '.join(where)} {ordered} "
        f"LIMIT %(most)s) e {ordered}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
