"""What somebody typed into a form whose session had ended is kept as that person's draft."""

from django.db import migrations

# Runs as the owner: nobody is signed in at that moment, so the row policies would refuse. It adds, and reads nothing.
KEEP = """
CREATE FUNCTION ehs_keep_draft(who bigint, the_key text, the_title text, the_url text, the_data jsonb) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    INSERT INTO core_draft (id, user_id, key, title, url, data, version, created_at, saved_at)
    SELECT gen_random_uuid(), u.id, left(the_key, 200), left(the_title, 200), left(the_url, 300), the_data, 1,
           now(), now()
    FROM clusters_user u WHERE u.id = who AND u.is_active
    ON CONFLICT (user_id, key) DO UPDATE SET data = excluded.data, saved_at = now(),
        version = core_draft.version + 1
    RETURNING id;
$$;
REVOKE ALL ON FUNCTION ehs_keep_draft(bigint, text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ehs_keep_draft(bigint, text, text, text, jsonb) TO ehs_app;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0003_walls"), ("clusters", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, "DROP FUNCTION ehs_keep_draft(bigint, text, text, text, jsonb)")]
