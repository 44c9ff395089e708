"""An unfinished answer is opened by its own secret alone, and swept away when its time is over."""

from django.db import migrations

from cluster_ehs.core.walls import policies

OWN = "digest = nullif(current_setting('ehs.public_draft', true), '')"
FORGET = """
CREATE FUNCTION ehs_forget_public_drafts() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH gone AS (DELETE FROM referrals_publicdraft WHERE expires_at < now() RETURNING 1) SELECT count(*) FROM gone;
$$;
"""
STATEMENTS = (
    *policies("referrals_publicdraft", reads=OWN, writes=OWN),
    FORGET,
    "REVOKE ALL ON FUNCTION ehs_forget_public_drafts() FROM PUBLIC",
    "GRANT EXECUTE ON FUNCTION ehs_forget_public_drafts() TO ehs_app",
)


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_public_form")]
    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in STATEMENTS]
