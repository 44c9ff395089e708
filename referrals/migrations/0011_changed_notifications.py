"""A notification that comes with other words brings its entry up to date; the text before is kept as a version.

What brings things in reads nothing back: it asks by the sender's own name for a thing under which reference it is kept, and hands a
change over. Entries that are there keep their key and their reference.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cluster_ehs.core.walls import no_erasing

# Who brings things in is told what it was told the first time; nobody else is answered.
KNOWN = """
CREATE FUNCTION ehs_intake_known(from_source text, named text) RETURNS TABLE (id uuid, reference text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT i.id, i.reference::text FROM referrals_intake i
    WHERE current_setting('ehs.actor', true) IN ('public form', 'feed')
      AND i.source = from_source AND i.external_id = named;
$$;
"""
# A fear of harm is never taken back. What became a referral is marked, and flagged when harm is feared from now on.
CHANGE = """
CREATE FUNCTION ehs_feed_change(which uuid, words jsonb, fears boolean, at_school bigint, at_cluster bigint)
RETURNS TABLE (outcome text, newly_feared boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
    old referrals_intake;
BEGIN
    PERFORM ehs_only_the_feed();
    SELECT * INTO old FROM referrals_intake i WHERE i.id = which FOR UPDATE;
    newly_feared := fears AND NOT old.harm;
    IF NOT newly_feared AND (old.payload = words OR EXISTS (
        SELECT 1 FROM referrals_intakeversion v WHERE v.intake_id = which AND v.payload = words)) THEN
        outcome := 'same';
        RETURN NEXT;
        RETURN;
    END IF;
    INSERT INTO referrals_intakeversion (id, intake_id, payload, harm, school_id, received_at, replaced_at)
    VALUES (gen_random_uuid(), which, old.payload, old.harm, old.school_id, coalesce(old.changed_at, old.received_at),
            clock_timestamp());
    UPDATE referrals_intake i SET
        payload = words, harm = old.harm OR fears, changed_at = clock_timestamp(),
        school_id = coalesce(at_school, old.school_id), cluster_id = coalesce(old.cluster_id, at_cluster),
        state = CASE WHEN old.state = 'discarded' THEN 'new' ELSE old.state END,
        reason = CASE WHEN old.state = 'discarded' THEN '' ELSE old.reason END,
        to_look_at = old.to_look_at OR old.state = 'linked'
    WHERE i.id = which;
    IF newly_feared AND old.state = 'linked' THEN
        UPDATE referrals_referral r SET harm_flagged_at = now(), version = r.version + 1
        WHERE r.id = old.referral_id AND r.harm_flagged_at IS NULL;
    END IF;
    outcome := CASE WHEN old.state = 'linked' THEN 'linked' ELSE 'waits' END;
    RETURN NEXT;
END $$;
"""
NAMES = "ehs_intake_known(text, text), ehs_feed_change(uuid, jsonb, boolean, bigint, bigint)"
STATEMENTS = (
    KNOWN,
    CHANGE,
    f"REVOKE ALL ON FUNCTION {NAMES} FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION {NAMES} TO ehs_app",
    "DROP FUNCTION ehs_feed_has(uuid, jsonb)",
    "ALTER TABLE referrals_intakeversion ENABLE ROW LEVEL SECURITY",
    # Seen by whoever sees the entry: its own policy holds inside this question too.
    "CREATE POLICY reads ON referrals_intakeversion FOR SELECT "
    "USING (EXISTS (SELECT 1 FROM referrals_intake i WHERE i.id = intake_id))",
    "REVOKE INSERT ON referrals_intakeversion FROM ehs_app",
)


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0008_entitlements_budgets_calendars"),
        ("families", "0009_search_from_the_index"),
        ("referrals", "0010_feed_and_merges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeVersion",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("payload", models.JSONField()),
                ("harm", models.BooleanField(default=False)),
                ("received_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="intake",
            name="changed_at",
            field=models.DateTimeField(help_text="When the sender last changed it.", null=True),
        ),
        migrations.AddField(
            model_name="intake",
            name="looked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="intake",
            name="to_look_at",
            field=models.BooleanField(default=False, verbose_name="changed after it became a referral"),
        ),
        migrations.AlterField(
            model_name="intake",
            name="external_id",
            field=models.CharField(
                help_text="The sender's own name for it: a second delivery makes no second entry.", max_length=120
            ),
        ),
        migrations.AddIndex(
            model_name="intake",
            index=models.Index(
                condition=models.Q(("to_look_at", True)), fields=["cluster", "changed_at"], name="intake_to_look_at"
            ),
        ),
        migrations.AddField(
            model_name="intakeversion",
            name="intake",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="referrals.intake"
            ),
        ),
        migrations.AddField(
            model_name="intakeversion",
            name="school",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="clusters.school"
            ),
        ),
        migrations.AddIndex(
            model_name="intakeversion",
            index=models.Index(fields=["intake", "-replaced_at"], name="intakeversion_of_intake"),
        ),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in STATEMENTS),
        no_erasing("referrals_intakeversion"),
    ]
