"""Texts for letters that are written from a case."""

from django.db import migrations, models

END = "\n\nIf this does not suit you, ring us on {telephone}.\n\n{lead_worker}\n{cluster}"
TEXTS = (
    (
        "family",
        "visit",
        "When we meet next",
        "Dear family of {child},\n\nI would like to meet you on … at …, at ….\n\nWe will talk about how things have "
        "been since we last met, and about your plan. Bring anybody whom you would like to have there. If you need an "
        "interpreter, tell me before." + END,
    ),
    (
        "family",
        "closing",
        "The end of our work together",
        "Dear family of {child},\n\nwe have worked together since {opened_on}. It was good to see what you have done: "
        "….\n\nWhat stays in place: ….\n\nIf things become hard again, you can come back at any time: speak to the "
        "school, or ring us." + END,
    ),
    (
        "school",
        "school",
        "Early help for {child}",
        "Dear colleagues,\n\nI am the lead worker of the family of {child}, reference {reference}. The family knows that "
        "I write to you.\n\nIt would help us if you could …. Please ring me on {telephone}.\n\n{lead_worker}\n{cluster}",
    ),
)


def add_texts(apps, schema_editor):
    template = apps.get_model("triage", "MessageTemplate")
    for audience, about, subject, body in TEXTS:
        template.objects.create(audience=audience, about=about, subject=subject, body=body)


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0010_harm_taken_on_by_a_contact"),
    ]

    operations = [
        migrations.AlterField(
            model_name="letter",
            name="audience",
            field=models.CharField(
                choices=[("family", "The family"), ("referrer", "The referrer"), ("school", "A school")], max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="about",
            field=models.CharField(
                choices=[
                    ("service", "A service is offered"),
                    ("passed_on", "Passed to other services"),
                    ("no_help", "Nothing is offered"),
                    ("visit", "In a case: an appointment"),
                    ("closing", "In a case: the work ends"),
                    ("school", "In a case: to a school"),
                ],
                max_length=10,
                verbose_name="when",
            ),
        ),
        migrations.AlterField(
            model_name="messagetemplate",
            name="audience",
            field=models.CharField(
                choices=[("family", "The family"), ("referrer", "The referrer"), ("school", "A school")],
                max_length=10,
                verbose_name="to",
            ),
        ),
        migrations.RunPython(add_texts, migrations.RunPython.noop),
    ]
