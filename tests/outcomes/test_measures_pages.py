"""Measures as people meet them: the form, the step on safety, over time, what is due, the settings."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outcomes.measures.services import agree_measure
from outcomes.models import AgreedMeasure, Instrument, Measure, MeasureResult
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_measures import PHQ, answer
from tests.queries import queries


def posted(values: dict[str, Any], **more: Any) -> dict[str, Any]:
    day = timezone.localdate()
    return {
        **{f"q_{key}": "" if value is None else str(value) for key, value in values.items()},
        "occasion": "start",
        "how": "together",
        "taken_on-day": day.day,
        "taken_on-month": day.month,
        "taken_on-year": day.year,
        "once": str(uuid4()),
        **more,
    }


def test_a_question_passed_over_is_noticed_and_not_saying_is_an_answer(cast: Cast, client: Client) -> None:
    url = reverse("measure-take", args=[cast.case.pk, "ons4"])
    page = sign_in(client, cast.practitioner).get(url).content.decode()
    assert "Overall, how anxious did you feel yesterday?" in page and "completely anxious" in page
    # Nothing is chosen beforehand, not even that nothing is said.
    assert page.count("checked") == 2
    values = {"life_satisfaction": 6, "worthwhile": None, "happiness": 7, "anxiety": 2}
    data = posted(values, person=str(cast.mother.pk))
    left_out = {name: value for name, value in data.items() if name != "q_anxiety"}
    refused = client.post(url, left_out)
    assert refused.status_code == 422 and list(refused.context["form"].errors) == ["q_anxiety"]
    assert refused.content.decode().count("checked") == 6
    saved = client.post(url, data)
    assert saved.status_code == 302
    shown = client.get(saved.url).content.decode()
    assert "Not said or not asked" in shown and "Very low" not in shown and ">Low<" in shown
    with as_(cast.practitioner):
        assert MeasureResult.objects.get().answers["worthwhile"] is None


def test_the_step_on_safety_stands_between_the_answer_and_saving(cast: Cast, client: Client) -> None:
    url = reverse("measure-take", args=[cast.case.pk, "phq-9"])
    page = sign_in(client, cast.practitioner).get(url).content.decode()
    # Who is to be rung stands in the page before anything is chosen, hidden until it is.
    assert "Dee Example" in page and 'data-risk="yes"' in page and "eh-safety--on" not in page
    data = posted({**PHQ, "q9": 2}, person=str(cast.mother.pk))
    refused = client.post(url, data)
    assert refused.status_code == 422 and list(refused.context["form"].errors) == ["done"]
    assert "eh-safety--on" in refused.content.decode()
    saved = client.post(url, {**data, "done": "Rang Dee. Her sister is with her."})
    assert saved.status_code == 302
    assert "Her sister is with her" in client.get(saved.url).content.decode()
    assert "risk of significant harm" in client.get(reverse("case", args=[cast.case.pk])).content.decode().lower()


def test_over_time_with_bands_and_corrections_in_few_queries(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        first = answer(cast, cast.practitioner, "gad-7", {**{f"q{n}": 3 for n in range(1, 8)}, "difficulty": 2})
        for n in range(4):
            answer(cast, cast.practitioner, "gad-7", {**{f"q{m}": 1 for m in range(1, 8)}, "difficulty": n % 2})
    sign_in(client, cast.practitioner)
    tab = reverse("case-outcomes", args=[cast.case.pk])
    history = reverse("measure-history", args=[cast.case.pk, "gad-7"])
    page = client.get(tab).content.decode()
    assert "21" in page and ">Severe<" in page and ">Mild<" in page and ">Better<" in page
    assert len(queries(client, tab)) <= 13
    assert len(queries(client, history)) <= 12
    correct = reverse("measure-correct", args=[first.pk])
    assert 'value="3" checked' in client.get(correct).content.decode().replace("  ", " ")
    changed = posted({**{f"q{n}": 2 for n in range(1, 8)}, "difficulty": 2}, person="family", reason="Misread")
    assert client.post(correct, {**changed, "person": str(cast.mother.pk)}).status_code == 302
    page = client.get(history).content.decode()
    assert "Corrected" in page and "Misread" in page


def test_a_clinical_supervisor_reads_it_from_home_and_the_leader_sees_that_it_took_place(
    cast: Cast, client: Client
) -> None:
    with as_(cast.therapist):
        made = answer(cast, cast.therapist, person=cast.mother)
    url = reverse("measure", args=[made.pk])
    home = sign_in(client, cast.supervisor).get(reverse("home")).content.decode()
    assert url in home
    page = client.get(url).content.decode()
    assert "Feeling down" in page and cast.mother.first_name not in page
    page = sign_in(client, cast.leader).get(url).content.decode()
    assert "Feeling down" not in page and "therapy or counselling" in page


def test_what_is_due_shows_in_my_work_until_it_is_asked(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        ons4 = Instrument.objects.get(code="ons4")
        agree_measure(by=cast.practitioner, case=cast.case, instrument=ons4, person=None, every_weeks=4)
        AgreedMeasure.objects.update(starts_on=timezone.localdate() - timedelta(days=20))
    home = reverse("home")
    sign_in(client, cast.practitioner)
    assert "ONS4 personal wellbeing" in client.get(home).content.decode()
    assert len(queries(client, home)) <= 13
    client.post(
        reverse("measure-take", args=[cast.case.pk, "ons4"]),
        posted({"life_satisfaction": 6, "worthwhile": 6, "happiness": 7, "anxiety": 2}, person="family"),
    )
    with as_(cast.practitioner):
        assert Measure.objects.count() == 1
    assert "ONS4 personal wellbeing" not in client.get(home).content.decode()


def test_a_manager_switches_on_for_every_new_case(cast: Cast, client: Client) -> None:
    url = reverse("settings-measure", args=["ons4"])
    sign_in(client, cast.manager)
    assert client.post(url, {"in_use": "every", "every_weeks": "60"}).status_code == 422
    assert client.post(url, {"in_use": "every", "every_weeks": "12"}).status_code == 302
    tab = reverse("case-outcomes", args=[cast.case.pk])
    # The case was opened before that day.
    assert "due by" not in sign_in(client, cast.practitioner).get(tab).content.decode()
    Instrument.objects.filter(code="ons4").update(every_case_from=timezone.localdate() - timedelta(days=30))
    assert "due by" in client.get(tab).content.decode()
