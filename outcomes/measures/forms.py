"""The form of an instrument: one page, made from its items; who, when and how beside it; settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, Score, YesNoField
from families.models import Person
from outcomes.measures.models import How, Instrument, Item, Measure, Occasion
from outcomes.measures.scoring import plain
from outcomes.measures.services import Taken

NOT_SAID = "Prefer not to say, or not asked"
FAMILY, SCHOOL = "family", "school"
MOST = 4000
UNANSWERED = "unanswered"
# More people than this are a list to choose from.
MOST_RADIOS = 5


class AnswerField(forms.TypedChoiceField):
    """One answer. Not saying is an answer too (None), so that a question that was passed over by mistake is noticed."""

    def __init__(self, item: Item, *, not_said: Any = NOT_SAID, unanswered: Any = "", **kwargs: Any) -> None:
        choices: list[tuple[str, Any]] = [(str(number), words) for number, words in item.choices]
        if not choices:
            choices = [(str(n), str(n)) for n in range(int(item.lowest), int(item.highest) + 1)]
        attrs: dict[str, Any] = {"choices_class": "govuk-radios--inline"} if item.choices else {}
        risky = [value for value, _words in choices if item.above is not None and Decimal(value) > item.above]
        if risky:
            attrs["item_attrs"] = {value: {"data-risk": "yes"} for value in risky}
        widget: forms.RadioSelect = forms.RadioSelect(attrs=attrs)
        if not item.choices:
            widget = Score(attrs, low=item.low_anchor, high=item.high_anchor)
        super().__init__(
            choices=[*choices, ("", not_said)],
            coerce=Decimal,
            empty_value=None,
            required=False,
            widget=widget,
            **kwargs,
        )
        self.error_messages["required"] = unanswered or f"Answer “{item.text}”, or choose “{NOT_SAID}”"

    def prepare_value(self, value: Any) -> Any:
        """Nothing is chosen until somebody chooses: an empty value would mark “prefer not to say”."""
        return UNANSWERED if value is None else value

    def clean(self, value: Any) -> Any:
        if value is None:
            raise ValidationError(self.error_messages["required"], code="required")
        return super().clean(value)


def answer_field(item: Item, **kwargs: Any) -> forms.Field:
    """A question as a field: a scale in a row, choices one below the other, a score as a number."""
    return AnswerField(item, label=item.text, **kwargs)


def score_field(item: Item) -> forms.Field:
    """The one number of a score-only instrument."""
    low, high = plain(item.lowest), plain(item.highest)
    field = forms.DecimalField(
        label=item.text,
        min_value=item.lowest,
        max_value=item.highest,
        decimal_places=2,
        help_text=f"From {low} to {high}, from the publisher’s form.",
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4", "inputmode": "decimal"}),
    )
    wrong = f"The score must be a number from {low} to {high}"
    field.error_messages |= {"required": wrong, "invalid": wrong, "min_value": wrong, "max_value": wrong}
    return field


def question_name(key: str) -> str:
    return f"q_{key}"


class MeasureForm(EhsForm):
    """Who answers, the questions, the step on safety, when and how."""

    submit_label = "Save"
    mark_optional = False

    def __init__(
        self,
        *args: Any,
        instrument: Instrument,
        people: list[Person],
        occasion: str,
        about: str = "",
        corrects: Measure | None = None,
        told: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instrument, self.told, self.corrects = instrument, told, corrects
        self.items = list(instrument.items.all())
        self.people = {str(person.pk): person for person in people if not person.deceased}
        self._who(about)
        for item in self.items:
            score_only = instrument.kind == Instrument.Kind.SCORE
            self.fields[question_name(item.key)] = score_field(item) if score_only else answer_field(item)
        self.risky = [item for item in self.items if item.above is not None]
        if self.risky:
            self.fields["done"] = forms.CharField(
                label="What did you do about it?",
                required=False,
                max_length=MOST,
                help_text="The leader, who is on duty and the workers of the case read this.",
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        self.fields["occasion"] = forms.ChoiceField(
            label="Why now", choices=Occasion.choices[:3], initial=occasion, widget=_inline()
        )
        self.fields["taken_on"] = DatePartsField(
            label="Answered on", initial=timezone.localdate, latest=timezone.localdate
        )
        self.fields["how"] = forms.ChoiceField(
            label="How", choices=How.choices[:2], initial=How.TOGETHER, widget=_inline()
        )
        if corrects is not None:
            self.fields["reason"] = forms.CharField(
                label="Why it is corrected",
                max_length=300,
                help_text="What stood there stays to be read, with this reason.",
                error_messages={"required": "Enter why it is corrected"},
            )
            self._as_it_was(corrects)

    def _who(self, about: str) -> None:
        home = sorted(self.people.items(), key=lambda pair: not pair[1].in_household)
        adults = [(pk, person.short_name) for pk, person in home if not person.is_child]
        children = [(pk, person.short_name) for pk, person in home if person.is_child]
        who = Instrument.Who(self.instrument.who)
        if who == Instrument.Who.CARER:
            self._person("person", "Which child is it about?", children, about)
            self._person("answerer", "Who answered?", [*adults, (SCHOOL, "The school")], "")
            return
        choices = {
            Instrument.Who.ADULT: adults,
            Instrument.Who.YOUNG: children,
            Instrument.Who.FAMILY: [*adults, *children, (FAMILY, "The family together")],
        }[who]
        self._person("person", "Who answered?", choices, about)

    def _person(self, name: str, label: str, choices: list[tuple[str, str]], chosen: str) -> None:
        only = choices[0][0] if len(choices) == 1 else ""
        many = len(choices) > MOST_RADIOS
        self.fields[name] = forms.ChoiceField(
            label=label,
            choices=[("", "Choose"), *choices] if many else choices,
            initial=chosen if chosen in dict(choices) else only,
            widget=forms.Select if many else forms.RadioSelect,
            error_messages={
                "required": "Choose who answered" if name == "answerer" or label[0:5] == "Who a" else label
            },
        )

    def _as_it_was(self, measure: Measure) -> None:
        """A correction begins with what was entered."""
        self.initial.update({"occasion": measure.occasion, "taken_on": measure.taken_on, "how": measure.how})
        self.initial["person"] = str(measure.person_id or FAMILY)
        self.initial["answerer"] = str(measure.answerer_id or SCHOOL)
        for key, value in measure.result.answers.items():
            self.initial[question_name(key)] = "" if value is None else plain(Decimal(str(value)))
        risk = getattr(measure, "risk", None)
        if risk is not None:
            self.initial["done"] = risk.done

    def layout(self) -> Layout:
        who = [name for name in ("person", "answerer") if name in self.fields]
        lead = literal("outcomes/measures/_lead.html", {"instrument": self.instrument})
        questions: list[Any] = []
        for item in self.items:
            questions.append(question_name(item.key))
            if item.above is not None:
                questions.append(self._safety())
        rest = ["occasion", "taken_on", "how", *(["reason"] if self.corrects else [])]
        return Layout(*who, HTML(lead), *questions, Fieldset("When and how", *rest))

    def _safety(self) -> Div:
        """Shown at once by the style sheet when the answer is chosen, and by the server when it comes back."""
        words = literal("outcomes/measures/_safety.html", {"told": self.told})
        return Div(HTML(words), "done", css_class="eh-safety eh-safety--on" if self.at_risk else "eh-safety")

    @property
    def at_risk(self) -> bool:
        """Whether what was sent, or is corrected, has an answer that is a risk."""
        for item in self.risky:
            value = self[question_name(item.key)].value()
            if item.above is not None and str(value or "").isdecimal() and Decimal(str(value)) > item.above:
                return True
        return False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.at_risk and not cleaned.get("done", "").strip():
            self.add_error("done", "Enter what you did about the answer on safety, then save")
        return cleaned

    @property
    def answers(self) -> dict[str, Decimal | None]:
        return {item.key: self.cleaned_data[question_name(item.key)] for item in self.items}

    @property
    def taken(self) -> Taken:
        values = self.cleaned_data
        person = self.people.get(values["person"])
        answerer = self.people.get(values["answerer"]) if "answerer" in values else person
        by = Measure.AnsweredBy.SCHOOL if values.get("answerer") == SCHOOL else Measure.AnsweredBy.FAMILY
        return Taken(
            occasion=values["occasion"],
            taken_on=values["taken_on"],
            how=values["how"],
            person=person,
            answerer=answerer,
            answered_by=by,
            done=values.get("done", ""),
            told=self.told,
        )


def literal(template: str, context: dict[str, Any]) -> str:
    """HTML for a crispy layout, which would read it as a template once more."""
    return render_to_string(template, context).replace("{", "&#123;").replace("}", "&#125;")


def _inline() -> forms.RadioSelect:
    return forms.RadioSelect(attrs={"choices_class": "govuk-radios--inline"})


def _weeks(label: str) -> forms.IntegerField:
    wrong = "Enter a number of weeks from 1 to 52, or leave it empty"
    field = forms.IntegerField(
        label=label,
        required=False,
        min_value=1,
        max_value=52,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2", "prefix": "every", "suffix": "weeks"}),
    )
    field.error_messages |= {"invalid": wrong, "min_value": wrong, "max_value": wrong}
    return field


class AgreeForm(EhsForm):
    """That an instrument is asked in this case from now on."""

    submit_label = "Ask it in this case"
    person = forms.ChoiceField(label="Who is asked?", widget=forms.RadioSelect)

    def __init__(self, *args: Any, instrument: Instrument, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        who = Instrument.Who(instrument.who)
        wants_child = {Instrument.Who.ADULT: False, Instrument.Who.YOUNG: True, Instrument.Who.CARER: True}.get(who)
        self.people = {
            str(person.pk): person
            for person in people
            if not person.deceased and wants_child in (None, person.is_child)
        }
        home = sorted(self.people.items(), key=lambda pair: not pair[1].in_household)
        choices = [(pk, person.short_name) for pk, person in home]
        if who == Instrument.Who.FAMILY:
            choices.append((FAMILY, "The family together"))
        if who == Instrument.Who.CARER:
            self.fields["person"].label = "Which child is it about?"
        if len(choices) > MOST_RADIOS:
            self.fields["person"] = forms.ChoiceField(
                label=self.fields["person"].label, error_messages={"required": "Choose who is asked"}
            )
            choices = [("", "Choose"), *choices]
        self.fields["person"].choices = choices
        self.fields["every_weeks"] = _weeks("How often")
        self.fields["every_weeks"].initial = instrument.every_weeks
        self.fields["every_weeks"].help_text = "Empty: at the start and at the end only."
        if instrument.kind == Instrument.Kind.ITEMS and who != Instrument.Who.CARER:
            self._alone(instrument)

    def _alone(self, instrument: Instrument) -> None:
        """Whether it may be answered on the family's page; for a question about safety that is to be thought about."""
        risky = any(item.above is not None for item in instrument.items.all())
        self.fields["by_itself"] = YesNoField(
            label="May it be answered on the family’s page, with nobody there?",
            help_text="One question is about safety. Whoever answers it so is shown at once whom to ring; you, the "
            "leader and who is on duty are told. Say yes only when you have talked about that together."
            if risky
            else "Yes: who has a private link finds it there when it is due.",
            initial="no" if risky else "yes",
            required=False,
        )

    @property
    def chosen(self) -> Person | None:
        return self.people.get(self.cleaned_data["person"])


