"""The forms of the settings. Services write; these read, word and order."""

from typing import Any, cast

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsFilterForm, EhsForm, EhsModelForm, YesNoField
from clusters import policies, selectors
from clusters.models import (
    Cluster,
    Entitlement,
    Funder,
    PartnerService,
    Post,
    Role,
    School,
    Service,
    StaffRole,
    Term,
    User,
    Vocabulary,
)
from clusters.people import duties

WEB = URLValidator(["http", "https"], message="The address must begin with https:// or http://")


def offer(form: forms.BaseForm, name: str, rows: QuerySet | None = None, *, empty: str | None = "") -> None:
    """What a choice offers, said when the form is made: a queryset of the class would be of another scope."""
    field = cast(forms.ModelChoiceField, form.fields[name])
    if rows is not None:
        field.queryset = rows
    if empty != "":
        field.empty_label = empty


NARROW = {"class": "govuk-input--width-5"}


class ClusterForm(EhsModelForm):
    class Meta:
        model = Cluster
        fields = ["name", "prefix", "telephone", "email", "postcodes", "retired_on"]
        labels = {"email": "E-mail", "retired_on": "No longer works from"}
        widgets = {"prefix": forms.TextInput(attrs=NARROW), "postcodes": forms.Textarea(attrs={"rows": 2})}
        help_texts = {
            "postcodes": "Beginnings, parted by commas, such as LS8 4, LS9. What comes in from outside without a known "
            "school goes to the Cluster with the longest of them.",
            "retired_on": "Leave empty while the Cluster works. Its records stay.",
        }

    def clean_prefix(self) -> str:
        prefix = self.cleaned_data["prefix"].strip().upper()
        if not prefix.isalpha():
            raise forms.ValidationError("The prefix is made of letters only, such as HD.")
        return prefix


class SchoolForm(EhsModelForm):
    class Meta:
        model = School
        fields = ["name", "urn", "phase"]
        labels = {"urn": "URN"}
        widgets = {"urn": forms.TextInput(attrs={**NARROW, "inputmode": "numeric"}), "phase": forms.RadioSelect}
        help_texts = {"urn": "Six digits, from the register of schools."}

    def clean_urn(self) -> str | None:
        urn = (self.cleaned_data["urn"] or "").strip()
        if urn and not (urn.isdecimal() and len(urn) == 6):
            raise forms.ValidationError("The URN has six digits.")
        return urn or None


def today() -> Any:
    return timezone.localdate()


class MembershipForm(EhsForm):
    """A school joins a Cluster; `fixed` is what the page is already about."""

    submit_label = "Save membership"
    school = forms.ModelChoiceField(queryset=School.objects.none(), empty_label="Choose a school")
    cluster = forms.ModelChoiceField(queryset=Cluster.objects.none(), label="Cluster", empty_label="Choose a Cluster")
    starts_on = DatePartsField(label="First day as a member", initial=today)
    ends_on = DatePartsField(
        label="First day no longer a member", required=False, help_text="Leave empty when no end is known."
    )

    def __init__(self, *args: Any, fixed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "school", School.objects.open())
        offer(self, "cluster", Cluster.objects.filter(retired_on=None))
        del self.fields[fixed]


class EndForm(EhsForm):
    """The day from which something no longer holds."""

    submit_class = "govuk-button--warning"
    ends_on = DatePartsField(label="From which day?", initial=today, help_text="Today ends it at once.")

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if label:
            self.fields["ends_on"].label = label


