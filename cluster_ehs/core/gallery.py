"""The gallery: every component and every kind of field on one page, for those who build pages. Not in production."""

from datetime import timedelta
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from cluster_ehs.core.charts import bar_chart, line_chart
from cluster_ehs.core.forms import (
    DatePartsField,
    DateTimePartsField,
    EhsFilterForm,
    EhsForm,
    Score,
    ScoreField,
    TickRadios,
    Ticks,
    YesNoField,
)
from cluster_ehs.core.uploads import UploadField

TABS = ["Overview", "Formulation", "Plan", "Contacts", "Services", "People", "Meetings", "Documents", "Chronology"]
SERVICES = [("fs", "Family support"), ("ct", "Children’s therapy"), ("ac", "Adult counselling"), ("at", "Attendance")]


class EveryField(EhsForm):
    """One field of each kind."""

    submit_label = "Save contact"
    cancel_url = "#"
    more_buttons = [
        {"name": "then", "value": "another", "label": "And log another", "classes": "govuk-button--secondary"}
    ]

    who = forms.MultipleChoiceField(
        label="Who was there?",
        widget=Ticks,
        choices=[
            ("j", "Jana (mum)"),
            ("z", "Zdeňka, 9"),
            ("p", "Petr, 6"),
            ("m", "Marek (stepdad)"),
            ("o", "Someone else"),
        ],
    )
    kind = forms.ChoiceField(
        label="What kind?",
        widget=TickRadios,
        choices=[("v", "Home visit"), ("s", "School"), ("p", "Phone"), ("o", "Other")],
    )
    at = DateTimePartsField(label="When", latest=timezone.localdate, help_text="For example, 27 3 2026 at 14:30")
    score = ScoreField(
        label="“Mornings without shouting”",
        required=False,
        help_text="Last time 6",
        widget=Score(was=6, low="0: as hard as it gets", high="10: just as we want it"),
    )
    said = forms.CharField(label="What did Zdeňka say?", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    note = forms.CharField(label="What happened, what next?", widget=forms.Textarea, max_length=500)
    name = forms.CharField(label="Full name", max_length=120)
    email = forms.EmailField(label="E-mail address", required=False)
    telephone = forms.CharField(
        label="Telephone",
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "class": "govuk-input--width-20"}),
    )
    weeks = forms.IntegerField(
        label="How long?", widget=forms.NumberInput(attrs={"suffix": "weeks", "class": "govuk-input--width-3"})
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    born = DatePartsField(label="Date of birth", latest=timezone.localdate, help_text="For example, 27 3 2019")
    school = forms.ChoiceField(
        label="School",
        choices=[
            ("", "---------"),
            ("Primary", [("1", "Invented Primary"), ("2", "St Invented’s")]),
            ("3", "Invented High"),
        ],
    )
    route = forms.ChoiceField(
        label="Who asks for help?",
        widget=forms.RadioSelect(
            attrs={
                "reveals": {"other": "route_other"},
                "item_hints": {"self": "A parent, carer or young person"},
                "divider_before": {"other": "or"},
            }
        ),
        choices=[("school", "The school"), ("self", "The family"), ("other", "Somebody else")],
    )
    route_other = forms.CharField(label="Who is it?", required=False)
    reasons = forms.MultipleChoiceField(
        label="Reasons",
        widget=forms.CheckboxSelectMultiple(attrs={"exclusive": ["none"], "divider_before": {"none": "or"}}),
        choices=[
            ("Social, emotional and mental health", [("anxiety", "Anxiety"), ("behaviour", "Behaviour at home")]),
            ("School", [("attendance", "Attendance"), ("none", "None of these")]),
        ],
    )
    interpreter = YesNoField(label="Is an interpreter needed?", unknown=True)
    letter = UploadField(
        label="Letter",
        required=False,
        help_text="PDF or Word, up to 20 MB",
        widget=forms.FileInput(attrs={"enhanced": True}),
    )
    agrees = forms.BooleanField(label="The family agrees to this referral", help_text="Say how and when in the note.")

    def layout(self) -> Layout:
        return Layout(
            Fieldset("The contact", "who", "kind", "at", "score", "said", "note"),
            Fieldset("Plain fields", "name", "email", "telephone", "weeks", "password", "born", "school"),
            Fieldset("Choices and files", "route", "reasons", "interpreter", "letter", "agrees"),
        )


class ListFilter(EhsFilterForm):
    service = forms.ChoiceField(label="Service", required=False, choices=[("", "All services"), *SERVICES])
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "Any"), ("open", "Open")])
    reference = forms.CharField(label="Reference", required=False)


