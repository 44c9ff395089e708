"""What every other migration stands on: rights of the application role, who is acting, history, state guard."""

from django.db import migrations

RIGHTS = """
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ehs_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO ehs_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO ehs_app;
CREATE EXTENSION IF NOT EXISTS btree_gist;
"""

# After a commit a local setting reads as empty, not as NULL; both mean "nothing".
ACTING = """
CREATE FUNCTION ehs_ids(setting text) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting(setting, true), '')::bigint[], '{}') $$;
CREATE FUNCTION ehs_uuids(setting text) RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting(setting, true), '')::uuid[], '{}') $$;
CREATE FUNCTION ehs_on(setting text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting(setting, true), '') = 'on' $$;
CREATE FUNCTION ehs_user_id() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('ehs.user_id', true), '')::bigint $$;
"""

# One transaction-local scope; every part is set each time so that nothing of an earlier one stays.
SET_SCOPE = """
CREATE FUNCTION ehs_set_scope(actor text, user_id bigint, clusters bigint[], writes bigint[], sees_all boolean,
    hidden uuid[], granted uuid[], agenda uuid[], own_family uuid[], supervised bigint[]) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('ehs.actor', coalesce(actor, ''), true),
           set_config('ehs.user_id', coalesce(user_id::text, ''), true),
           set_config('ehs.clusters', coalesce(clusters, '{}')::text, true),
           set_config('ehs.writes', coalesce(writes, '{}')::text, true),
           set_config('ehs.sees_all', CASE WHEN sees_all THEN 'on' ELSE 'off' END, true),
           set_config('ehs.hidden', coalesce(hidden, '{}')::text, true),
           set_config('ehs.granted', coalesce(granted, '{}')::text, true),
           set_config('ehs.agenda', coalesce(agenda, '{}')::text, true),
           set_config('ehs.own_family', coalesce(own_family, '{}')::text, true),
           set_config('ehs.supervised', coalesce(supervised, '{}')::text, true),
           set_config('ehs.meetings', '{}', true),
           set_config('ehs.supervised_cases', '{}', true);
$$;
"""

# Runs as the owner of the tables, so the application role needs no right to write history.
RECORD_CHANGE = """
CREATE FUNCTION ehs_record_change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    now_ jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    row_ jsonb := coalesce(now_, was);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF was = now_ THEN
            RETURN NULL;
        END IF;
        SELECT jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, now_ -> o.key) INTO was, now_
        FROM jsonb_each(was) o WHERE o.value IS DISTINCT FROM now_ -> o.key;
    END IF;
    INSERT INTO core_change (at, actor, user_id, request_id, table_name, row_id, operation, cluster_id, family_id,
                             private_to, before, after)
    VALUES (clock_timestamp(), coalesce(nullif(current_setting('ehs.actor', true), ''), session_user), ehs_user_id(),
            coalesce(current_setting('ehs.request_id', true), ''), TG_TABLE_NAME, row_ ->> 'id', lower(TG_OP),
            (row_ ->> 'cluster_id')::bigint,
            CASE WHEN TG_ARGV[0] <> '' THEN (row_ ->> TG_ARGV[0])::uuid END,
            CASE WHEN TG_ARGV[1] <> '' AND (row_ ->> TG_ARGV[1])::boolean THEN (row_ ->> 'author_id')::bigint END,
            was, now_);
    RETURN NULL;
END $$;
"""

GUARD_STATE = """
CREATE FUNCTION ehs_guard_state() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    target_ text := to_jsonb(NEW) ->> TG_ARGV[0];
    source_ text := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) ->> TG_ARGV[0] ELSE '' END;
BEGIN
    IF source_ = target_ THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM core_transition t WHERE t.table_name = TG_TABLE_NAME AND t.column_name = TG_ARGV[0]
                   AND t.source = source_ AND t.target = target_
                   AND t.actor IN ('', coalesce(current_setting('ehs.actor', true), ''))) THEN
        RAISE EXCEPTION 'illegal state of %: % to %', TG_TABLE_NAME, coalesce(nullif(source_, ''), 'new'), target_
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (RIGHTS, ACTING, SET_SCOPE, RECORD_CHANGE, GUARD_STATE)
    ]