class UseForm(EhsForm):
    """A manager's: whether an instrument is used, in which cases, how often."""

    in_use = forms.ChoiceField(
        label="Use it",
        choices=[("no", "Not used"), ("yes", "Workers may choose it"), ("every", "It is asked in every new case")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        use = "every" if instrument.every_case_from else "yes" if instrument.in_use else "no"
        super().__init__(*args, initial={"in_use": use, "every_weeks": instrument.every_weeks}, **kwargs)
        self.fields["every_weeks"] = _weeks("Asked again")
        self.fields["every_weeks"].help_text = "Besides the start and the end. A worker can choose otherwise in a case."
        self.initial["every_weeks"] = instrument.every_weeks

    @property
    def choice(self) -> dict[str, Any]:
        use = self.cleaned_data["in_use"]
        return {
            "in_use": use != "no",
            "every_case": use == "every",
            "every_weeks": self.cleaned_data["every_weeks"],
        }


class LicenceForm(EhsForm):
    submit_label = "Record the licence"
    holder = forms.CharField(
        label="Who holds the licence", max_length=120, help_text="The organisation that it was given to."
    )
    reference = forms.CharField(label="Its number or reference", max_length=80)
    starts_on = DatePartsField(label="From")
    ends_on = DatePartsField(label="To, including this day", required=False, help_text="Empty: it does not end.")
