"""The walls around screening and decisions."""

from django.db import migrations

from cluster_ehs.core.walls import (
    AT_A_MEETING,
    MEETING,
    OF_A_MEETING,
    ON_AGENDA,
    cluster_wall,
    guard_states,
    wall,
)


class Migration(migrations.Migration):
    dependencies = [("triage", "0001_initial"), ("referrals", "0002_walls")]
    operations = [
        *cluster_wall("triage_meeting", reads=MEETING),
        *cluster_wall("triage_attendee", reads=AT_A_MEETING),
        *cluster_wall("triage_action", reads=AT_A_MEETING),
        *wall("triage_agendaitem", reads=OF_A_MEETING, parents={"referral_id": "referrals_referral"}),
        *wall("triage_decision", reads=OF_A_MEETING, parents={"referral_id": "referrals_referral"}, parent_of=True),
        *wall(
            "triage_offer",
            reads=ON_AGENDA,
            parents={"decision_id": "triage_decision", "person_id": "families_person"},
            parent_of=True,
        ),
        *wall("triage_passingon", reads=ON_AGENDA, parents={"decision_id": "triage_decision"}),
        *wall("triage_stepup", parents={"referral_id": "referrals_referral"}),
        *wall("triage_ending", parents={"referral_id": "referrals_referral"}, parent_of=True),
        *wall("triage_endingoutcome", parents={"ending_id": "triage_ending"}),
        guard_states("triage_meeting"),
        guard_states("triage_offer"),
        guard_states("triage_passingon"),
    ]
