"""The bases of forms: token, version, messages, markup that needs neither script nor inline style."""

import re
import uuid
from typing import Any

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import override

from cluster_ehs.core.form_markup import error_entries
from cluster_ehs.core.forms import EhsFilterForm, EhsForm, Score, ScoreField, TickRadios, Ticks, YesNoField
from cluster_ehs.core.gallery import EveryField

ASKED = "Choose an answer"


class Note(EhsForm):
    note = forms.CharField(label="What happened?", widget=forms.Textarea, max_length=20)
    reference = forms.CharField(label="Reference", required=False)
    when = forms.CharField(label="When")


def test_each_rendering_has_its_own_token_and_a_failed_form_keeps_it() -> None:
    first, second = (re.search(r'name="once" value="([^"]+)"', render_crispy_form(Note())) for _ in range(2))
    assert first and second
    assert first[1] != second[1]
    again = Note({"once": first[1], "note": ""})
    assert not again.is_valid()
    assert f'value="{first[1]}"' in render_crispy_form(again)


def test_the_service_gets_what_was_entered_and_nothing_else() -> None:
    token = uuid.uuid4()
    form = Note({"note": "Seen", "when": "Today", "once": str(token), "version": "3"}, version=4)
    assert form.is_valid(), form.errors
    assert form.values == {"note": "Seen", "reference": "", "when": "Today"}
    assert form.token == token
    assert form.seen_version == 3


def test_a_missing_answer_names_its_question() -> None:
    form = Note({})
    assert form.errors["note"] == ["Answer “What happened?”"]
    assert form.errors["when"] == ["Enter when"]


def test_what_is_beyond_a_limit_names_its_field_and_the_limit() -> None:
    class Limits(EhsForm):
        postcode = forms.CharField(label="Postcode", max_length=10)
        weeks = forms.IntegerField(label="How many more weeks?", min_value=1, max_value=52)
        own = forms.CharField(max_length=1, error_messages={"max_length": "One letter is enough"})

    sent = {"postcode": "It began in September", "weeks": "60", "own": "ab"}
    assert Limits(sent).errors == {
        "postcode": ["Postcode must be 10 characters or fewer"],
        "weeks": ["“How many more weeks?” must be 52 or less"],
        "own": ["One letter is enough"],
    }
    assert Limits({**sent, "weeks": "0"}).errors["weeks"] == ["“How many more weeks?” must be 1 or more"]
    with override("ro"):
        assert Limits(sent).errors["postcode"] == ["Textul este prea lung. Vă rugăm să îl scurtați"]


def test_optional_is_said_and_required_is_not() -> None:
    html = render_crispy_form(Note())
    assert html.count("(optional)") == 1
    assert re.search(r"Reference\s*<span[^>]*>\(optional\)", html)
    assert "required" not in html


def test_text_over_the_limit_is_counted_and_told_but_not_cut() -> None:
    form = Note({"note": "x" * 21, "when": "y"})
    html = render_crispy_form(form)
    assert "x" * 21 in html
    assert 'data-maxlength="20"' in html
    assert " maxlength=" not in html
    assert "20" in form.errors["note"][0]


def test_a_text_that_begins_with_a_line_break_keeps_it() -> None:
    assert ">\n\nSecond line</textarea>" in render_crispy_form(Note(initial={"note": "\nSecond line"}))


def test_text_is_escaped() -> None:
    form = Note({"note": "</textarea><script>", "reference": '"><b>', "when": ""})
    html = render_crispy_form(form)
    assert "<script>" not in html
    assert "<b>" not in html


def test_the_layout_shows_the_summary_once() -> None:
    form = Note({})
    page = Template("{% load crispy_forms_tags %}{% error_summary form %}<h1>x</h1>{% crispy form %}")
    html = page.render(Context({"form": form}))
    assert html.count("govuk-error-summary__title") == 1
    assert html.index("govuk-error-summary__title") < html.index("<h1>")


def test_what_several_questions_say_alike_names_the_question() -> None:
    class Asked(EhsForm):
        happy = forms.ChoiceField(label="How happy?", error_messages={"required": ASKED})
        calm = forms.ChoiceField(label=mark_safe("<b>Tom &amp; Di</b>"), error_messages={"required": ASKED})
        name = forms.CharField(error_messages={"required": "Enter a name"})

    assert [entry.text for entry in error_entries(Asked({}))] == [
        f"How happy? {ASKED}",
        f"Tom & Di: {ASKED}",
        "Enter a name",
    ]


@pytest.mark.urls("tests.core.look_urls")
def test_a_form_with_a_draft_key_says_where_to_save() -> None:
    html = render_crispy_form(Note(draft_key="contact:1", draft_version=7))
    assert f'data-draft-url="{reverse("draft-save")}"' in html
    assert 'data-draft-key="contact:1"' in html
    assert 'data-draft-version="7"' in html
    assert "data-draft-state" in html
    assert "data-draft" not in render_crispy_form(Note())


def test_a_filter_form_is_sent_by_get_without_a_token() -> None:
    class Filter(EhsFilterForm):
        status = forms.ChoiceField(choices=[("", "Any")], required=False)

    html = render_crispy_form(Filter())
    assert 'method="get"' in html
    assert "once" not in html
    assert "csrf" not in html
    assert "(optional)" not in html


@pytest.mark.parametrize("bound", [False, True])
def test_no_form_has_inline_styles_or_scripts(bound: bool) -> None:
    html = render_crispy_form(EveryField({} if bound else None))
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script|javascript:", html)


def test_every_label_belongs_to_an_input_and_no_id_is_there_twice() -> None:
    html = render_crispy_form(EveryField({}))
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'\sfor="([^"]+)"', html) + re.findall(r'href="#([^"]+)"', html)
    described = " ".join(re.findall(r'aria-describedby="([^"]+)"', html)).split()
    assert set(targets + described) <= set(ids)


@pytest.mark.parametrize(("value", "expected"), [("0", 0), ("10", 10), ("", None)])
def test_a_score_is_0_to_10_or_not_asked(value: str, expected: int | None) -> None:
    assert ScoreField(required=False).clean(value) == expected


@pytest.mark.parametrize("value", ["11", "-1", "5.5", "five"])
def test_another_score_is_refused(value: str) -> None:
    with pytest.raises(forms.ValidationError, match="whole number from 0 to 10"):
        ScoreField(required=False).clean(value)


def test_last_times_score_is_marked_and_said() -> None:
    class Scores(EhsForm):
        goal = ScoreField(label="Goal", widget=Score(was=6))

    html = render_crispy_form(Scores())
    assert html.count("eh-score__item--was") == 1
    assert re.search(r'value="6"[^>]*>\s*<label[^>]*>6<span[^>]*>, last time’s score', html)


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("no", False), ("unknown", None)])
def test_yes_no_and_not_known(value: str, expected: bool | None) -> None:
    assert YesNoField(unknown=True).clean(value) is expected


def test_a_yes_that_is_stored_is_chosen() -> None:
    class Asked(EhsForm):
        interpreter = YesNoField()

    html = render_crispy_form(Asked(initial={"interpreter": False}))
    assert re.search(r'value="no"[^>]*checked|checked[^>]*value="no"', html)


@pytest.mark.parametrize("widget", [Ticks, TickRadios])
def test_chips_are_real_inputs(widget: Any) -> None:
    class Chips(EhsForm):
        who = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], widget=widget)

    html = render_crispy_form(Chips(initial={"who": ["b"]}))
    assert html.count("eh-ticks__input") == 2
    assert html.count(" checked") == 1
    assert "<fieldset" in html
