"""What the API says and reads of referrals."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cluster_ehs.core.api import StrictSerializer
from cluster_ehs.core.api_paging import PageQuery, PageSerializer
from clusters.api import NeedLevelShown, Place
from families.models import Gender
from referrals.models import Agreed, Channel, Status

LONG = 20_000
MOST_REASONS = 40


class ReferralQuery(PageQuery):
    status = serializers.ChoiceField(choices=Status.choices, required=False)
    received_from = serializers.DateField(required=False)
    received_to = serializers.DateField(required=False)


class ReferralLine(serializers.Serializer):
    id = serializers.UUIDField()
    cluster = serializers.IntegerField(source="cluster_id")
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    received_on = serializers.DateField()
    route = serializers.CharField(source="route.code")
    school = Place(allow_null=True)
    child = serializers.CharField(source="child.__str__")
    harm_flagged = serializers.SerializerMethodField()

    def get_harm_flagged(self, referral: Any) -> bool:
        return referral.harm_flagged_at is not None


class ReferralPage(PageSerializer):
    results = ReferralLine(many=True)


class ChildBrief(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(source="__str__")
    birth_date = serializers.DateField(allow_null=True)


class ReferrerShown(serializers.Serializer):
    name = serializers.CharField(source="referrer_name")
    role = serializers.CharField(source="referrer_role")
    organisation = serializers.CharField(source="referrer_organisation")
    telephone = serializers.CharField(source="referrer_telephone")
    email = serializers.CharField(source="referrer_email")


class ReasonShown(serializers.Serializer):
    category = serializers.CharField(source="category.code")
    reason = serializers.CharField(source="reason.code", allow_null=True, default=None)


class StoryShown(serializers.Serializer):
    """What was told, in the referrer's words."""

    worrying = serializers.CharField()
    tried = serializers.CharField()
    going_well = serializers.CharField()
    family_wants = serializers.CharField()
    child_says = serializers.CharField()
    lives_at_home = serializers.CharField()
    who_else_helps = serializers.CharField()
    visiting_risks = serializers.CharField()
    notes = serializers.CharField()


class ReferralRecord(ReferralLine):
    """A referral with everything but the decision."""

    family = serializers.UUIDField(source="family_id")
    child = ChildBrief()  # type: ignore[assignment]
    age_at_referral = serializers.IntegerField(allow_null=True, help_text="In years, on the day of referral.")
    year_group = serializers.CharField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    referrer = ReferrerShown(source="*")
    reasons = ReasonShown(many=True, source="reasons.all")
    story = StoryShown(allow_null=True, default=None)
    attendance_percent = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    agreed = serializers.ChoiceField(choices=Agreed.choices)
    agreed_by = serializers.CharField()
    agreed_on = serializers.DateField(allow_null=True)
    agreed_how = serializers.CharField()
    need_level = NeedLevelShown(allow_null=True, help_text="As it looked at the referral; null when nobody judged it.")
    override_reason = serializers.CharField()
    version = serializers.IntegerField()
    eligibility_warning = serializers.CharField(
        default="", help_text="Which Cluster is the right one; empty when it is this one."
    )


class Words(serializers.CharField):
    """Text that may be left out or empty."""

    def __init__(self, most: int = LONG, **more: Any) -> None:
        super().__init__(max_length=most, required=False, allow_blank=True, default="", **more)


class NewChild(StrictSerializer):
    first_name = Words(80)
    last_name = serializers.CharField(max_length=80)
    known_as = Words(80)
    birth_date = serializers.DateField(required=False, allow_null=True, default=None)
    gender = serializers.ChoiceField(choices=Gender.choices, default=Gender.UNKNOWN)
    gender_words = Words(60)
    ethnicity = Words(60, help_text="A code.")
    first_language = Words(60, help_text="A code.")
    interpreter_needed = serializers.BooleanField(required=False, allow_null=True, default=None)
    upn = Words(40)
    nhs_number = Words(40)


class NewHome(StrictSerializer):
    address = Words(200)
    postcode = Words(10)
    telephone = Words(40)


class NewCarer(StrictSerializer):
    first_name = Words(80)
    last_name = serializers.CharField(max_length=80)
    relationship = Words(60, help_text="A code.")
    telephone = Words(40)
    interpreter_needed = serializers.BooleanField(required=False, allow_null=True, default=None)


class NewReferrer(StrictSerializer):
    name = Words(120)
    role = Words(120)
    organisation = Words(160)
    telephone = Words(40)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")


class NewStory(StrictSerializer):
    """The free text, each part up to 20,000 characters."""

    worrying = Words()
    tried = Words()
    going_well = Words()
    family_wants = Words()
    child_says = Words()
    lives_at_home = Words()
    who_else_helps = Words()
    visiting_risks = Words()
    notes = Words()


class NewReferral(StrictSerializer):
    """One child named to one Cluster: `child_id` of a known child, or `child`, not both."""

    cluster = serializers.IntegerField(min_value=1)
    received_on = serializers.DateField()
    route = serializers.CharField(max_length=60, help_text="A code.")
    channel = serializers.ChoiceField(choices=[c for c in Channel.choices if c[0] != Channel.IMPORTED])
    child_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    child = NewChild(required=False, allow_null=True, default=None)
    family = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="The family of a brother or sister."
    )
    home = NewHome(required=False, default=dict)
    carer = NewCarer(required=False, allow_null=True, default=None)
    school = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    year_group = Words(4)
    age_given = serializers.IntegerField(
        min_value=0,
        max_value=25,
        required=False,
        allow_null=True,
        default=None,
        help_text="While no birth date is known.",
    )
    referrer = NewReferrer(required=False, default=dict)
    reasons = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=MOST_REASONS
    )
    story = NewStory(required=False, default=dict)
    attendance_percent = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=0, max_value=100, required=False, allow_null=True, default=None
    )
    agreed = serializers.ChoiceField(choices=Agreed.choices, default=Agreed.UNKNOWN)
    agreed_by = Words(120)
    agreed_on = serializers.DateField(required=False, allow_null=True, default=None)
    agreed_how = Words(120)
    agreement_covers = Words()
    harm = serializers.BooleanField(default=False, help_text="A child may be at risk of significant harm.")
    need_level = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="The id of a level of today’s thresholds; the list of codes has them.",
    )
    visiting_risk = Words(300)
    address_not_shared = Words(300)
    restricted = serializers.BooleanField(
        default=False, help_text="The new family’s record is for you and the Cluster’s leaders alone, from the start."
    )
    override_reason = Words(2_000)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["child"]) == bool(attrs["child_id"]):
            raise ValidationError({"child": ["Give a known child's child_id, or a new child, not both."]})
        if attrs["child_id"] and (attrs["family"] or attrs["home"]):
            raise ValidationError({"child_id": ["A known child has a family already: leave family and home out."]})
        return attrs
