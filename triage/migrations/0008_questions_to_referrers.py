"""Questions to who referred. The answer page knows nobody: it asks and answers by two functions and nothing else."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cluster_ehs.core.walls import TEXT_ON_AGENDA, wall

# What somebody with the link is shown: the question, nothing of the child or the family.
FIND = """
CREATE FUNCTION ehs_question(digest text) RETURNS TABLE (
    id uuid, family_id uuid, cluster_id bigint, question text, reference text, cluster text, telephone text, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT q.id, q.family_id, q.cluster_id, q.text, r.reference::text, c.name::text, c.telephone::text, q.due_on
    FROM triage_question q JOIN referrals_referral r ON r.id = q.referral_id JOIN clusters_cluster c ON c.id = q.cluster_id
    WHERE digest <> '' AND q.token_digest = digest AND q.answered_at IS NULL
      AND r.status = 'to_screen' AND q.due_on >= (now() AT TIME ZONE 'Europe/London')::date;
$$;
"""

# Each attempt is counted; one answer ends the link.
ANSWER = """
CREATE FUNCTION ehs_question_answer(digest text, who text, words text, most integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    UPDATE triage_question q SET tries = q.tries + 1
    WHERE digest <> '' AND q.token_digest = digest AND q.answered_at IS NULL;
    UPDATE triage_question q SET answer = words, answered_by_name = left(who, 120), answered_at = now()
    WHERE digest <> '' AND words <> '' AND q.token_digest = digest AND q.answered_at IS NULL AND q.tries <= most
      AND q.due_on >= (now() AT TIME ZONE 'Europe/London')::date
      AND EXISTS (SELECT 1 FROM referrals_referral r WHERE r.id = q.referral_id AND r.status = 'to_screen');
    RETURN FOUND;
END $$;
"""
SIGNATURES = ((FIND, "ehs_question(text)"), (ANSWER, "ehs_question_answer(text, text, text, integer)"))


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0005_case_weights_and_intervals"),
        ("families", "0008_duplicates_walls"),
        ("referrals", "0005_intake_walls"),
        ("triage", "0007_hand_downs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("text", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("due_on", models.DateField()),
                ("token_digest", models.CharField(blank=True, max_length=64)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("answer", models.TextField(blank=True)),
                ("answered_by_name", models.CharField(blank=True, max_length=120)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "cluster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clusters.cluster",
                    ),
                ),
                (
                    "family",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="families.family",
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="questions",
                        to="referrals.referral",
                    ),
                ),
                (
                    "to_user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "indexes": [models.Index(fields=["referral", "-asked_at"], name="question_of_referral")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("token_digest", ""), _negated=True),
                        fields=("token_digest",),
                        name="question_by_token",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=("referral",),
                        name="question_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True)),
                            models.Q(("answered_at__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="question_answered_with_words",
                    ),
                ],
            },
        ),
        *wall("triage_question", reads=TEXT_ON_AGENDA, parents={"referral_id": "referrals_referral"}),
        *(
            migrations.RunSQL(
                f"{sql}REVOKE ALL ON FUNCTION {name} FROM PUBLIC; GRANT EXECUTE ON FUNCTION {name} TO ehs_app;",
                f"DROP FUNCTION {name}",
            )
            for sql, name in SIGNATURES
        ),
    ]
