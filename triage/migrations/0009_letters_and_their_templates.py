"""Templates of messages with the first texts, and letters as they were."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from cluster_ehs.core.walls import TEXT, wall

END = "\n\nIf you have a question, ring us on {telephone} and give the reference {reference}.\n\n{leader}\n{cluster}"
TEXTS = (
    (
        "family",
        "service",
        "We can help",
        "Thank you for asking for help for {child}, or for agreeing to it.\n\nOn {decided_on} we decided together that we "
        "can offer: {services}.\n\nYou are on the list for it now. We will ring you when somebody can begin, and we "
        "will ask how you are while you wait. If things get worse, do not wait: ring us. You can change your mind at "
        "any time.",
    ),
    (
        "family",
        "passed_on",
        "Who can help",
        "Thank you for asking for help for {child}, or for agreeing to it.\n\nOn {decided_on} we thought about who can "
        "help best, and asked {passed_to} to be in touch with you. If you have heard nothing in three weeks, ring us and we "
        "will ask them.",
    ),
    (
        "family",
        "no_help",
        "About your request for help",
        "On {decided_on} we talked about the help that was asked for {child}. We cannot offer a service now. We know that "
        "this may not be what you hoped for. Please ring us: we will tell you why, and what else there is. You can ask "
        "again at any time.",
    ),
    (
        "referrer",
        "service",
        "Your referral {reference}",
        "Dear {referrer},\n\nthank you for your referral {reference}. It was decided on {decided_on}: we offer {services}. "
        "The family is told, and we will be in touch with you when the work begins. Please ring us if anything changes "
        "meanwhile.",
    ),
    (
        "referrer",
        "passed_on",
        "Your referral {reference}",
        "Dear {referrer},\n\nthank you for your referral {reference}. It was decided on {decided_on} and passed to "
        "{passed_to}. The family is told. We follow up what becomes of it.",
    ),
    (
        "referrer",
        "no_help",
        "Your referral {reference}",
        "Dear {referrer},\n\nthank you for your referral {reference}. It was decided on {decided_on}: we cannot offer a "
        "service now. Please ring us and we will tell you why and what else could help.",
    ),
)


def add_texts(apps, schema_editor):
    template = apps.get_model("triage", "MessageTemplate")
    for audience, about, subject, body in TEXTS:
        template.objects.create(audience=audience, about=about, subject=subject, body=body + END)


class Migration(migrations.Migration):
    dependencies = [
        ("clusters", "0007_cluster_postcodes"),
        ("families", "0008_duplicates_walls"),
        ("referrals", "0010_feed_and_merges"),
        ("triage", "0008_questions_to_referrers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "audience",
                    models.CharField(
                        choices=[("family", "The family"), ("referrer", "The referrer")],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                (
                    "about",
                    models.CharField(
                        choices=[
                            ("service", "A service is offered"),
                            ("passed_on", "Passed to other services"),
                            ("no_help", "Nothing is offered"),
                        ],
                        max_length=10,
                        verbose_name="when",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("ro", "Romanian"),
                            ("cs", "Czech"),
                            ("sk", "Slovak"),
                            ("pl", "Polish"),
                            ("ur", "Urdu"),
                            ("ar", "Arabic"),
                        ],
                        default="en",
                        max_length=2,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("subject", models.CharField(max_length=160, verbose_name="heading")),
                ("body", models.TextField(verbose_name="text")),
                ("changed_at", models.DateTimeField(auto_now_add=True)),
                (
                    "changed_by",
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
                "ordering": ["audience", "about", "language", "-version"],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "audience",
                    models.CharField(choices=[("family", "The family"), ("referrer", "The referrer")], max_length=10),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[
                            ("en", "English"),
                            ("ro", "Romanian"),
                            ("cs", "Czech"),
                            ("sk", "Slovak"),
                            ("pl", "Polish"),
                            ("ur", "Urdu"),
                            ("ar", "Arabic"),
                        ],
                        max_length=2,
                    ),
                ),
                ("to_name", models.CharField(max_length=160)),
                ("to_address", models.CharField(blank=True, max_length=260)),
                ("subject", models.CharField(max_length=160)),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField()),
                ("announced_at", models.DateTimeField(blank=True, null=True)),
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
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "referral",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="letters",
                        to="referrals.referral",
                    ),
                ),
                (
                    "template",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="triage.messagetemplate"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="messagetemplate",
            constraint=models.UniqueConstraint(
                fields=("audience", "about", "language", "version"), name="messagetemplate_one_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["referral", "-made_at"], name="letter_of_referral"),
        ),
        *wall("triage_letter", reads=TEXT, parents={"referral_id": "referrals_referral"}),
        migrations.RunPython(add_texts, migrations.RunPython.noop),
    ]
