"""A contact on duty without a sign-in says that they have taken a flag on: two functions, for that actor alone.

The program has checked the signature of the link before it asks; what is shown names no child.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Told by a link: not of a restricted family, not when somebody has answered, not after the contact's last day.
FIND = """
CREATE FUNCTION ehs_harm_of_contact(which uuid, by_contact bigint) RETURNS TABLE (
    family_id uuid, cluster_id bigint, reference text, cluster text, telephone text, flagged_at timestamptz, contact text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT r.family_id, r.cluster_id, r.reference::text, c.name::text, c.telephone::text, r.harm_flagged_at,
           coalesce(nullif(d.name, ''), d.email)::text
    FROM referrals_referral r
    JOIN families_family f ON f.id = r.family_id AND NOT f.restricted
    JOIN clusters_cluster c ON c.id = r.cluster_id
    JOIN clusters_dutycontact d ON d.id = by_contact AND d.user_id IS NULL
      AND (d.cluster_id IS NULL OR d.cluster_id = r.cluster_id)
      AND (d.ends_on IS NULL OR d.ends_on > (now() AT TIME ZONE 'Europe/London')::date)
    WHERE current_setting('ehs.actor', true) = 'contact on duty, by a link'
      AND r.id = which AND r.harm_flagged_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM triage_stepup s WHERE s.referral_id = r.id)
      AND NOT EXISTS (SELECT 1 FROM triage_harmanswer a WHERE a.referral_id = r.id);
$$;
"""
TAKE = """
CREATE FUNCTION ehs_harm_taken_on(which uuid, by_contact bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO triage_harmanswer (id, created_at, cluster_id, family_id, referral_id, kind, answered_at,
                                   answered_name, reason)
    SELECT gen_random_uuid(), now(), h.cluster_id, h.family_id, which, 'seen', now(), left(h.contact, 120), ''
    FROM ehs_harm_of_contact(which, by_contact) h
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;
"""
SIGNATURES = ((FIND, "ehs_harm_of_contact(uuid, bigint)"), (TAKE, "ehs_harm_taken_on(uuid, bigint)"))


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0007_cluster_postcodes"),
        ("triage", "0009_letters_and_their_templates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="harmanswer",
            name="answered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="harmanswer",
            name="answered_name",
            field=models.CharField(blank=True, default="", max_length=120),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="harmanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", False),
                    models.Q(("kind", "seen"), models.Q(("answered_name", ""), _negated=True)),
                    _connector="OR",
                ),
                name="harmanswer_by_somebody",
            ),
        ),
        *(
            migrations.RunSQL(
                f"{sql}REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app;",
                f"DROP FUNCTION {name}",
            )
            for sql, name in SIGNATURES
        ),
    ]
