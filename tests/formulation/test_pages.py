"""The formulation as people meet it: six boxes, without a script too."""

from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse

from cases.models import Goal
from cases.services.plan import set_goal
from cluster_ehs.core.models import Draft, Look
from cluster_ehs.core.scope import acting_as_user
from formulation import selectors
from formulation.models import Factor, Formulation, GoalFactor, P
from formulation.services import Line, link_factor, save_formulation
from tests.fixtures_cast import Cast, as_, sign_in
from tests.queries import queries

PAGES = ("case-formulation", "formulation-edit", "formulation-new")


def address(cast: Cast, name: str = "formulation-edit") -> str:
    return reverse(name, args=[cast.case.pk])


def posted(**fields: object) -> dict[str, object]:
    return {
        "presenting-0-text": "Cries at the gate",
        "protective-0-text": "A close grandmother",
        "setting": "with_family",
        "made_on-day": "1",
        "made_on-month": "6",
        "made_on-year": "2026",
        "number": "1",
        "version": "0",
        "once": str(uuid4()),
        **fields,
    }


def saved(cast: Cast, *lines: Line) -> Formulation:
    with as_(cast.practitioner):
        lines = lines or (Line(P.PRESENTING, "Cries at the gate"), Line(P.PERPETUATING, "A damp flat"))
        return save_formulation(by=cast.practitioner, case=cast.case, lines=lines, person_ids=[cast.mother.pk])


def test_the_boxes_have_their_questions_and_three_empty_lines(cast: Cast, client: Client) -> None:
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    for words in ("What is the difficulty now?", "Strengths, people, school", 'name="predictive-2-text"', "Add lines"):
        assert words in page
    assert 'name="predictive-3-text"' not in page


def test_saving_leads_to_the_page_that_is_read(cast: Cast, client: Client) -> None:
    data = posted(people=[str(cast.mother.pk)], **{"presenting-0-person": str(cast.child.pk)})
    answer = sign_in(client, cast.practitioner).post(address(cast), data)
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.url).content.decode()
    for words in ("Cries at the gate", "A close grandmother", "Formulation of 1 June 2026", "Jana took part", "Zdeňka"):
        assert words in page
    with as_(cast.practitioner):
        assert Look.objects.filter(page="case: formulation", actor="Asha Example").count() == 1


def test_a_form_sent_twice_makes_one(cast: Cast, client: Client) -> None:
    data = posted()
    sign_in(client, cast.practitioner)
    assert [client.post(address(cast), data).status_code for _ in range(2)] == [302, 302]
    with as_(cast.practitioner):
        made = Formulation.objects.get()
        assert (made.version, made.factors.count()) == (1, 2)


