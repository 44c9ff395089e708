"""What the API says and reads of cases, contacts and plans."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from cases.models import Attendance, CaseService, CaseStatus, ChildVoice, Contact, GoalStatus
from cases.selectors.case import lead_of
from cluster_ehs.core.api import StrictSerializer
from cluster_ehs.core.api_paging import PageQuery, PageSerializer
from families.models import Flag

LONG = 20_000
A_DAY = 24 * 60
SCORE: dict[str, Any] = {"min_value": 0, "max_value": 10}


class CaseQuery(PageQuery):
    status = serializers.ChoiceField(choices=CaseStatus.choices, required=False)
    opened_from = serializers.DateField(required=False)
    opened_to = serializers.DateField(required=False)


class FamilyBrief(serializers.Serializer):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    name = serializers.CharField()


class WorkerBrief(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CaseLine(serializers.Serializer):
    id = serializers.UUIDField()
    cluster = serializers.IntegerField(source="cluster_id")
    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=CaseStatus.choices)
    opened_on = serializers.DateField()
    closed_on = serializers.DateField(allow_null=True)
    last_contact_on = serializers.DateField(allow_null=True)
    review_due_on = serializers.DateField(allow_null=True)
    family = FamilyBrief()
    lead_worker = serializers.SerializerMethodField()

    def get_lead_worker(self, case: Any) -> str | None:
        lead = lead_of(case)
        return lead.name if lead else None


class CasePage(PageSerializer):
    results = CaseLine(many=True)


class FlagBrief(serializers.Serializer):
    kind = serializers.ChoiceField(choices=Flag.Kind.choices)
    text = serializers.CharField()


class PersonBrief(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField(source="__str__")
    is_child = serializers.BooleanField()
    age = serializers.IntegerField(allow_null=True, help_text="In years, today.")


class ServiceShown(serializers.Serializer):
    id = serializers.UUIDField()
    service = serializers.CharField(source="service.code")
    status = serializers.ChoiceField(choices=CaseService.Status.choices)
    worker = WorkerBrief()
    person = serializers.UUIDField(source="person_id", allow_null=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)


class CaseDetails(CaseLine):
    next_step = serializers.CharField()
    next_step_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()
    flags = FlagBrief(many=True)


class CaseRecord(CaseDetails):
    """A case with the family's people and its services."""

    people = PersonBrief(many=True)
    services = ServiceShown(many=True)


class NewCase(StrictSerializer):
    """Offers of one family that wait. `lead_worker` is needed when the family has no open case."""

    offers = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=20)
    lead_worker = serializers.IntegerField(min_value=1, required=False, allow_null=True, default=None)
    on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Left out: today.")
    next_step = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    next_step_on = serializers.DateField(required=False, allow_null=True, default=None)

    def validate_offers(self, ids: list[Any]) -> list[Any]:
        return list(dict.fromkeys(ids))


class NoteShown(serializers.Serializer):
    id = serializers.UUIDField()
    text = serializers.CharField()
    child_said = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()


class GoalScored(serializers.Serializer):
    goal = serializers.CharField(help_text="In the family's words.")
    score = serializers.IntegerField(**SCORE)


class ChildOfContact(serializers.Serializer):
    """A child whom the contact was about. `said` is empty where the child was not heard, or the note is closed."""

    person = serializers.UUIDField()
    seen = serializers.BooleanField(allow_null=True, help_text="Null: it is not known.")
    alone = serializers.BooleanField()
    said = serializers.CharField()
    how = serializers.ChoiceField(choices=[*ChildVoice.How.choices, ("", "Not heard")])


