"""The family's private link is looked up before anybody is acting, so by functions that answer this one question."""

from django.db import migrations

# A live link's place: it says nothing about who the family is. Without it no scope could be opened.
FIND = """
CREATE FUNCTION ehs_family_link(digest text) RETURNS TABLE (id uuid, family_id uuid, cluster_id bigint, case_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.id, l.family_id, l.cluster_id, l.case_id FROM cases_familylink l
    WHERE l.token_digest = digest AND l.withdrawn_at IS NULL
      AND l.expires_on >= (now() AT TIME ZONE 'Europe/London')::date;
$$;
"""

# A try is counted before its code is compared, under the row's lock: guesses at the same moment all count.
TRY = """
CREATE FUNCTION ehs_family_link_try(link uuid, most integer) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE cases_familylink l SET tries = l.tries + 1
    WHERE l.id = link AND l.tries < most AND l.withdrawn_at IS NULL
    RETURNING l.code_digest;
$$;
"""

OPENED = """
CREATE FUNCTION ehs_family_link_opened(link uuid, digest text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE cases_familylink l SET tries = 0 WHERE l.id = link AND l.code_digest = digest;
$$;
"""


SIGNATURES = (
    (FIND, "ehs_family_link(text)"),
    (TRY, "ehs_family_link_try(uuid, integer)"),
    (OPENED, "ehs_family_link_opened(uuid, text)"),
)


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_walls")]
    operations = [
        migrations.RunSQL(
            f"{sql}REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app;",
            f"DROP FUNCTION {name}",
        )
        for sql, name in SIGNATURES
    ]