def test_more_lines_without_a_script_keep_what_was_typed_and_save_nothing(cast: Cast, client: Client) -> None:
    data = posted(add="protective", summary="Half a thought")
    page = sign_in(client, cast.practitioner).post(address(cast), data).content.decode()
    assert "Cries at the gate" in page
    assert "Half a thought" in page
    assert 'name="protective-3-text"' in page
    assert "govuk-error-summary" not in page
    with as_(cast.practitioner):
        assert not Formulation.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"presenting-0-text": " ", "protective-0-text": ""}, "an empty formulation is not saved"),
        ({"presenting-0-text": "Long " + "x" * 300}, "has 305 characters; a factor has at most 300"),
        ({"made_on-year": "2101"}, "must be today or in the past"),
        ({"presenting-0-person": str(uuid4())}, "names somebody who is not of this family"),
        ({"professionals": "x" * 301}, "Professionals who took part must be 300 characters or fewer"),
    ],
    ids=["empty", "301 characters", "future", "stranger", "professionals"],
)
def test_what_is_refused_is_named_and_kept(cast: Cast, client: Client, fields: dict[str, str], words: str) -> None:
    answer = sign_in(client, cast.practitioner).post(address(cast), posted(**fields, summary="Kept all the same"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Kept all the same" in page
    with as_(cast.practitioner):
        assert not Formulation.objects.exists()


def test_a_second_editor_sees_both_texts(cast: Cast, client: Client) -> None:
    first = saved(cast)
    with as_(cast.leader):
        factor = first.factors.get(p=P.PRESENTING)
        lines = [Line(P.PRESENTING, "Late on Mondays", factor_id=factor.pk), Line(P.PROTECTIVE, "Football")]
        save_formulation(by=cast.leader, case=cast.case, lines=lines, number=1, seen_version=1)
    data = posted(version="1", **{"presenting-0-factor": str(factor.pk)})
    answer = sign_in(client, cast.practitioner).post(address(cast), data)
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in (
        "Dee Example saved this formulation",
        "Late on Mondays",
        "Cries at the gate",
        "Football",
        "Save mine",
    ):
        assert words in page
    form = answer.context["form"]
    mine = {f"{row.name}-text": row.text for box in form.boxes for row in box.rows}
    mine |= {f"{row.name}-factor": row.factor for box in form.boxes for row in box.rows}
    again = client.post(address(cast), posted(**mine, version="2"))
    assert again.status_code == 302
    with as_(cast.practitioner):
        assert set(first.factors.values_list("text", flat=True)) == {
            "Cries at the gate",
            "A close grandmother",
            "Football",
        }


def test_the_draft_is_found_again_and_goes_with_the_save(cast: Cast, client: Client) -> None:
    key = f"formulation:{cast.case.pk}:1"
    with acting_as_user(cast.practitioner.pk):
        Draft.objects.create(user_id=cast.practitioner.pk, key=key, data={"presenting-0-text": ["Half a fac"]})
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    assert "Half a fac" in page
    assert "This is your draft" in page
    assert client.post(address(cast), posted()).status_code == 302
    with acting_as_user(cast.practitioner.pk):
        assert not Draft.objects.filter(key=key).exists()


def test_a_new_version_leaves_the_old_one_to_be_read(cast: Cast, client: Client) -> None:
    saved(cast)
    sign_in(client, cast.practitioner)
    assert "A damp flat" in client.get(address(cast, "formulation-new")).content.decode()
    data = posted(number="2", version="1")
    assert client.post(address(cast, "formulation-new"), data).status_code == 302
    old = client.get(reverse("formulation-version", args=[cast.case.pk, 1])).content.decode()
    assert "A damp flat" in old
    assert "This is an earlier version" in old
    assert "Use in the plan" not in old
    assert client.get(reverse("formulation-version", args=[cast.case.pk, 3])).status_code == 404


def test_who_reads_and_who_writes(cast: Cast, client: Client) -> None:
    saved(cast)
    expected = {
        cast.practitioner: (200, 200, 200),
        cast.leader: (200, 200, 200),
        cast.colleague: (200, 403, 403),
        cast.other_practitioner: (404, 404, 404),
        cast.manager: (404, 404, 404),
        cast.referrer: (404, 404, 404),
        cast.supervisor: (404, 404, 404),
    }
    for user, statuses in expected.items():
        sign_in(client, user)
        assert tuple(client.get(address(cast, name)).status_code for name in PAGES) == statuses, user.name
    sign_in(client, cast.colleague)
    assert client.post(address(cast), posted(version="1")).status_code == 403
    assert "Change it" not in client.get(address(cast, "case-formulation")).content.decode()


@pytest.mark.parametrize("many", [5, 25, 100])
def test_queries(cast: Cast, client: Client, many: int) -> None:
    saved(cast, *[Line(p, f"Factor {n}") for n in range(many // 5) for p in list(P)[:5]])
    sign_in(client, cast.practitioner)
    assert len(queries(client, address(cast, "case-formulation"))) == 10
    assert len(queries(client, address(cast))) == 11


def test_the_overview_says_why_we_are_here(cast: Cast, client: Client) -> None:
    saved(
        cast,
        Line(P.PRECIPITATING, "Zdeňka’s worries since the move."),
        Line(P.PERPETUATING, "A damp flat"),
        Line(P.PERPETUATING, "Broken sleep"),
        Line(P.PROTECTIVE, "A close grandmother"),
    )
    page = sign_in(client, cast.practitioner).get(reverse("case", args=[cast.case.pk])).content.decode()
    assert (
        "Zdeňka’s worries since the move (precipitating), kept going by a damp flat and broken sleep (perpetuating); "
        "a close grandmother (protective)."
    ) in page


def test_the_plan_shows_what_a_goal_addresses(cast: Cast, client: Client) -> None:
    made = saved(cast)
    with as_(cast.practitioner):
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Somewhere dry")
        link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=made.factors.get(p=P.PERPETUATING))
        assert GoalFactor.objects.count() == 1
    page = sign_in(client, cast.practitioner).get(address(cast, "case-formulation")).content.decode()
    assert "In the plan: “Somewhere dry”" in page


def used(cast: Cast, client: Client, factor: Factor, **fields: object) -> HttpResponse:
    url = reverse("factor-use", args=[cast.case.pk, factor.pk])
    return client.post(url, {"once": str(uuid4()), **fields})


def test_a_factor_is_used_in_a_new_goal_and_in_a_live_one(cast: Cast, client: Client) -> None:
    made = saved(cast)
    with as_(cast.practitioner):
        factors = list(made.factors.all())
    sign_in(client, cast.practitioner)
    url = reverse("factor-use", args=[cast.case.pk, factors[0].pk])
    assert factors[0].text in client.get(url).content.decode()
    assert "Enter the goal" in used(cast, client, factors[0], which="new").content.decode()
    data = {"which": "new", "words": "Somewhere dry", "once": str(uuid4())}
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    with as_(cast.practitioner):
        goal = Goal.objects.get()
    answer = used(cast, client, factors[1], which=str(goal.pk))
    assert answer.url == address(cast, "case-plan")
    with as_(cast.practitioner):
        assert {link.factor_id for link in goal.factor_links.all()} == {factor.pk for factor in factors}


def test_a_fourth_goal_is_not_offered_for_a_factor(cast: Cast, client: Client) -> None:
    made = saved(cast)
    with as_(cast.practitioner):
        factor = made.factors.first()
        for words in ("One", "Two", "Three"):
            set_goal(by=cast.practitioner, case=cast.case, words=words)
    sign_in(client, cast.practitioner)
    page = client.get(reverse("factor-use", args=[cast.case.pk, factor.pk])).content.decode()
    assert "at most three goals at once" in page
    assert "A new goal" not in page
    assert used(cast, client, factor, which="new", words="Four").status_code == 422
    sign_in(client, cast.colleague)
    assert used(cast, client, factor, which="new", words="Four").status_code == 403
    with as_(cast.practitioner):
        assert Goal.objects.count() == 3


def test_the_plan_is_told_what_each_goal_addresses(cast: Cast) -> None:
    made = saved(cast)
    with as_(cast.practitioner):
        factor = made.factors.get(p=P.PERPETUATING)
        goal = set_goal(by=cast.practitioner, case=cast.case, words="Somewhere dry")
        link_factor(by=cast.practitioner, case=cast.case, goal=goal, factor=factor)
        found = selectors.addressed(HttpRequest(), case=cast.case)
    assert found == {"by_goal": {goal.pk: ["A damp flat (perpetuating)"]}}


def test_two_versions_side_by_side(cast: Cast, client: Client) -> None:
    first = saved(cast)
    url = address(cast, "formulation-compare")
    assert "only one version" in sign_in(client, cast.practitioner).get(url).content.decode()
    with as_(cast.practitioner):
        cries, damp = first.factors.order_by("position")
        save_formulation(
            by=cast.practitioner,
            case=cast.case,
            lines=[
                Line(P.PRESENTING, "Goes in by herself", None, None, cries.pk),
                Line(P.PREDISPOSING, damp.text, None, None, damp.pk),
                Line(P.PROTECTIVE, "Grandmother close by"),
            ],
            number=2,
            seen_version=1,
        )
    page = client.get(url).content.decode()
    for words in ("Goes in by herself", "Changed", "Moved from Perpetuating", "Moved to Predisposing", "New"):
        assert words in page
    assert len(queries(client, url)) <= 12
    assert client.get(url, {"from": "1", "to": "9"}).status_code == 404
    assert "The same" in client.get(url, {"from": "1", "to": "1"}).content.decode()


def test_a_goal_takes_up_several_factors_at_once(cast: Cast, client: Client) -> None:
    made = saved(cast)
    with as_(cast.practitioner):
        first, second = made.factors.order_by("position")
    sign_in(client, cast.practitioner)
    page = client.get(reverse("factor-use", args=[cast.case.pk, first.pk])).content.decode()
    assert second.text in page
    assert used(cast, client, first, which="new", words="Dry", factors=[str(second.pk)]).status_code == 302
    with as_(cast.practitioner):
        assert {link.factor_id for link in Goal.objects.get().factor_links.all()} == {first.pk, second.pk}
    assert used(cast, client, first, which="new", words="Dry", factors=[str(uuid4())]).status_code == 422
