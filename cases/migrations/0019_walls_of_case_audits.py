"""The walls around case-file audits, and questions to begin with: our own, from the practice principles [E]."""

from datetime import date

from django.db import migrations
from django.utils import timezone

from cluster_ehs.core.walls import GRANTED, SEES_ALL, TEXT, USER, cluster_wall, wall

# Leaders and the two readers; whoever works on the case reads it when it is finished.
AUDIT = (
    f"({TEXT}) AND (author_id = {USER} OR moderator_id = {USER} OR cluster_id = ANY ((SELECT ehs_my_leads())::bigint[]) "
    "OR finished_at IS NOT NULL AND case_id = ANY ((SELECT ehs_my_cases())::uuid[]) "
    f"OR finished_at IS NOT NULL AND {{family}} = ANY ({GRANTED}))"
)
# An answer is read by whoever reads its audit.
ANSWER = "EXISTS (SELECT 1 FROM cases_caseaudit a WHERE a.id = audit_id)"
SAMPLE = f"{SEES_ALL} OR cluster_id = ANY ((SELECT ehs_my_leads())::bigint[])"

SAME = (
    "ALTER TABLE cases_caseaudit ADD CONSTRAINT cases_caseaudit_sample_same FOREIGN KEY (sample_id, cluster_id) "
    "REFERENCES cases_auditsample (id, cluster_id) DEFERRABLE INITIALLY IMMEDIATE",
    "ALTER TABLE cases_task ADD CONSTRAINT cases_task_case_audit_same FOREIGN KEY (case_audit_id, family_id, cluster_id) "
    "REFERENCES cases_caseaudit (id, family_id, cluster_id) ON UPDATE CASCADE DEFERRABLE INITIALLY IMMEDIATE",
)

QUESTIONS = (
    ("Does the family know who its one lead worker is?", "A name and a number on the plan; a handover that was told to the family."),
    ("Did the family take part in the formulation?", "Who was there, by name; their words in the boxes, not only ours."),
    ("Does the formulation explain what keeps the difficulty going?", "More than a list of problems: a chain that one could test."),
    ("Do the goals follow from the formulation?", "Each goal is tied to a factor; no weighty factor is left without a goal or a reason."),
    ("Are strengths named, and used in the plan?", "Protective factors and people who stay; at least one of them does something in the plan."),
    ("Is it clear who does what by when?", "Actions of the family, of ours and of others, with days; done or chased."),
    ("Is the child’s own voice in the record, and did it change anything?", "Words, drawings or signs of the child; a decision that refers to them."),
    ("Was the child seen as often as the plan needs?", "Contacts with “child seen”, also alone where that was called for."),
    ("Is education considered?", "Attendance, attainment, achievement; contact with the school."),
    ("Are father, step-parents and wider family thought of?", "Involved, or a reason why not."),
    ("Was progress scored and the plan reviewed on time?", "Scores at contacts by those whose goal it is; reviews with decisions."),
    ("Were risks seen, and answered on the same day?", "Flags, worries of harm, the step-up and what came of it; decisions to share or not."),
    ("Was the case discussed in supervision, and was it acted on?", "At the interval of the post; its actions done."),
    ("Would the family recognise itself in this record?", "Plain words, respectful, nothing that one would not say to them."),
)  # fmt: skip


def ask(apps, schema_editor):
    model = apps.get_model("cases", "AuditQuestion")
    model.objects.bulk_create(
        model(text=text, help=help_text, order=10 * number) for number, (text, help_text) in enumerate(QUESTIONS, 1)
    )


def count_from_today(apps, schema_editor):
    """The intervals that came with supervision count from the day it is put to use: nobody is years overdue."""
    intervals = apps.get_model("cases", "SupervisionInterval").objects.filter(effective_from=date(2020, 1, 1))
    intervals.update(effective_from=timezone.localdate())


class Migration(migrations.Migration):
    dependencies = [("cases", "0018_case_audits")]
    operations = [
        *cluster_wall("cases_auditsample", reads=SAMPLE),
        *wall(
            "cases_caseaudit",
            reads=AUDIT,
            parents={"case_id": "cases_case"},
            parent_of=True,
            private="private",
        ),
        *wall("cases_auditanswer", reads=ANSWER, parents={"audit_id": "cases_caseaudit"}, private="private"),
        *(migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in SAME),
        migrations.RunPython(ask, migrations.RunPython.noop),
        migrations.RunPython(count_from_today, migrations.RunPython.noop),
    ]