class ServiceForm(EhsModelForm):
    class Meta:
        model = Service
        fields = ["name", "kind", "cluster", "order", "check_in_weeks", "retired_on"]
        labels = {
            "cluster": "Only in",
            "order": "Place in lists",
            "check_in_weeks": "Weeks until a waiting family is rung",
            "retired_on": "No longer offered from",
        }
        widgets = {
            "kind": forms.RadioSelect,
            "order": forms.NumberInput(attrs=NARROW),
            "check_in_weeks": forms.NumberInput(attrs=NARROW),
        }
        help_texts = {
            "kind": "Notes of therapy and counselling are read by the worker and the clinical supervisor only.",
            "cluster": "Leave empty for a service of every Cluster.",
            "check_in_weeks": "The first time. Whoever rings says when the next call is due.",
            "retired_on": "Leave empty while it is offered. Old records keep it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "cluster", empty="Every Cluster")
        cast(forms.ChoiceField, self.fields["kind"]).choices = Service.Kind.choices
        if self.instance.pk:
            # Cases have it already: what it is and where it is offered does not change under them.
            del self.fields["kind"], self.fields["cluster"]
        self.fields["check_in_weeks"].required = False

    def clean_check_in_weeks(self) -> int:
        return self.cleaned_data["check_in_weeks"] or 4


class EntitlementForm(EhsModelForm):
    submit_label = "Save entitlement"
    extendable = YesNoField(label="Can it be extended?", initial=False)
    counts_not_attended = YesNoField(
        label="Does a session that the family does not come to count as used?",
        initial=False,
        help_text="One that is cancelled, by whomever, never counts.",
    )

    class Meta:
        model = Entitlement
        fields = [
            "cluster",
            "effective_from",
            "weeks",
            "assessment_sessions",
            "intervention_sessions",
            "session_minutes",
            "rhythm",
            "extendable",
            "counts_not_attended",
            "source",
        ]
        labels = {
            "cluster": "For",
            "effective_from": "Holds for work that begins from",
            "weeks": "Weeks at most",
            "assessment_sessions": "Assessment sessions",
            "intervention_sessions": "Sessions after that, at most",
            "session_minutes": "Minutes of a session",
            "rhythm": "How often",
            "source": "Why it changes",
        }
        help_texts = {
            "weeks": "Leave empty when it is counted in sessions.",
            "rhythm": "For example: weekly, contact in between.",
            "source": "For example: agreed by the partnership in May.",
        }
        widgets = {
            name: forms.NumberInput(attrs=NARROW)
            for name in ("weeks", "assessment_sessions", "intervention_sessions", "session_minutes")
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "cluster", selectors.clusters_of(user).filter(retired_on=None), empty="Every Cluster")
        if not duties(user).is_manager:
            offer(self, "cluster", empty=None)
            self.fields["cluster"].required = True
        self.fields["assessment_sessions"].required = False

    def clean_assessment_sessions(self) -> int:
        return self.cleaned_data["assessment_sessions"] or 0


class PartnerForm(EhsModelForm):
    returns_expected = YesNoField(
        label="Does it hand families back?", initial=False, help_text="Short work, as of the RES team."
    )
    is_social_care = YesNoField(label="Is it children's social care?", initial=False)
    website = forms.URLField(required=False, assume_scheme="https", max_length=200, validators=[WEB])

    class Meta:
        model = PartnerService
        fields = [
            "name",
            "description",
            "telephone",
            "email",
            "website",
            "returns_expected",
            "is_social_care",
            "answer_days",
            "order",
            "retired_on",
        ]
        labels = {
            "answer_days": "Days until we ask for news",
            "order": "Place in lists",
            "retired_on": "No longer used from",
        }
        widgets = {
            "order": forms.NumberInput(attrs=NARROW),
            "answer_days": forms.NumberInput(attrs=NARROW),
            "description": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "answer_days": "Counted from the day it was sent.",
            "retired_on": "Leave empty while it is used. Old records keep it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer_days"].required = False

    def clean_answer_days(self) -> int:
        return self.cleaned_data["answer_days"] or 14


class TermForm(EhsModelForm):
    """An entry of a code list; what the list has no use for is left out."""

    class Meta:
        model = Term
        fields = ["label", "parent", "group", "published_as", "retired_on"]
        labels = {
            "label": "Name",
            "parent": "Under",
            "group": "Official group",
            "published_as": "Counted in the evaluation's tables as",
            "retired_on": "No longer chosen from",
        }
        help_texts = {"retired_on": "Leave empty while it is in use. Old records keep the entry."}

    def __init__(self, *args: Any, vocabulary: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = Term.objects.of(vocabulary).filter(parent=None).order_by("order", "label")
        offer(self, "parent", parents, empty="Nothing: it is a category of its own")
        counted = vocabulary in {
            Vocabulary.ROUTE,
            Vocabulary.REASON,
            Vocabulary.GENDER,
            Vocabulary.ETHNICITY,
            Vocabulary.SEN_TYPE,
        }
        if self.instance.pk or vocabulary != Vocabulary.REASON:
            del self.fields["parent"]
        if vocabulary != Vocabulary.ETHNICITY:
            del self.fields["group"]
        if not counted or (vocabulary == Vocabulary.REASON and not self.instance.pk):
            del self.fields["published_as"]
        if not self.instance.pk:
            del self.fields["retired_on"]


class RoleFields(EhsForm):
    """A role with its place and its terms; leaders are offered what they may give."""

    mark_optional = False
    role = forms.ChoiceField(label="What do they do?", widget=forms.RadioSelect)
    cluster = forms.ModelChoiceField(
        queryset=Cluster.objects.none(),
        required=False,
        label="Cluster",
        help_text="Of a practitioner, a leader or a panel guest.",
    )
    school = forms.ModelChoiceField(
        queryset=School.objects.none(), required=False, label="School", help_text="Of a referrer."
    )
    post = forms.ChoiceField(required=False, choices=[("", "Choose a post"), *Post.choices])
    funder = forms.ChoiceField(required=False, choices=[("", "Not known"), *Funder.choices], label="Paid by")
    full_time_equivalent = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=1,
        decimal_places=2,
        max_digits=3,
        label="Hours, as a part of full time",
        help_text="1 is full time, 0.6 is three days.",
        widget=forms.NumberInput(attrs=NARROW),
    )
    capacity = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=60,
        label="Cases that can be held at once",
        widget=forms.NumberInput(attrs=NARROW),
    )
    starts_on = DatePartsField(label="First day", initial=today)
    ends_on = DatePartsField(
        label="First day without the role", required=False, help_text="Empty when no end is known."
    )

    hints = {
        Role.PRACTITIONER: "Reads the records of the Cluster, writes referrals and the own cases.",
        Role.LEADER: "Runs screening, allocates, signs off closures in one Cluster.",
        Role.CLINICAL_SUPERVISOR: "Reads sessions and notes of the workers named under Supervision.",
        Role.MANAGER: "Figures of every Cluster, reports and these settings; no family's name.",
        Role.PANEL_GUEST: "Reads the agenda of a meeting while it is on.",
        Role.REFERRER: "Sees the own school's referrals as one line each.",
    }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = duties(user).is_manager
        given = [choice for choice in Role.choices if manager or choice[0] in policies.GIVEN_BY_LEADERS]
        cast(forms.ChoiceField, self.fields["role"]).choices = given
        self.fields["role"].widget.attrs["item_hints"] = {value: self.hints[Role(value)] for value, _label in given}
        offer(self, "cluster", selectors.clusters_of(user).filter(retired_on=None), empty="Choose a Cluster")
        offer(self, "school", School.objects.open(), empty="Choose a school")
        if not manager:
            del self.fields["school"]

    def person(self) -> list[Any]:
        return []

    def layout(self) -> Layout:
        places = [name for name in ("cluster", "school") if name in self.fields]
        return Layout(
            *self.person(),
            Fieldset("Role and place", "role", *places),
            Fieldset("Of a practitioner", "post", "funder", "full_time_equivalent", "capacity"),
            Fieldset("When", "starts_on", "ends_on"),
        )


