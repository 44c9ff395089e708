"""The forms of the family's page, in short texts that are read in seven languages; and those of the worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core.forms import DatePartsField, EhsForm, Score, ScoreField
from outcomes.family_page.services import WEEKS
from outcomes.followup.models import FollowUp
from referrals.public.languages import LANGUAGES

TOO_LONG = _("This is too long. Please make it shorter")
CODE = "code"


def story(label: Any, *, hint: Any = "", most: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[MaxLengthValidator(most, message=TOO_LONG)],
    )


def score_name(goal: str) -> str:
    """The field of a goal's score. Its name is short enough to be kept when the visit is over."""
    return f"score_{UUID(goal).hex}"


class FamilyForm(EhsForm):
    """A form of the family: nothing of it is kept in the browser or as a draft, and it is marked optional in words."""

    submit_label = _("Send")
    drafted = False
    with_token = False


class CodeForm(FamilyForm):
    """`kept`: what was being sent when the visit was over; it is sent with the code."""

    submit_label = _("Open our plan")

    code = forms.CharField(
        label=_("Your code"),
        help_text=_("Your worker told it to you: eight letters and numbers."),
        max_length=20,
        error_messages={
            "required": _("Enter your code"),
            "max_length": _("That is not the code of this page. Check it with your worker"),
        },
        widget=forms.TextInput(
            attrs={
                "class": "govuk-input--width-10",
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "dir": "ltr",
            }
        ),
    )

    def __init__(self, *args: Any, kept: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept_fields = bool(kept)
        for name, value in (kept or {}).items():
            self.fields[name] = forms.CharField(required=False, initial=value, widget=forms.HiddenInput)


class GoalScores(FamilyForm):
    """A score for each goal; the family's words are the label, so they are not translated.

    Each field carries its goal's key: a plan that changed while the page was open gives no score to another goal.
    """

    def __init__(self, *args: Any, goals: list[dict[str, Any]], wanted: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goals = goals
        self.wanted = wanted
        for goal in goals:
            before = [one["score"] for one in goal["scores"]]
            self.fields[score_name(goal["id"])] = ScoreField(
                label=f"“{goal['words']}”",
                required=False,
                not_asked=now("Not today"),
                initial=goal["today"],
                widget=Score(was=before[-1] if before else None, low=now("Not at all"), high=now("Just as we want it")),
            )

    @property
    def scores(self) -> dict[str, int]:
        found = {}
        for goal in self.goals:
            score = self.cleaned_data.get(score_name(goal["id"]))
            if score is not None:
                found[goal["id"]] = score
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.wanted and self.goals and not self.errors and not self.scores:
            self.add_error(
                score_name(self.goals[0]["id"]), now("Choose a number for at least one goal, or go back to the plan")
            )
        return cleaned


class AgreeForm(FamilyForm):
    agrees = forms.ChoiceField(
        label=_("Do you agree with this goal?"),
        choices=[("yes", _("Yes, I agree")), ("no", _("No, I do not agree"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no")},
    )
    why = story(
        _("Why? In your own words"),
        hint=_("Write in any language. Your worker and their team read it, beside the goal."),
    )


class AskedForm(GoalScores):
    """How things are after the ending."""

    THINGS = (
        (FollowUp.Things.MUCH_BETTER, _("Much better")),
        (FollowUp.Things.BETTER, _("A bit better")),
        (FollowUp.Things.SAME, _("About the same")),
        (FollowUp.Things.WORSE, _("A bit worse")),
        (FollowUp.Things.MUCH_WORSE, _("Much worse")),
    )

    things = forms.TypedChoiceField(
        label=_("How are things now, compared with when our work ended?"),
        choices=[(value.value, label) for value, label in THINGS],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how things are")},
    )
    slipped = story(_("Has anything slipped back?"), most=4000)
    words = story(_("What else would you like to tell us?"), hint=_("Write in any language."), most=4000)
    wants_help = forms.ChoiceField(
        label=_("Would you like help again?"),
        choices=[("yes", _("Yes, please ring me")), ("no", _("No")), ("unknown", _("I am not sure"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, wanted=False, **kwargs)
        scores = [name for name in self.fields if name.startswith("score_")]
        self.order_fields(["things", *scores, "slipped", "words", "wants_help"])


# --- the worker's ---
def languages() -> list[tuple[str, str]]:
    return [(slug, language.english) for slug, language in LANGUAGES.items()]


class LinkForm(EhsForm):
    """Until when a link works, in which language, and what of others it shows."""

    submit_label = "Save"
    language = forms.ChoiceField(label="Language", choices=languages)
    expires_on = DatePartsField(label="Works until", help_text="A year at the most.")

    def __init__(self, *args: Any, goals: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if goals:
            self.fields["shared_goals"] = forms.MultipleChoiceField(
                label="Goals of somebody else that this person sees too",
                help_text="A goal that is one person’s stays that person’s unless you tick it. Ask them first.",
                choices=goals,
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )


class GiveForm(LinkForm):
    submit_label = "Make the link and the code"

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ChoiceField(
            label="Who is it for?",
            choices=people,
            widget=forms.RadioSelect,
            error_messages={"required": "Choose who the link is for"},
        )
        self.order_fields(["person", "language", "expires_on", "shared_goals"])
        self.initial.setdefault("expires_on", timezone.localdate() + timedelta(weeks=WEEKS))
