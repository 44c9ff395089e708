"""Closing as people meet it: the guided page, the leader's page, the outcomes tab, the family's exit plan."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Goal
from cases.services.plan import end_goal, set_goal
from cluster_ehs.core import slots
from cluster_ehs.core.models import Draft, Message
from outcomes.models import Closure, ExitPlan
from outcomes.services import return_closure
from tests.fixtures_cast import Cast, as_, sign_in
from tests.outcomes.test_services import asked, closed_case
from tests.queries import queries
from triage.models import Ending

WORDS = "Mornings without shouting"


def address(cast: Cast, name: str = "case-close") -> str:
    return reverse(name, args=[cast.case.pk])


def a_goal(cast: Cast, words: str = WORDS) -> Goal:
    with as_(cast.practitioner):
        return set_goal(by=cast.practitioner, case=cast.case, words=words, baseline=3, target=8)


def posted(goal: Goal | None = None, **fields: object) -> dict[str, object]:
    """What the page sends; names that end with _1 become those of the goal."""
    today = timezone.localdate()
    sent = {
        "outcomes": ["completed_full"],
        "closed_on-day": today.day,
        "closed_on-month": today.month,
        "closed_on-year": today.year,
        "result_1": "achieved",
        "score_1": "7",
        "in_place": "Gran rings every Monday",
        "family_view": "We laugh again",
        "once": str(uuid4()),
        **fields,
    }
    return {name.replace("_1", f"_{goal.pk}") if goal else name: value for name, value in sent.items()}


def on(days: int) -> dict[str, object]:
    day = timezone.localdate() + timedelta(days=days)
    return {"closed_on-day": day.day, "closed_on-month": day.month, "closed_on-year": day.year}


def a_closure(cast: Cast) -> Closure:
    with as_(cast.practitioner):
        return asked(cast, family_view="We laugh again")


# --- asking ---
def test_a_next_step_of_an_exit_plan_leads_to_it_and_any_other_to_a_contact(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    contact = reverse("contact-new", args=[cast.case.pk])
    for days in (-2, 2):
        for step, url in (("Write the Exit plan with Gran", address(cast)), ("Ring the school", contact)):
            with as_(cast.practitioner):
                due = timezone.localdate() + timedelta(days=days)
                Case.objects.filter(pk=cast.case.pk).update(next_step=step, next_step_on=due)
            page = client.get("/").content.decode()
            assert url in page[page.index(step) - 400 : page.index(step) + 400], (days, step)


def test_the_page_guides_through_goals_and_exit_plan(cast: Cast, client: Client) -> None:
    a_goal(cast)
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    for words in (WORDS, "Last time 3", "If things slip", "in the family’s own words", "Ring Asha Example on 0113"):
        assert words in page
    assert "as the publication prints" not in page
    assert 'value="completed"' not in page


def test_asking_leads_to_the_outcomes_and_tells_the_leader(cast: Cast, client: Client) -> None:
    answer = sign_in(client, cast.practitioner).post(address(cast), posted(a_goal(cast)))
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.url).content.decode()
    for words in ("Waiting for sign-off", "needs met in full", "Gran rings every Monday", "We laugh again"):
        assert words in page
    assert Message.objects.get().to == cast.leader.email
    assert client.get(address(cast)).status_code == 302


def test_a_form_sent_twice_asks_once(cast: Cast, client: Client) -> None:
    data = posted(a_goal(cast))
    sign_in(client, cast.practitioner)
    assert [client.post(address(cast), data).status_code for _ in range(2)] == [302, 302]
    assert client.post(address(cast), data | {"once": str(uuid4())}).status_code == 409
    with as_(cast.practitioner):
        assert Closure.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcomes": []}, "Choose at least one outcome: no case closes without one"),
        ({"outcomes": ["completed_full", "completed_nfa"]}, "Choose one of the three"),
        (on(1), "Closing date must be today or in the past"),
        (on(-400), "Closing date must be on or after the day the case was opened"),
        ({"closed_on-month": "13"}, "Closing date must"),
        ({"score_1": "11"}, f"The score of “{WORDS}” must be a whole number from 0 to 10"),
        ({"result_1": ""}, f"Choose how the goal “{WORDS}” ends"),
        ({"result_1": "dropped"}, f"Enter why the goal “{WORDS}” is dropped"),
        ({"outcomes": ["unresolved"]}, "Enter what is unresolved, and who knows about it"),
    ],
    ids=["none", "two completions", "future", "before", "month", "score", "no end", "no reason", "unresolved"],
)
def test_what_is_refused_is_named_and_kept(cast: Cast, client: Client, fields: dict[str, object], words: str) -> None:
    answer = sign_in(client, cast.practitioner).post(address(cast), posted(a_goal(cast), **fields))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "Gran rings every Monday" in page
    with as_(cast.practitioner):
        assert not Closure.objects.exists()
        assert Case.objects.get(pk=cast.case.pk).status == "open"


def test_a_refused_form_may_be_sent_again(cast: Cast, client: Client) -> None:
    data = posted(**on(1))
    sign_in(client, cast.practitioner)
    assert client.post(address(cast), data).status_code == 422
    assert client.post(address(cast), {**data, **on(0)}).status_code == 302


def test_a_page_older_than_the_plan_says_nothing_of_another_goal(cast: Cast, client: Client) -> None:
    """What was said of a goal that ended meanwhile, in a draft or a second tab, does not end the one in its place."""
    first = a_goal(cast)
    old = posted(first, result_1="dropped", reason_1="He does not want it any more", score_1="2")
    with as_(cast.practitioner):
        end_goal(by=cast.practitioner, goal=first, status="achieved")
    a_goal(cast, "Homework before tea")
    with as_(cast.practitioner):
        draft = {name: [str(value)] for name, value in old.items() if name != "outcomes"}
        Draft.objects.create(user_id=cast.practitioner.pk, key=f"close:{cast.case.pk}", data=draft)
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    assert "Gran rings every Monday" in page and "Homework before tea" in page
    assert "He does not want it" not in page and 'value="dropped" checked' not in page
    refused = client.post(address(cast), old)
    assert refused.status_code == 422
    assert "Choose how the goal “Homework before tea” ends" in refused.content.decode()


def test_a_goal_in_template_words_is_shown_as_words(cast: Cast, client: Client) -> None:
    a_goal(cast, "{% now 'Y' %} {{ case }} <b>bold</b>")
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    assert "&#123;% now &#x27;Y&#x27; %&#125; &#123;&#123; case &#125;&#125; &lt;b&gt;bold" in page


def test_a_returned_closure_comes_back_with_all_that_was_written(cast: Cast, client: Client) -> None:
    closure = a_closure(cast)
    with as_(cast.leader):
        return_closure(by=cast.leader, closure=closure, reason="Who stays in touch?")
    sign_in(client, cast.practitioner)
    page = client.get(address(cast)).content.decode()
    for words in ("Who stays in touch?", "Gran on Mondays", "We laugh again"):
        assert words in page
    request = client.get("/").wsgi_request
    with as_(cast.practitioner):
        rows = [row for work in slots.gather("my_work", request) for row in work["this_week"]]
    assert [row["action_url"] for row in rows if "returned" in row["title"]] == [address(cast)]


def test_the_draft_is_found_again(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        Draft.objects.create(
            user_id=cast.practitioner.pk, key=f"close:{cast.case.pk}", data={"school": ["Ms Invented at the d"]}
        )
    page = sign_in(client, cast.practitioner).get(address(cast)).content.decode()
    assert "Ms Invented at the d" in page
    assert "govuk-error-summary" not in page
    assert client.post(address(cast), posted()).status_code == 302
    with as_(cast.practitioner):
        assert not Draft.objects.exists()


# --- the leader's page ---
def test_the_leader_reads_it_all_on_one_page_and_signs(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner).post(address(cast), posted(a_goal(cast)))
    with as_(cast.leader):
        closure = Closure.objects.get()
    url = reverse("closure", args=[closure.pk])
    page = sign_in(client, cast.leader).get(url).content.decode()
    for words in (WORDS, "Achieved", "Gran rings every Monday", "We laugh again", "Nothing written under: Family and"):
        assert words in page
    for words in ("No reading at the end yet", "The needs at the end are not gone through yet"):
        assert words in page, "the leader signs knowing what is missing"
    data = {"act": "sign", "once": str(uuid4())}
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    with as_(cast.leader):
        assert Ending.objects.count() == 1
        assert Case.objects.get(pk=cast.case.pk).status == "closed"
    page = client.get(address(cast, "case-outcomes")).content.decode()
    for words in ("Signed off by Dee Example", "With its case", "Open the case again"):
        assert words in page
    second = client.post(url, {"act": "sign", "once": str(uuid4())})
    assert second.status_code == 409
    assert "Dee Example signed this closure off" in second.content.decode()


def test_a_return_needs_its_reason(cast: Cast, client: Client) -> None:
    url = reverse("closure", args=[a_closure(cast).pk])
    sign_in(client, cast.leader)
    answer = client.post(url, {"once": str(uuid4())})
    assert answer.status_code == 422
    assert "Enter why it goes back and what is missing" in answer.content.decode()
    assert client.post(url, {"once": str(uuid4()), "reason": "Who stays?"}).status_code == 302
    with as_(cast.leader):
        assert Closure.objects.get().status == "returned"


def test_the_leaders_home_shows_what_waits(cast: Cast, client: Client) -> None:
    closure = a_closure(cast)
    assert reverse("closure", args=[closure.pk]) in sign_in(client, cast.leader).get("/").content.decode()
    for user in (cast.practitioner, cast.other_leader, cast.manager):
        assert str(closure.pk) not in sign_in(client, user).get("/").content.decode()


# --- who ---
def test_who_reads_asks_and_signs(cast: Cast, client: Client) -> None:
    closure = a_closure(cast)
    with as_(cast.leader):
        return_closure(by=cast.leader, closure=closure, reason="More")
    urls = (address(cast, "case-outcomes"), address(cast), reverse("closure", args=[closure.pk]))
    expected = {
        cast.practitioner: (200, 200, 403),
        cast.leader: (200, 200, 200),
        cast.colleague: (200, 403, 403),
        cast.therapist: (200, 403, 403),
        cast.other_practitioner: (404, 404, 404),
        cast.other_leader: (404, 404, 404),
        cast.manager: (404, 404, 404),
        cast.referrer: (404, 404, 404),
    }
    for user, statuses in expected.items():
        sign_in(client, user)
        assert tuple(client.get(url).status_code for url in urls) == statuses, user.name
    sign_in(client, cast.practitioner)
    assert client.post(urls[2], {"act": "sign"}).status_code == 403


# --- opening again ---
def test_opening_again_from_the_page(cast: Cast, client: Client) -> None:
    closed_case(cast)
    url = address(cast, "case-reopen")
    assert sign_in(client, cast.practitioner).get(url).status_code == 403
    sign_in(client, cast.leader)
    assert "Asha Example (led it before)" in client.get(url).content.decode()
    refused = client.post(url, {"reason": "", "lead_worker": cast.colleague.pk})
    assert "Enter why the case is opened again" in refused.content.decode()
    answer = client.post(url, {"reason": "Gran fell ill", "lead_worker": cast.colleague.pk, "once": str(uuid4())})
    assert answer.status_code == 302
    assert "Opened again" in client.get(address(cast, "case-outcomes")).content.decode()


# --- the family's plan ---
def test_the_exit_plan_in_the_familys_words(cast: Cast, client: Client) -> None:
    closed_case(cast, exit_plan={"if_things_slip": "We sit down on Sunday", "who_stays": "Ms Invented"})
    page = sign_in(client, cast.colleague).get(address(cast, "exit-plan")).content.decode()
    for words in ("If things start to slip", "We sit down on Sunday", "Who stays in touch with us", "0113 496 0001"):
        assert words in page
    assert client.post(address(cast, "exit-plan-shared")).status_code == 302
    with as_(cast.colleague):
        assert ExitPlan.objects.get().shared_with_family_on == timezone.localdate()
    assert "was given its exit plan" in client.get(address(cast, "case-outcomes")).content.decode()


def test_there_is_no_exit_plan_before_a_closure(cast: Cast, client: Client) -> None:
    sign_in(client, cast.practitioner)
    assert client.get(address(cast, "exit-plan")).status_code == 404
    assert client.post(address(cast, "exit-plan-shared")).status_code == 404


def test_queries(cast: Cast, client: Client) -> None:
    goals = [a_goal(cast, words) for words in ("One", "Two", "Three")]
    sign_in(client, cast.practitioner)
    assert len(queries(client, address(cast))) <= 12
    said = {"result": "achieved", "score": "5"}
    three = {f"{part}_{goal.pk}": value for goal in goals for part, value in said.items()}
    assert client.post(address(cast), posted(**three)).status_code == 302
    assert len(queries(client, address(cast, "case-outcomes"))) <= 12
    with as_(cast.leader):
        closure = Closure.objects.get()
    sign_in(client, cast.leader)
    assert len(queries(client, reverse("closure", args=[closure.pk]))) <= 12
    assert len(queries(client, address(cast, "exit-plan"))) <= 12
