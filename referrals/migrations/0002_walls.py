"""The walls around referrals."""

from django.db import migrations

from cluster_ehs.core.walls import ON_AGENDA, TEXT_ON_AGENDA, guard_states, wall


class Migration(migrations.Migration):
    dependencies = [("referrals", "0001_initial"), ("families", "0002_walls")]
    operations = [
        *wall("referrals_referral", reads=ON_AGENDA, parents={"child_id": "families_person"}, parent_of=True),
        *wall("referrals_story", reads=TEXT_ON_AGENDA, parents={"referral_id": "referrals_referral"}),
        *wall("referrals_referralreason", reads=ON_AGENDA, parents={"referral_id": "referrals_referral"}),
        guard_states("referrals_referral"),
    ]
