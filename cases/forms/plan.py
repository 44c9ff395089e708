"""Goals, their ends, and reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.utils import timezone

from cases.models import Goal, GoalStatus
from cases.selectors.case import who_is_who
from cases.selectors.plan import GoalCard
from cases.services.plan import REVIEW_WEEKS, Answer, Step
from cluster_ehs.core.forms import DatePartsField, EhsForm, ScoreField, TickRadios, Ticks
from families.models import Involvement, Person

SAYS = [("", "Not asked"), ("yes", "Agrees"), ("no", "Disagrees")]
ACTIONS = 2
FOLD = (
    '<details class="eh-change"{% if form.wider_is_open %} open{% endif %}>'
    '<summary><span>{{ form.wider_names }}</span> <span class="eh-change__word">Do they agree?</span></summary><div>'
)


class GoalForm(EhsForm):
    """A goal in the family's words: what is to be different, how it stands, who agrees, who does what by when."""

    submit_label = "Save goal"
    form_class = "eh-compact"

    words = forms.CharField(label="The goal, in the family’s words", max_length=300)
    different = forms.CharField(
        label="What will be different?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    whose = forms.ChoiceField(label="Whose goal is it?", required=False, widget=TickRadios)
    baseline = ScoreField(
        label="Where does it stand now?",
        required=False,
        not_asked="Not asked",
        help_text="0: as bad as it can be. 10: just as we want it.",
    )
    target = ScoreField(label="What would be good enough?", required=False, not_asked="Not asked")

    def __init__(self, *args: Any, people: list[Person], card: GoalCard | None = None, **kwargs: Any) -> None:
        self.card = card
        self.people = [p for p in people if p.involvement != Involvement.NOT_TO_BE]
        self.rows = max(ACTIONS, len(card.actions) + 1 if card else 0)
        kwargs["initial"] = {**(self._from_card(card) if card else {}), **(kwargs.get("initial") or {})}
        super().__init__(*args, version=card.goal.version if card else None, **kwargs)
        self.by_id = {str(person.pk): person for person in people}
        self.fields["whose"].choices = [  # type: ignore[attr-defined]
            *((str(p.pk), p.short_name) for p in self.people),
            ("", "The whole family’s"),
        ]
        for person in self.people:
            self.fields[f"says_{person.pk}"] = forms.ChoiceField(
                label=person.short_name, choices=SAYS, required=False, widget=TickRadios, initial=""
            )
            self.fields[f"said_{person.pk}"] = forms.CharField(
                label=f"{person.short_name}’s own words",
                max_length=300,
                required=False,
                widget=forms.TextInput(attrs={"label_class": "govuk-visually-hidden", "placeholder": "In own words"}),
            )
        for n in range(self.rows):
            self.fields[f"what_{n}"] = forms.CharField(label="What", max_length=300, required=False)
            self.fields[f"who_{n}"] = forms.CharField(label="Who", max_length=120, required=False)
            self.fields[f"by_{n}"] = DatePartsField(label="By when", required=False)
            self.fields[f"done_{n}"] = forms.CharField(required=False, widget=forms.HiddenInput)
        self.mark_optional = False

    @staticmethod
    def _from_card(card: GoalCard) -> dict[str, Any]:
        goal = card.goal
        found: dict[str, Any] = {
            "words": goal.words,
            "different": goal.different,
            "whose": str(goal.whose_id or ""),
            "baseline": goal.baseline,
            "target": goal.target,
        }
        for row in goal.agreement_rows:  # type: ignore[attr-defined]
            found[f"says_{row['person']}"] = "yes" if row["agrees"] else "no"
            found[f"said_{row['person']}"] = row["words"]
        for n, action in enumerate(card.actions):
            found |= {f"what_{n}": action["what"], f"who_{n}": action["who"], f"by_{n}": action["by_when"]}
            found[f"done_{n}"] = action["done_on"].isoformat() if action["done_on"] else ""
        return found

    def layout(self) -> Layout:
        parts: list[Any] = ["words", "different", "whose", "baseline", "target"]
        if self.people:
            parts.append(HTML('<h3 class="govuk-heading-m">Does everybody agree?</h3>'))
        parts += self._asked([person for person in self.people if person not in self.wider])
        if self.wider:
            parts += [HTML(FOLD), *self._asked(self.wider), HTML("</div></details>")]
        parts.append(HTML('<h3 class="govuk-heading-m">Who does what by when?</h3>'))
        for n in range(self.rows):
            parts += [
                HTML(f'<fieldset class="eh-action-row"><legend class="govuk-visually-hidden">Action {n + 1}</legend>'),
                f"what_{n}",
                f"who_{n}",
                f"by_{n}",
                HTML("</fieldset>"),
            ]
        return Layout(*parts)

    @staticmethod
    def _asked(people: list[Person]) -> list[Any]:
        """Whether each agrees; the words come up with the answer."""
        return [Div(f"says_{person.pk}", f"said_{person.pk}", css_class="eh-pairs") for person in people]

    @property
    def wider(self) -> list[Person]:
        """Adults who live elsewhere. Of a wide network their questions would push away who does what: folded."""
        far = [person for person in self.people if not (person.in_household or person.is_child)]
        return far if len(far) < len(self.people) else []

    @property
    def wider_names(self) -> str:
        return ", ".join(person.short_name for person in self.wider)

    @property
    def wider_is_open(self) -> bool:
        return any(self[f"{name}_{person.pk}"].value() for person in self.wider for name in ("says", "said"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for person in self.people:
            if data.get(f"said_{person.pk}") and not data.get(f"says_{person.pk}"):
                self.add_error(f"says_{person.pk}", f"Choose whether {person.short_name} agrees")
        for n in range(self.rows):
            if data.get(f"what_{n}") and not data.get(f"who_{n}"):
                self.add_error(f"who_{n}", f"Enter who does “{data[f'what_{n}']}”")
            if data.get(f"who_{n}") and not data.get(f"what_{n}"):
                self.add_error(f"what_{n}", f"Enter what {data[f'who_{n}']} is to do")
        return data

    @property
    def service_values(self) -> dict[str, Any]:
        """What `set_goal` takes."""
        data = self.values
        done = {n: data.get(f"done_{n}") for n in range(self.rows)}
        kept = {a["what"]: a["done_on"] for a in self.card.actions} if self.card else {}
        return {
            "words": data["words"],
            "different": data["different"],
            "whose": self.by_id.get(data["whose"]),
            "baseline": data["baseline"],
            "target": data["target"],
            "agreements": {
                UUID(str(person.pk)): Answer(data[f"says_{person.pk}"] == "yes", data[f"said_{person.pk}"])
                for person in self.people
                if data[f"says_{person.pk}"]
            },
            "actions": [
                Step(
                    data[f"what_{n}"],
                    data[f"who_{n}"],
                    data[f"by_{n}"],
                    kept.get(data[f"what_{n}"]) if done[n] else None,
                )
                for n in range(self.rows)
                if data[f"what_{n}"]
            ],
            "version": self.seen_version,
        }


class EndGoalForm(EhsForm):
    submit_label = "End this goal"

    status = forms.ChoiceField(
        label="How did it end?",
        choices=[
            (GoalStatus.ACHIEVED, "Achieved"),
            (GoalStatus.CHANGED, "Changed: another goal takes its place"),
            (GoalStatus.DROPPED, "Dropped"),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Why?", required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ReviewForm(EhsForm):
    submit_label = "Save review"

    reviewed_on = DatePartsField(label="Day of the review", latest=timezone.localdate)
    people = forms.MultipleChoiceField(label="Who of the family took part?", required=False, widget=Ticks)
    took_part = forms.CharField(label="Professionals and others who took part", max_length=300, required=False)
    decisions = forms.CharField(label="What was decided?", widget=forms.Textarea(attrs={"rows": 4}))
    next_due_on = DatePartsField(label="Next review by")

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_id = {str(person.pk): person for person in people}
        self.fields["people"].choices = [(pk, who_is_who(person)) for pk, person in self.by_id.items()]  # type: ignore[attr-defined]
        today = timezone.localdate()
        self.fields["reviewed_on"].initial = today
        self.fields["next_due_on"].initial = today + timedelta(weeks=REVIEW_WEEKS)

    @property
    def service_values(self) -> dict[str, Any]:
        """What `review_plan` takes."""
        return {**self.values, "people": [self.by_id[pk] for pk in self.values["people"]]}


def goal_texts(goal: Goal) -> list[tuple[str, str]]:
    """The other text of a goal, for whoever was second to save."""
    return [
        ("The goal", goal.words),
        ("What will be different", goal.different),
        ("Where it stood", "" if goal.baseline is None else str(goal.baseline)),
        ("Good enough", "" if goal.target is None else str(goal.target)),
    ]
