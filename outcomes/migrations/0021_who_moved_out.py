# ruff: noqa: S608 - put together from this file's own constants
"""Who may be given a page of the plan keeps it for as long as that holds.

As 0014, which closed it to somebody who is not to be involved. A parent who had left the household and takes no part in
the plan could be given no link, and read on by the one given before.
"""

from django.db import migrations

TODAY = "(now() AT TIME ZONE 'Europe/London')::date"

LIVE = f"""
CREATE OR REPLACE FUNCTION ehs_family_live(the_link uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT EXISTS (
        SELECT 1 FROM cases_familylink l
        JOIN families_person p ON p.id = l.person_id AND p.family_id = l.family_id AND p.merged_into_id IS NULL
          AND NOT p.deceased AND p.involvement <> 'not_to_be'
          AND (p.in_household OR p.involvement = 'involved')
        JOIN families_family f ON f.id = l.family_id AND f.merged_into_id IS NULL
          AND (NOT f.restricted OR l.while_restricted)
        JOIN cases_case c ON c.id = l.case_id AND c.family_id = l.family_id
        WHERE l.id = the_link AND l.withdrawn_at IS NULL AND l.expires_on >= {TODAY}
          AND (c.closed_on IS NULL OR {TODAY} <= c.closed_on + interval '13 months' AND NOT EXISTS (
              SELECT 1 FROM outcomes_followup u WHERE u.case_id = c.id AND u.months = 12
              AND u.status IN ('done', 'not_reached') AND u.ended_on < {TODAY} - 14)));
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0020_no_part_of_a_hidden_address")]
    operations = [migrations.RunSQL(LIVE, migrations.RunSQL.noop)]
