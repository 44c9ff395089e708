"""The guided closing, the leader's answer, opening again."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.utils import timezone
from django.utils.html import format_html

from cases.models import Case, GoalStatus
from cases.selectors.plan import GoalCard
from cluster_ehs.core.forms import DatePartsField, EhsForm, Score, ScoreField
from clusters.models import User
from families.models import Person
from outcomes.models import Closure, ClosureGoal
from outcomes.services import EXIT_PLAN, OUTCOMES, GoalEnd
from triage.models import Outcome

LONG = 4000


def text_field(label: str, *, hint: str = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=LONG,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows, "threshold": 75}),
        error_messages={"max_length": f"“{label}” must be {LONG:,} characters or fewer"},
    )


class ClosingForm(EhsForm):
    """All that a closure needs, in sections on one page. `goal_ends` is what became of each live goal.

    What is said of a goal is named by the goal's key: a draft or a second tab that is older than the plan says nothing
    of another goal.
    """

    submit_label = "Ask the leader to sign off"
    outcomes = forms.MultipleChoiceField(
        label="Outcomes, one or several",
        choices=[(o.value, o.label) for o in OUTCOMES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one outcome: no case closes without one"},
    )
    unresolved = text_field("What is unresolved", hint="And who knows about it.")
    in_place = text_field("What stays in place", hint="Routines, agreements, services that go on.")
    wider_family = text_field("Family and friends who help", hint="By name, and with what.")
    community = text_field("In the community", hint="Groups, places, people.")
    school = text_field("At school", hint="Who the child can go to, what the school keeps doing.")
    if_things_slip = text_field("If things slip", hint="What the first signs are and what the family does then.")
    back_in_touch = text_field("How to get back in touch")
    who_stays = forms.CharField(
        label="Who stays in touch",
        required=False,
        max_length=200,
        help_text="Somebody the family knows, with how and until when.",
        error_messages={"max_length": "“Who stays in touch” must be 200 characters or fewer"},
    )
    follow_up_by = forms.ChoiceField(
        label="Who of the Cluster asks how they are, after 3 and 12 months",
        required=False,
        help_text="It comes up in that person’s work when it is due. The family can answer on its own page too.",
    )
    family_view = text_field("What has changed, in the family’s own words", rows=4)
    closed_on = DatePartsField(label="Closing date")

    def __init__(
        self,
        *args: Any,
        case: Case,
        goals: list[GoalCard],
        people: list[Person],
        lead: User | None,
        returned: Closure | None = None,
        stepped_up: bool = False,
        workers: list[User] | None = None,
        **kwargs: Any,
    ) -> None:
        self.goals = goals
        self.workers = {str(worker.pk): worker for worker in workers or ()}
        initial: dict[str, Any] = {"closed_on": timezone.localdate(), "back_in_touch": ways_back(case, lead)}
        if lead is not None and str(lead.pk) in self.workers:
            initial["follow_up_by"] = str(lead.pk)
        before: dict[str, Any] = {}
        if stepped_up:
            # CSWS lead from here: the family is passed on, and what is unresolved is for them.
            initial["outcomes"] = [Outcome.PASSED_ON.value]
        if returned is not None:
            plan = getattr(returned, "exit_plan", None)
            initial |= {name: getattr(plan, name) for name in EXIT_PLAN if plan}
            initial["follow_up_by"] = str(plan.follow_up_by_id or "") if plan else ""
            initial |= {
                "outcomes": returned.outcome_codes,  # type: ignore[attr-defined]
                "family_view": returned.family_view,
                "unresolved": returned.unresolved,
                "closed_on": returned.closed_on,
            }
            before = {row["goal"]: row for row in returned.goal_rows}  # type: ignore[attr-defined]
        super().__init__(*args, initial=initial, **kwargs)
        choices = [("", "The leaders"), *((pk, worker.name) for pk, worker in self.workers.items())]
        self.fields["follow_up_by"].choices = choices  # type: ignore[attr-defined]
        for card in goals:
            self._add_goal(card, before.get(str(card.goal.pk), {}))
        outside = [p.short_name for p in people if not p.in_household]
        if outside:
            self.fields["wider_family"].help_text = f"By name, and with what. Known to us: {', '.join(outside)}."

    def _add_goal(self, card: GoalCard, before: dict[str, Any]) -> None:
        key, words = card.goal.pk, f"“{card.goal.words}”"
        self.fields[f"result_{key}"] = forms.ChoiceField(
            label="What became of it",
            choices=[(result.value, result.label) for result in ClosureGoal.RESULTS],
            widget=forms.RadioSelect(attrs={"choices_class": "govuk-radios--inline"}),
            initial=before.get("result"),
            error_messages={"required": f"Choose how the goal {words} ends: achieved, changed or dropped"},
        )
        self.fields[f"score_{key}"] = ScoreField(
            label="The family’s last score",
            required=False,
            not_asked="Not scored",
            initial=before.get("score"),
            widget=Score(was=card.now, low="Not at all", high="Just as we want it"),
            help_text=f"Last time {card.now}." if card.now is not None else "",
        )
        wrong = f"The score of {words} must be a whole number from 0 to 10"
        self.fields[f"score_{key}"].error_messages["invalid_choice"] = wrong
        self.fields[f"reason_{key}"] = forms.CharField(
            label="Why, if it changed or was dropped",
            required=False,
            max_length=300,
            initial=before.get("reason"),
            error_messages={"max_length": f"Why {words} changed or was dropped must be 300 characters or fewer"},
        )

    def layout(self) -> Layout:
        goals: list[Any] = []
        for card in self.goals:
            key = card.goal.pk
            heading = format_html('<h3 class="govuk-heading-s">“{}”</h3>', card.goal.words)
            goals += [HTML(_literal(heading)), f"result_{key}", f"score_{key}", f"reason_{key}"]
        if not goals:
            goals = [HTML('<p class="govuk-body eh-quiet">The plan has no live goal.</p>')]
        return Layout(
            Fieldset("1. What became of it", "outcomes", "unresolved"),
            Fieldset("2. The goals", *goals),
            Fieldset(
                "3. The exit plan, written with the family",
                Div(*EXIT_PLAN, css_class="eh-grid eh-grid--pair eh-headings"),
                "follow_up_by",
                css_id="exit-plan",
            ),
            Fieldset("4. The family’s view", "family_view"),
            Fieldset("5. The day", "closed_on"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.goal_ends = []
        for card in self.goals:
            key = card.goal.pk
            result = cleaned.get(f"result_{key}")
            reason = cleaned.get(f"reason_{key}", "")
            if result and result != GoalStatus.ACHIEVED and not reason.strip():
                word = GoalStatus(result).label.lower()
                self.add_error(f"reason_{key}", f"Enter why the goal “{card.goal.words}” is {word}")
            if result:
                self.goal_ends.append(GoalEnd(card.goal.pk, result, cleaned.get(f"score_{key}"), reason))
        return cleaned


def _literal(html: str) -> str:
    """HTML for a crispy layout, which would read it as a template: the family's words are no template."""
    return html.replace("{", "&#123;").replace("}", "&#125;")