class ContactShown(serializers.Serializer):
    """A contact, or a session of a service. `notes` is empty where the reader may not see them."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Contact.Kind.choices)
    at = serializers.DateTimeField()
    attendance = serializers.ChoiceField(choices=Attendance.choices)
    case_service = serializers.UUIDField(source="case_service_id", allow_null=True)
    session_kind = serializers.ChoiceField(choices=[*Contact.SessionKind.choices, ("", "Not a session")])
    minutes = serializers.IntegerField(allow_null=True)
    late_minutes = serializers.IntegerField(allow_null=True, help_text="How late the family came.")
    child_seen = serializers.BooleanField(allow_null=True)
    children = serializers.SerializerMethodField()
    interpreter_language = serializers.CharField()
    professionals = serializers.CharField()
    private = serializers.BooleanField()
    author = serializers.CharField(source="author.name")
    people = serializers.ListField(child=serializers.UUIDField(), source="person_ids")
    notes = NoteShown(many=True, source="note_rows")
    scores = GoalScored(many=True, source="score_rows")
    not_asked = serializers.ListField(
        child=serializers.CharField(), source="not_asked_rows", help_text="Goals that were not asked about."
    )

    @extend_schema_field(ChildOfContact(many=True))
    def get_children(self, contact: Any) -> list[dict[str, Any]]:
        heard = {row["person"]: row for row in contact.voice_rows}
        told = {row["person"]: row for row in contact.child_rows}
        return [
            {
                "person": pk,
                "seen": told.get(pk, {}).get("seen"),
                "alone": told.get(pk, {}).get("alone", False),
                "said": heard.get(pk, {}).get("said", ""),
                "how": heard.get(pk, {}).get("how", ""),
            }
            for pk in dict.fromkeys([*told, *heard])
        ]


class ContactPage(PageSerializer):
    results = ContactShown(many=True)


class NewScore(StrictSerializer):
    goal = serializers.UUIDField()
    score = serializers.IntegerField(**SCORE)


class NewContactChild(StrictSerializer):
    person = serializers.UUIDField()
    seen = serializers.BooleanField(required=False, allow_null=True, default=None)
    alone = serializers.BooleanField(required=False, default=False)
    said = serializers.CharField(max_length=LONG, required=False, allow_blank=True, default="")
    how = serializers.ChoiceField(choices=ChildVoice.How.choices, required=False, default=ChildVoice.How.WORDS)


class NewContact(StrictSerializer):
    """`case_service` makes it a session of that service.

    `children` says one by one whom it was about, who was seen, seen alone, and what each said or showed. Where it says
    of no child whether it was seen, and without `child_seen`, that is worked out from who was there. `not_asked` are
    goals that were not asked about; of a goal that stands nowhere nothing is known. `planned` is the planned session
    that this was, `interpreter` the booked interpreter who was there.
    """

    kind = serializers.ChoiceField(choices=Contact.Kind.choices)
    at = serializers.DateTimeField()
    attendance = serializers.ChoiceField(choices=Attendance.choices, default=Attendance.ATTENDED)
    people = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=40)
    professionals = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=LONG, required=False, allow_blank=True, default="")
    child_said = serializers.CharField(max_length=LONG, required=False, allow_blank=True, default="")
    child_seen = serializers.BooleanField(required=False, allow_null=True, default=None)
    interpreter_language = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    minutes = serializers.IntegerField(min_value=0, max_value=A_DAY, required=False, allow_null=True, default=None)
    late_minutes = serializers.IntegerField(min_value=0, max_value=A_DAY, required=False, allow_null=True, default=None)
    children = serializers.ListField(child=NewContactChild(), required=False, default=list, max_length=20)
    not_asked = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=10)
    planned = serializers.UUIDField(required=False, allow_null=True, default=None)
    interpreter = serializers.UUIDField(required=False, allow_null=True, default=None)
    interpreter_minutes = serializers.IntegerField(
        min_value=1, max_value=A_DAY, required=False, allow_null=True, default=None
    )
    scores = serializers.ListField(child=NewScore(), required=False, default=list, max_length=10)
    next_step = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    next_step_on = serializers.DateField(required=False, allow_null=True, default=None)
    case_service = serializers.UUIDField(required=False, allow_null=True, default=None)
    session_kind = serializers.ChoiceField(
        choices=Contact.SessionKind.choices, required=False, allow_blank=True, default=""
    )

    def validate_people(self, ids: list[Any]) -> list[Any]:
        return list(dict.fromkeys(ids))

    def validate_scores(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return once_each(rows, "goal")

    def validate_children(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return once_each(rows, "person")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        scored = {row["goal"] for row in given["scores"]}
        if scored & set(given["not_asked"]):
            raise ValidationError({"not_asked": ["A goal is scored or not asked about, not both."]})
        return given


class ScoreOnDay(serializers.Serializer):
    score = serializers.IntegerField(**SCORE)
    on = serializers.DateField()


class AgreementShown(serializers.Serializer):
    person = serializers.UUIDField()
    agrees = serializers.BooleanField()
    words = serializers.CharField()


class ActionShown(serializers.Serializer):
    id = serializers.UUIDField()
    what = serializers.CharField()
    who = serializers.CharField()
    by_when = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)


class GoalShown(serializers.Serializer):
    id = serializers.UUIDField()
    position = serializers.IntegerField(min_value=1, max_value=3)
    words = serializers.CharField(help_text="In the family's words.")
    different = serializers.CharField()
    whose = serializers.UUIDField(source="whose_id", allow_null=True)
    baseline = serializers.IntegerField(**SCORE, allow_null=True)
    target = serializers.IntegerField(**SCORE, allow_null=True)
    status = serializers.ChoiceField(choices=GoalStatus.choices)
    ended_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()
    scores = ScoreOnDay(many=True, source="score_rows")
    agreements = AgreementShown(many=True, source="agreement_rows")
    actions = ActionShown(many=True, source="action_rows")


class PlanShown(serializers.Serializer):
    """The one plan of a case. At most three of its goals are live."""

    case = serializers.UUIDField()
    agreed_on = serializers.DateField()
    review_due_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()
    goals = GoalShown(many=True)


class NewAgreement(StrictSerializer):
    person = serializers.UUIDField()
    agrees = serializers.BooleanField()
    words = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class NewAction(StrictSerializer):
    what = serializers.CharField(max_length=300)
    who = serializers.CharField(max_length=120)
    by_when = serializers.DateField(required=False, allow_null=True, default=None)


class NewGoal(StrictSerializer):
    words = serializers.CharField(max_length=300, help_text="In the family's words.")
    different = serializers.CharField(max_length=LONG, required=False, allow_blank=True, default="")
    whose = serializers.UUIDField(required=False, allow_null=True, default=None)
    baseline = serializers.IntegerField(**SCORE, required=False, allow_null=True, default=None)
    target = serializers.IntegerField(**SCORE, required=False, allow_null=True, default=None)
    on = serializers.DateField(required=False, allow_null=True, default=None, help_text="Left out: today.")
    agreements = serializers.ListField(child=NewAgreement(), required=False, default=list, max_length=40)
    actions = serializers.ListField(child=NewAction(), required=False, default=list, max_length=40)

    def validate_agreements(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return once_each(rows, "person")


def once_each(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    if len({row[name] for row in rows}) < len(rows):
        raise ValidationError("Name each once.")
    return rows