class RoleForm(RoleFields):
    submit_label = "Give this role"


class InviteForm(RoleFields):
    submit_label = "Send the invitation"
    name = forms.CharField(max_length=120, label="Name")
    email = forms.EmailField(label="Work e-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    telephone = forms.CharField(max_length=40, required=False, label="Work telephone (optional)")

    def person(self) -> list[Any]:
        return [Fieldset("Who", "name", "email", "telephone")]


class RoleTermsForm(EhsModelForm):
    class Meta:
        model = StaffRole
        fields = ["post", "funder", "full_time_equivalent", "capacity"]
        labels = {
            "funder": "Paid by",
            "full_time_equivalent": "Hours, as a part of full time",
            "capacity": "Cases that can be held at once",
        }
        help_texts = {"full_time_equivalent": "1 is full time, 0.6 is three days.", "capacity": ""}
        widgets = {name: forms.NumberInput(attrs=NARROW) for name in ("full_time_equivalent", "capacity")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Only a practitioner's terms are changed here, and every practitioner has a post.
        self.fields["post"].required = True


class StaffFilterForm(EhsFilterForm):
    cluster = forms.ModelChoiceField(queryset=Cluster.objects.none(), required=False, empty_label="Every Cluster")
    role = forms.ChoiceField(required=False, choices=[("", "Every role"), *Role.choices])
    state = forms.ChoiceField(
        required=False, choices=[("", "Open accounts"), ("left", "Closed accounts")], label="Account"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "cluster", selectors.clusters_of(user))


class SupervisionForm(EhsForm):
    submit_label = "Save"
    supervisor = forms.ModelChoiceField(
        queryset=User.objects.none(), empty_label="Choose a clinical supervisor", label="Clinical supervisor"
    )
    worker = forms.ModelChoiceField(queryset=User.objects.none(), empty_label="Choose a worker", label="Worker")
    starts_on = DatePartsField(label="First day", initial=today)
    ends_on = DatePartsField(label="First day without it", required=False, help_text="Empty when no end is known.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people, now = User.objects.filter(is_active=True), selectors.today_of("roles__")
        offer(self, "supervisor", people.filter(now, roles__role=Role.CLINICAL_SUPERVISOR).distinct())
        offer(self, "worker", people.filter(now, roles__role=Role.PRACTITIONER).distinct())
