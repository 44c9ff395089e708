"""Input shapes of requests about records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsFilterForm, EhsForm
from families.models import Family, Person
from families.record_forms import PersonField
from keeping.models import RightsRequest
from keeping.requests.services import others_who_deal

LONG = 5000
ADULT = 18
ACCESS = RightsRequest.Kind.ACCESS


def long_text(label: str, *, hint: str = "", required: bool = True, rows: int = 4, most: int = LONG) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def day(label: str, hint: str = "") -> DatePartsField:
    return DatePartsField(label=label, help_text=hint, latest=timezone.localdate)


class RequestForm(EhsForm):
    """A request as it comes in. Who it is about is chosen from the family."""

    submit_label = "Log the request"

    kind = forms.ChoiceField(label="What is asked for?", choices=RightsRequest.Kind.choices, widget=forms.RadioSelect)
    person = PersonField(label="About whom?", widget=forms.RadioSelect)
    asker = forms.ChoiceField(label="Who asks?", choices=RightsRequest.Asker.choices, widget=forms.RadioSelect)
    asker_name = forms.CharField(label="Their name", max_length=120)
    asker_contact = forms.CharField(
        label="How to reach them",
        help_text="An address, e-mail address or telephone number that is safe to use.",
        max_length=200,
        required=False,
    )
    wanted = long_text(
        "What do they say?",
        hint="In their own words. People need not name a law, nor say why, and asking by word of mouth is enough.",
    )
    channel = forms.ChoiceField(
        label="How did it come?", choices=RightsRequest.Channel.choices, widget=forms.RadioSelect
    )
    received_on = day("When did it come?", "The day on which anybody of us had it.")
    identity = forms.ChoiceField(
        label="Are we sure who they are?",
        choices=RightsRequest.Identity.choices,
        widget=forms.RadioSelect,
        help_text="Ask for proof only when there is doubt. A worker who knows the family is proof enough.",
    )
    identity_how = forms.CharField(label="How was identity shown?", max_length=300, required=False)
    responsibility_how = forms.CharField(
        label="For a parent or somebody acting for them: how do we know that they may ask?",
        help_text="Parental responsibility, or written authority.",
        max_length=300,
        required=False,
    )
    competence = forms.ChoiceField(
        label="Is it the person’s own to ask?",
        choices=[("", "Not about a copy"), *RightsRequest.Competence.choices],
        required=False,
        help_text="A child who understands asks for themselves; many can from about 12 years. Then a parent needs the "
        "child’s agreement.",
    )

    def __init__(self, *args: Any, family: Family, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(Person.objects.filter(family=family).order_by("-is_child", "birth_date", "first_name"))
        person: Any = self.fields["person"]
        person.offer(people, empty="")
        person.choices = person.choices[1:]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        shown = values.get("identity") == RightsRequest.Identity.SHOWN
        if shown and not values.get("identity_how"):
            self.add_error("identity_how", "Enter how identity was shown, for example “passport seen at home visit”")
        for_other = values.get("asker") not in (None, "", RightsRequest.Asker.PERSON)
        if values.get("kind") == ACCESS:
            if for_other and not values.get("responsibility_how") and values.get("identity") != "asked":
                self.add_error("responsibility_how", "Enter how we know that they may ask for somebody else")
            if not values.get("competence"):
                self.add_error("competence", "Choose whether it is the person’s own to ask")
            person = values.get("person")
            if values.get("competence") == "adult" and person and person.age is not None and person.age < ADULT:
                self.add_error("competence", f"{person.short_name} is {person.age}: choose what fits a child")
        return values


class LogFilter(EhsFilterForm):
    kind = forms.ChoiceField(label="Kind", choices=[("", "All kinds"), *RightsRequest.Kind.choices], required=False)
    show = forms.ChoiceField(label="Show", choices=[("", "Open"), ("all", "Open and ended")], required=False)


class StepForm(EhsForm):
    """The form of one step of a request; `make` hands out the right one."""

    def __init__(self, *args: Any, asked: RightsRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class IdentityForm(StepForm):
    submit_label = "Identity is shown"
    on = day("When was it shown?", "The time to answer begins on this day.")
    how = forms.CharField(label="How?", max_length=300)
    responsibility_how = forms.CharField(
        label="And, for somebody else, how do we know that they may ask?", max_length=300, required=False
    )


class PauseForm(StepForm):
    submit_label = "Ask, and stop the clock"
    question = long_text("What do you need to know?", hint="This goes into the letter as you write it.", most=300)


class ResumeForm(StepForm):
    submit_label = "The clock runs again"
    on = day("When did they answer?")
    heard = long_text("What did they say?")


class ExtendForm(StepForm):
    submit_label = "Take two months more"
    why = long_text(
        "Why is more time needed?",
        hint="It must be complex, or one of several. It goes into the letter, which must reach them within the month.",
    )


class AnswerForm(StepForm):
    submit_label = "Answer"
    outcome = forms.ChoiceField(label="What came of it?", widget=forms.RadioSelect)
    text = long_text(
        "Our answer", hint="This goes into the letter: what was looked at, what was decided, and why.", rows=8
    )
    statement = long_text(
        "Their statement, if they do not agree",
        hint="In their own words. It is kept with the record and shown at it.",
        required=False,
    )
    learning = long_text("What have we learnt?", hint="For us, not for the letter. Nobody’s name.", required=False)

    def __init__(self, *args: Any, asked: RightsRequest, **kwargs: Any) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        allowed = RightsRequest.OUTCOMES[asked.kind]
        if asked.kind == ACCESS:
            allowed = (RightsRequest.Outcome.NOTHING_HELD,)
        self.fields["outcome"].choices = [(one.value, one.label) for one in allowed]  # type: ignore[attr-defined]
        if asked.kind != RightsRequest.Kind.RECTIFICATION:
            del self.fields["statement"]
        if asked.kind != RightsRequest.Kind.COMPLAINT:
            del self.fields["learning"]


class WhyForm(StepForm):
    why = long_text("Why?", hint="In plain words: it is kept, and told to who asked.")


class RefuseForm(WhyForm):
    submit_label = "Refuse"


class WithdrawForm(WhyForm):
    submit_label = "They withdraw it"
    why = long_text("What did they say?", hint="It ends here: nothing is answered, and what was gathered is deleted.")


class NextStageForm(WhyForm):
    submit_label = "Go on to the next stage"


class BackForm(WhyForm):
    submit_label = "Send it back"
    why = long_text("What is to be changed?", hint="Without names.", most=300)


class StatementForm(StepForm):
    submit_label = "Keep the statement"
    statement = long_text("Their statement", hint="In their own words. It is shown at the record from now on.")


class ToldForm(StepForm):
    submit_label = "They were told"
    who = forms.CharField(label="Who was told?", help_text="The person or service that had it wrong.", max_length=160)
    on = day("When?")


class HandOnForm(StepForm):
    submit_label = "Hand it on"
    to = forms.TypedChoiceField(label="Who deals with it from now on?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, asked: RightsRequest, **kwargs: Any) -> None:
        super().__init__(*args, asked=asked, **kwargs)
        by_key = {str(user.pk): user for user in others_who_deal(asked)}
        field: Any = self.fields["to"]
        field.choices = [(key, user.name) for key, user in by_key.items()]
        field.coerce = lambda key: by_key[key]
