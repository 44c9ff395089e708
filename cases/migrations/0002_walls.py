"""The walls around casework."""

from django.db import migrations

from cluster_ehs.core.walls import CASE, CASE_SERVICE, NOTE, OF_THE_PLAN, SESSION, TEXT, guard_states, wall


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("triage", "0002_walls")]
    operations = [
        *wall("cases_case", reads=CASE, parent_of=True),
        *wall("cases_casereferral", parents={"case_id": "cases_case", "referral_id": "referrals_referral"}),
        *wall("cases_leadworker", reads=OF_THE_PLAN, parents={"case_id": "cases_case"}),
        *wall(
            "cases_caseservice",
            reads=CASE_SERVICE,
            parents={"case_id": "cases_case", "offer_id": "triage_offer", "person_id": "families_person"},
            parent_of=True,
        ),
        *wall("cases_plan", reads=OF_THE_PLAN, parents={"case_id": "cases_case"}, parent_of=True),
        *wall(
            "cases_goal",
            reads=OF_THE_PLAN,
            parents={"plan_id": "cases_plan", "whose_id": "families_person"},
            parent_of=True,
        ),
        *wall("cases_goalaction", reads=OF_THE_PLAN, parents={"goal_id": "cases_goal"}),
        *wall(
            "cases_goalagreement",
            reads=OF_THE_PLAN,
            parents={"goal_id": "cases_goal", "person_id": "families_person"},
        ),
        *wall(
            "cases_contact",
            reads=SESSION,
            parents={"case_id": "cases_case", "case_service_id": "cases_caseservice"},
            parent_of=True,
        ),
        *wall("cases_contactnote", reads=NOTE, parents={"contact_id": "cases_contact"}, private="private"),
        *wall("cases_contactperson", parents={"contact_id": "cases_contact", "person_id": "families_person"}),
        *wall(
            "cases_goalscore",
            reads=OF_THE_PLAN,
            parents={"goal_id": "cases_goal", "contact_id": "cases_contact"},
        ),
        *wall("cases_review", parents={"plan_id": "cases_plan"}),
        *wall("cases_casemeeting", reads=TEXT, parents={"case_id": "cases_case"}, parent_of=True),
        *wall("cases_task", parents={"case_id": "cases_case", "meeting_id": "cases_casemeeting"}),
        *wall("cases_extension", parents={"case_service_id": "cases_caseservice"}),
        *wall("cases_familylink", parents={"case_id": "cases_case"}),
        guard_states("cases_case"),
        guard_states("cases_goal"),
        guard_states("cases_extension"),
    ]