def examples() -> dict[str, Any]:
    now = timezone.now()
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    waiting = [4, 6, 7, 9, 8, 6, None, 5, 6, 7, 8, 9]
    therapy = [1, 2, 2, 3, 2, 4, 5, 4, 3, 3, 4, 6]
    return {
        "tabs": [
            {"label": label, "url": "#tabs", "current": label == "Overview", "count": 3 if label == "Contacts" else 0}
            for label in TABS
        ],
        "flags": [("Open, week 14", ""), ("Czech interpreter", "yellow"), ("Address not to be shared", "red")],
        "tag_samples": [
            ("New", "blue"),
            ("Waiting", "yellow"),
            ("Open", "green"),
            ("Restricted", "purple"),
            ("Overdue", "red"),
            ("Extension", "orange"),
            ("Passed on", "teal"),
            ("Closed", "grey"),
        ],
        "summary": [
            {"key": "Name", "value": "Zdeňka Nováková", "url": "#", "action": "Change"},
            {"key": "Born", "value": "27 March 2017", "url": "#"},
            {"key": "Address", "value": "1 Invented Row\nLeeds", "url": "#"},
        ],
        "next": [("24 Nov", "Home visit, interpreter booked"), ("1 Dec", "TAF meeting")],
        "entries": [
            {
                "title": "Home visit",
                "by": "Asha Example",
                "at": now - timedelta(days=5),
                "text": "Zdeňka seen, with Jana and Marek. Three school days of five. Housing letter sent.",
                "url": "#",
            },
            {"title": "Therapy session 5 attended", "by": "Lee Example", "at": now - timedelta(days=10)},
            {"title": "Plan agreed", "at": timezone.localdate() - timedelta(30), "tags": [("Family agrees", "green")]},
        ],
        "scores": [3, 4, 4, 5, 6, 6, 7],
        "now": now,
        "earlier": now - timedelta(days=2),
        "bars": bar_chart(
            "Referrals by service", list(zip([name for _code, name in SERVICES], [23, 9, 6, 14], strict=True)),
            of="Service", series=["Referrals"],
        ),
        "compared": bar_chart(
            "Families whose needs were met", [("SEMH", 62, 71), ("Attendance", 48, 55), ("Housing", 30, 44)],
            of="Need", series=["January to June 2026", "July to December 2026"], unit=" %",
        ),
        "lines": line_chart(
            "Families waiting at the end of the month", list(zip(months, waiting, therapy, strict=True)),
            of="Month", series=["Family support", "Children’s therapy"],
        ),
        "headings": ["Family", "Open", "Last contact", "Weeks"],
        "table": [
            ["Novák", "14 weeks", "Tue 17 Nov, home visit", "14 of 26"],
            ["Okafor", "22 weeks", "Tue 3 Nov", "22 of 26"],
            ["Smith-Jones", "5 weeks", "Thu 19 Nov, school visit", "5 of 26"],
        ],
    }  # fmt: skip


@login_not_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Everything at rest; `?errors=1` shows the form as it comes back. Raises Http404 in production."""
    if settings.PRODUCTION:
        raise Http404
    data = {"at-day": "31", "at-month": "2", "at-year": "2026", "born-day": "27"} if request.GET.get("errors") else None
    return render(request, "gallery/gallery.html", {"form": EveryField(data), "filter": ListFilter(), **examples()})
