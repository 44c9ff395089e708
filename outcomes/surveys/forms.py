"""Drawing a survey; answering it, on a phone or from paper."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Fieldset, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core.forms import DatePartsField, EhsForm, YesNoField
from clusters.models import Cluster, Service
from outcomes.measures.forms import AnswerField, literal
from outcomes.measures.models import Instrument
from outcomes.surveys.questions import READY, SCALE, WORDS, Question
from outcomes.surveys.services import Plan
from referrals.public.languages import TRANSLATED

MOST_WORDS = 2000


def _number(label: str, least: int, most: int, hint: str, **kwargs: Any) -> forms.IntegerField:
    wrong = f"“{label}” must be a whole number from {least} to {most}"
    field = forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        help_text=hint,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
        **kwargs,
    )
    field.error_messages |= {"invalid": wrong, "min_value": wrong, "max_value": wrong}
    return field


class DrawForm(EhsForm):
    submit_label = "Draw the sample"

    title = forms.CharField(label="Name of the survey", max_length=120)
    clusters = forms.MultipleChoiceField(label="Clusters", widget=forms.CheckboxSelectMultiple)
    services = forms.MultipleChoiceField(
        label="Services",
        widget=forms.CheckboxSelectMultiple,
        help_text="Each service is drawn by itself, as in the pilot evaluation.",
    )
    starts_on = DatePartsField(label="Families that had the service from")
    ends_on = DatePartsField(label="until", initial=timezone.localdate, latest=timezone.localdate)
    wanted = _number("Families of each service", 1, 500, "All of them where there are fewer.", initial=15)
    seed = _number(
        "Seed of the draw",
        0,
        999_999,
        "Empty: one is chosen and shown. The same seed draws the same families again.",
        required=False,
    )
    instruments = forms.MultipleChoiceField(label="What is asked", required=False, widget=forms.CheckboxSelectMultiple)
    ready = forms.MultipleChoiceField(
        label="Our own questions, ready in all seven languages",
        required=False,
        choices=[(key, own["text"]) for key, own in READY.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    scale_1 = forms.CharField(
        label="A question of your own, from 0 to 10",
        required=False,
        max_length=200,
        help_text="In English. After the draw you can add what it is in other languages.",
    )
    words_1 = forms.CharField(label="A question of your own, answered in words", required=False, max_length=200)
    answer_until = DatePartsField(label="Last day for answers")
    first_reminder_on = DatePartsField(label="First reminder", required=False)
    second_reminder_on = DatePartsField(label="Second reminder", required=False)

    def __init__(
        self,
        *args: Any,
        clusters: list[Cluster],
        services: list[Service],
        instruments: list[Instrument],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.known_services = {str(each.pk): each for each in services}
        self.known = {str(each.pk): each for each in instruments}
        self.fields["clusters"].choices = [(str(each.pk), each.name) for each in clusters]
        if len(clusters) == 1:
            self.fields["clusters"].initial = [str(clusters[0].pk)]
        self.fields["services"].choices = [(pk, each.name) for pk, each in self.known_services.items()]
        self.fields["instruments"].choices = [(pk, each.name) for pk, each in self.known.items()]
        for pk, each in self.known_services.items():
            self.fields[f"wanted_{pk}"] = _number(each.name, 1, 500, "", required=False)

    def layout(self) -> Layout:
        others = [f"wanted_{pk}" for pk in self.known_services]
        opens = any(self[name].errors or self[name].value() for name in others)
        more = literal("outcomes/surveys/_sizes.html", {"opens": opens})
        return Layout(
            "title",
            Fieldset("Who is asked", "clusters", "services", "starts_on", "ends_on", "wanted"),
            HTML(more),
            *others,
            HTML("</div></details>"),
            "seed",
            Fieldset("What is asked", "instruments", "ready", "scale_1", "words_1"),
            Fieldset("Until when", "answer_until", "first_reminder_on", "second_reminder_on"),
        )

    @property
    def plan(self) -> Plan:
        values = self.values
        own = [(values["scale_1"], SCALE), (values["words_1"], WORDS)]
        questions: list[dict[str, Any]] = [{"key": key, **READY[key]} for key in values["ready"]]
        questions += [
            {"key": str(number), "text": text.strip(), "kind": kind}
            for number, (text, kind) in enumerate(own, 1)
            if text.strip()
        ]
        return Plan(
            title=values["title"],
            clusters=[int(pk) for pk in values["clusters"]],
            services=[self.known_services[pk] for pk in values["services"]],
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            wanted=values["wanted"],
            answer_until=values["answer_until"],
            instruments=[self.known[pk] for pk in values["instruments"]],
            questions=questions,
            first_reminder_on=values["first_reminder_on"],
            second_reminder_on=values["second_reminder_on"],
            seed=values["seed"],
            wanted_of={int(pk): values[f"wanted_{pk}"] for pk in values["services"] if values[f"wanted_{pk}"]},
        )


class WordsForm(EhsForm):
    """What the questions of one's own are in the other languages."""

    submit_label = "Save"

    def __init__(self, *args: Any, questions: list[dict[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for own in questions:
            for slug, language in TRANSLATED.items():
                self.fields[f"t_{own['key']}_{slug}"] = forms.CharField(
                    label=language.english,
                    required=False,
                    max_length=300,
                    initial=own.get("in", {}).get(slug, ""),
                    widget=forms.TextInput(attrs={"lang": slug, "dir": "rtl" if language.rtl else "ltr"}),
                )

    def layout(self) -> Layout:
        return Layout(
            *(
                Fieldset(f"“{own['text']}”".replace("{", "("), *(f"t_{own['key']}_{slug}" for slug in TRANSLATED))
                for own in self.questions
            )
        )

    @property
    def texts(self) -> dict[str, dict[str, str]]:
        return {
            own["key"]: {slug: self.cleaned_data[f"t_{own['key']}_{slug}"] for slug in TRANSLATED}
            for own in self.questions
        }


class AnswerForm(EhsForm):
    """The questions of a survey. Every one may be left: there is a choice for that."""

    submit_label: Any = _("Send my answers")
    mark_optional = False
    drafted = False

    def __init__(self, *args: Any, questions: list[Question], with_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        if with_code:
            self.fields["code"] = forms.CharField(
                label=_("The code from your letter or your worker"),
                max_length=20,
                error_messages={"required": _("Enter the code")},
                widget=forms.TextInput(
                    attrs={"class": "govuk-input--width-10", "autocomplete": "off", "autocapitalize": "characters"}
                ),
            )
        for question in questions:
            self.fields[question.field] = _field(question)
        self.fields["share"] = YesNoField(
            label=_("May your worker see your answers?"),
            help_text=_("If you choose no, nobody can tell that they are yours."),
            error_messages={"required": _("Choose yes or no")},
        )

    @property
    def answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for question in self.questions:
            value = self.cleaned_data.get(question.field)
            if question.item is not None:
                found[question.key] = None if value is None else int(value)
            elif value:
                found[question.key] = value
        return found


def _field(question: Question) -> forms.Field:
    if question.item is None:
        return forms.CharField(
            label=question.text, required=False, max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 4})
        )
    return AnswerField(
        question.item,
        label=question.text,
        not_said=_("I would rather not say"),
        unanswered=_("Choose an answer, or that you would rather not say"),
    )


class PaperForm(AnswerForm):
    """The same from paper, entered by staff."""

    submit_label = "Save the answers"