def ways_back(case: Case, lead: User | None) -> str:
    """Where a family turns to: the worker it knows and the Cluster, with what is known of their numbers."""
    cluster = case.cluster
    ways = []
    if lead is not None:
        ways.append(f"Ring {lead.name}{f' on {lead.telephone}' if lead.telephone else ''}.")
    numbers = " or ".join(way for way in (cluster.telephone, cluster.email) if way)
    ways.append(f"Or ask for help at {cluster.name}{f': {numbers}' if numbers else ''}.")
    return " ".join(ways)


class ReturnForm(EhsForm):
    submit_label = "Return it"
    submit_class = "govuk-button--secondary"
    reason = forms.CharField(
        label="Why it goes back",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The worker reads this and can complete the closure.",
        error_messages={
            "required": "Enter why it goes back and what is missing",
            "max_length": f"“Why it goes back” must be {LONG:,} characters or fewer",
        },
    )


class UndoForm(EhsForm):
    submit_label = "Close it as it was"
    reason = forms.CharField(
        label="Why was it a mistake?",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why it was a mistake"},
    )


class ReopenForm(EhsForm):
    submit_label = "Open the case again"
    reason = forms.CharField(
        label="Why the case is opened again",
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why the case is opened again"},
    )
    lead_worker = forms.ChoiceField(label="Lead worker")

    def __init__(self, *args: Any, workers: list[User], last: User | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"lead_worker": last.pk if last else None}, **kwargs)
        self.workers = {str(worker.pk): worker for worker in workers}
        led = {str(last.pk): " (led it before)"} if last else {}
        choices = [(pk, f"{worker.name}{led.get(pk, '')}") for pk, worker in self.workers.items()]
        self.fields["lead_worker"].choices = [("", "Choose"), *choices]
