"""Every page of casework: who opens it, what it says, what it costs."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseService, Contact, Extension, Goal, GoalStatus, Task
from cases.services import (
    Answer,
    Heard,
    Said,
    Step,
    ToDo,
    add_meeting,
    ask_extension,
    log_contact,
    review_plan,
    set_goal,
)
from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Entitlement
from families.models import Person
from tests.fixtures_cast import (
    a_contact,
    a_family,
    a_person,
    a_referral,
    a_service,
    an_open_case,
    as_,
    decided,
    sign_in,
)

# The test's own transaction makes a savepoint of the request's, and its end forgets the scope twice.
OF_THE_TEST = 4

TABS = [
    "case",
    "case-plan",
    "case-contacts",
    "case-services",
    "case-people",
    "case-meetings",
    "case-chronology",
]
FORMS = ["contact-new", "goal-new", "case-review", "case-meeting-new", "task-new", "case-worry", "case-share"]


def when(at):
    local = timezone.localtime(at)
    return {
        "at-day": local.day,
        "at-month": local.month,
        "at-year": local.year,
        "at-time": f"{local:%H:%M}",
    }


def posted(cast, **extra):
    """A contact as the page sends it."""
    return {
        "once": str(uuid.uuid4()),
        "people": [str(cast.child.pk)],
        "kind": "home_visit",
        "attendance": "attended",
        "note": "Three school days of five.",
        **when(timezone.now()),
    } | extra


@pytest.fixture
def busy(cast):
    """The case with something on every tab."""
    rule = Entitlement.objects.create(
        service=a_service("family_support"), effective_from="2020-01-01", weeks=4, extendable=True, rhythm="weekly"
    )
    with as_(cast.practitioner):
        CaseService.objects.filter(case=cast.case, worker=cast.practitioner).update(entitlement=rule)
        goal = set_goal(
            by=cast.practitioner,
            case=cast.case,
            words="Mornings without shouting",
            whose=cast.mother,
            baseline=3,
            target=8,
            agreements={cast.child.pk: Answer(False, "only if Marek walks me")},
            actions=[Step("Walk to school together", "Marek")],
        )
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="home_visit",
            at=timezone.now(),
            people=[cast.child, cast.mother],
            note="A good morning.",
            heard={cast.child.pk: Heard("I like it.")},
            scores={goal.pk: 6},
            next_step="School visit",
            next_step_on=timezone.localdate() + timedelta(days=2),
        )
        review_plan(by=cast.practitioner, case=cast.case, decisions="Carry on.", took_part="Jana")
        add_meeting(
            by=cast.practitioner,
            case=cast.case,
            held_at=timezone.now() + timedelta(days=3),
            said=Said(tasks=(ToDo("Ring the landlord", cast.practitioner, timezone.localdate() - timedelta(days=2)),)),
        )
        service = CaseService.objects.get(case=cast.case, worker=cast.practitioner)
        ask_extension(by=cast.practitioner, case_service=service, weeks=6, reason="Housing takes longer.")
    return cast


@pytest.mark.parametrize("name", TABS)
def test_tabs_open_for_the_cluster_and_leave_a_look(busy, client, name):
    url = reverse(name, args=[busy.case.pk])
    for user in (busy.practitioner, busy.leader, busy.colleague, busy.therapist):
        sign_in(client, user)
        answer = client.get(url)
        assert answer.status_code == 200
        assert "Novák family" in answer.content.decode()
    with as_(busy.leader):
        assert Look.objects.filter(family_id=busy.family.pk, page__startswith="case: ").count() == 4
    for user in (busy.other_practitioner, busy.manager, busy.referrer, busy.guest):
        sign_in(client, user)
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", FORMS)
def test_forms_open_for_those_who_write_and_say_why_not_to_others(busy, client, name):
    url = reverse(name, args=[busy.case.pk])
    for user, status in (
        (busy.practitioner, 200),
        (busy.leader, 200),
        (busy.colleague, 403),
        (busy.other_practitioner, 404),
        (busy.manager, 404),
    ):
        sign_in(client, user)
        answer = client.get(url)
        assert answer.status_code == status, (name, user)
        if status == 403:
            assert "Only the lead worker" in answer.content.decode()


def test_the_overview_says_it_in_one_look(busy, client):
    sign_in(client, busy.practitioner)
    text = client.get(reverse("case", args=[busy.case.pk])).content.decode()
    for said in (
        "“Mornings without shouting”",
        "Jana’s goal; Zdeňka: “only if Marek walks me”",
        "<b>6</b> now, 3 at the start, aim 8",
        "A good morning.",
        "School visit",
        "Log a contact",
        "The notes of this session are for its worker",
        "Lead worker Asha Example",
    ):
        assert said in text, said
    assert "What was said in therapy." not in text


def test_a_reader_sees_no_button_to_write(busy, client):
    sign_in(client, busy.colleague)
    text = client.get(reverse("case", args=[busy.case.pk])).content.decode()
    assert "Log a contact" not in text


@pytest.mark.parametrize("name", TABS)
@pytest.mark.parametrize("rows", [5, 25, 100])
def test_a_tab_costs_the_same_with_5_25_and_100_contacts(busy, client, name, rows, django_assert_max_num_queries):
    with as_(busy.practitioner):
        for n in range(rows):
            a_contact(busy.case, author=busy.practitioner, text=f"Contact {n}")
    sign_in(client, busy.practitioner)
    with django_assert_max_num_queries(12 + OF_THE_TEST):
        assert client.get(reverse(name, args=[busy.case.pk])).status_code == 200


def test_logging_a_contact(busy, client):
    sign_in(client, busy.practitioner)
    url = reverse("contact-new", args=[busy.case.pk])
    with as_(busy.practitioner):
        goal = Goal.objects.get()
    page = client.get(url).content.decode()
    assert "last time 6" in page
    answer = client.post(url, posted(busy, **{f"score_{goal.pk}": "7", f"said_{busy.child.pk}": "Good."}))
    assert answer.status_code == 302
    with as_(busy.practitioner):
        contact = Contact.objects.order_by("-created_at").first()
        assert contact.scores.get().score == 7
        assert contact.notes.get().text == "Three school days of five."


def test_a_double_submit_makes_one_contact(busy, client):
    sign_in(client, busy.practitioner)
    url = reverse("contact-new", args=[busy.case.pk])
    data = posted(busy)
    with as_(busy.practitioner):
        before = Contact.objects.count()
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    with as_(busy.practitioner):
        assert Contact.objects.count() == before + 1


def test_errors_name_the_field_keep_the_text_and_the_corrected_form_is_taken(busy, client):
    sign_in(client, busy.practitioner)
    url = reverse("contact-new", args=[busy.case.pk])
    with as_(busy.practitioner):
        goal = Goal.objects.get()
        before = Contact.objects.count()
    data = posted(busy, **{f"said_{busy.child.pk}": "Keep these words."})
    future = when(timezone.now() + timedelta(days=2))
    for wrong, said in (
        ({f"score_{goal.pk}": "11"}, "from 0 to 10"),
        (future, "must be now or in the past"),
        ({"note": " "}, "Enter what happened"),
        ({"people": []}, "Tick who was there"),
        ({"at-day": "31", "at-month": "2"}, "must be a real date"),
    ):
        answer = client.post(url, data | wrong)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert said in text
        assert "Keep these words." in text
        assert 'class="govuk-error-summary"' in text
    with as_(busy.practitioner):
        assert Contact.objects.count() == before
    assert client.post(url, data).status_code == 302


def test_a_closed_case_is_read_not_written(busy, client):
    with as_(busy.leader):
        Case.objects.filter(pk=busy.case.pk).update(status="closing", imported=True)
        Case.objects.filter(pk=busy.case.pk).update(status="closed", closed_on=timezone.localdate())
    sign_in(client, busy.practitioner)
    assert client.get(reverse("case", args=[busy.case.pk])).status_code == 200
    answer = client.post(reverse("contact-new", args=[busy.case.pk]), posted(busy))
    assert answer.status_code == 403
    assert "was closed on" in answer.content.decode()


def test_a_worry_flags_the_record_and_tells_the_leader(busy, client, db):
    sign_in(client, busy.practitioner)
    url = reverse("case-worry", args=[busy.case.pk])
    assert client.post(url, {"worry": ""}).status_code == 422
    assert client.post(url, {"worry": "Bruises on both arms.", "once": str(uuid.uuid4())}).status_code == 302
    text = client.get(reverse("case", args=[busy.case.pk])).content.decode()
    assert "Risk of significant harm: no step up recorded" in text


def test_goals_through_the_pages(busy, client):
    sign_in(client, busy.practitioner)
    url = reverse("goal-new", args=[busy.case.pk])
    for words in ("In school every day", "Somewhere dry to live"):
        assert client.post(url, {"words": words, "once": str(uuid.uuid4())}).status_code == 302
    answer = client.post(url, {"words": "A fourth", "once": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "at most three goals" in answer.content.decode()
    plan = client.get(reverse("case-plan", args=[busy.case.pk])).content.decode()
    assert "at most three goals" in plan
    with as_(busy.practitioner):
        goal = Goal.objects.get(words="In school every day")
    end = reverse("goal-end", args=[busy.case.pk, goal.pk])
    assert client.post(end, {"status": "dropped", "reason": ""}).status_code == 422
    assert client.post(end, {"status": "achieved"}).status_code == 302
    assert client.post(url, {"words": "A fourth", "once": str(uuid.uuid4())}).status_code == 302


def test_the_second_editor_of_a_goal_sees_both_texts(busy, client):
    with as_(busy.practitioner):
        goal = Goal.objects.get(status=GoalStatus.LIVE)
    url = reverse("goal-edit", args=[busy.case.pk, goal.pk])
    sign_in(client, busy.practitioner)
    assert client.post(url, {"words": "First", "version": "1", "once": str(uuid.uuid4())}).status_code == 302
    answer = client.post(url, {"words": "Second", "version": "1", "once": str(uuid.uuid4())})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "First" in text
    assert 'value="Second"' in text
    with as_(busy.practitioner):
        assert Goal.objects.get(pk=goal.pk).words == "First"
    assert 'name="version" value="2"' in text


def test_extensions_are_asked_and_answered(busy, client):
    with as_(busy.leader):
        extension = Extension.objects.get()
    url = reverse("extension-answer", args=[extension.pk])
    sign_in(client, busy.practitioner)
    assert client.get(url).status_code == 403
    sign_in(client, busy.leader)
    assert client.post(url, {"approve": "no", "answer": ""}).status_code == 422
    assert client.post(url, {"approve": "yes"}).status_code == 302
    assert client.post(url, {"approve": "yes"}).status_code == 409
    text = client.get(reverse("case-services", args=[busy.case.pk])).content.decode()
    assert "of 10 weeks" in text


def test_a_task_is_done_by_its_owner(busy, client):
    with as_(busy.practitioner):
        task = Task.objects.get()
    url = reverse("task-done", args=[busy.case.pk, task.pk])
    sign_in(client, busy.colleague)
    assert client.post(url).status_code == 403
    sign_in(client, busy.practitioner)
    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 409


def test_the_chronology_is_filtered_by_kind_and_days(busy, client):
    sign_in(client, busy.leader)
    url = reverse("case-chronology", args=[busy.case.pk])
    everything = client.get(url).content.decode()
    for said in (
        "Home visit",
        "Goal agreed",
        "Mornings without shouting” 6",
        "Plan reviewed",
        "Lead worker: Asha",
        "Team around the family",
    ):
        assert said in everything, said
    assert "What was said in therapy." not in everything
    scores = client.get(url, {"kind": "scores"}).content.decode()
    assert "shouting” 6" in scores
    assert "Plan reviewed" not in scores
    past = client.get(url, {"until": f"{timezone.localdate() - timedelta(days=5):%Y-%m-%d}"}).content.decode()
    assert "Lead worker: Asha" in past
    assert "shouting” 6" not in past
    assert client.get(url, {"since": "2026-02-31", "kind": "x"}).status_code == 200


def waiting_offer(cast):
    with as_(cast.leader):
        return decided(cast.referral, by=cast.leader).offers.get()


def test_allocation_shows_the_effect_and_allocates(cast, client):
    offer = waiting_offer(cast)
    url = reverse("allocate", args=[offer.pk])
    sign_in(client, cast.practitioner)
    assert client.get(url).status_code == 403
    sign_in(client, cast.other_leader)
    assert client.get(url).status_code == 404
    sign_in(client, cast.leader)
    page = client.get(url).content.decode()
    assert "1 of 14 now, 2 of 14 after" in page
    assert client.post(url, {"once": str(uuid.uuid4())}).status_code == 422
    data = {"lead_worker": str(cast.colleague.pk), "worker": "", "once": str(uuid.uuid4())}
    first, again = client.post(url, data), client.post(url, data)
    assert (first.status_code, again.status_code) == (302, 302)
    assert first.url == again.url
    other = client.post(url, data | {"once": str(uuid.uuid4()), "worker": str(cast.colleague.pk)})
    assert other.status_code == 409
    assert "Ben Example" in other.content.decode()


@pytest.mark.parametrize("rows", [5, 25, 100])
def test_homes_and_lists_cost_the_same_with_5_25_and_100_cases(cast, client, rows, django_assert_max_num_queries):
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for n in range(rows):
            family = a_family(cast.cluster, f"Invented {n}", number=100 + n)
            child = a_person(family, "Sam", born=timezone.localdate() - timedelta(days=3000), school=cast.school)
            an_open_case(a_referral(child, number=100 + n), lead=cast.practitioner, leader=cast.leader, number=100 + n)
    for user, name, most in (
        # What came in from outside, and what must not wait, stand on a practitioner's home too.
        # So do meetings to record and the own supervision.
        (cast.practitioner, "home", 12),
        # Screening, waiting lists, the ledger, loans, transfers, duplicates, overdue supervision, sign-off and who
        # is left behind are on a leader's home too.
        (cast.leader, "home", 14),
        # Of every Cluster; the figures and what is due are kept for some minutes.
        (cast.manager, "home", 9),
        (cast.practitioner, "case-list", 8),
        (cast.leader, "case-list", 8),
        (cast.manager, "case-list", 8),
        (cast.supervisor, "supervised-sessions", 8),
        (cast.practitioner, "contact-choose", 8),
    ):
        sign_in(client, user)
        if name == "home":
            client.get(reverse(name))
        with django_assert_max_num_queries(most + OF_THE_TEST):
            assert client.get(reverse(name)).status_code == 200


def test_the_list_pages_by_key_and_shows_what_one_may_see(cast, client):
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for n in range(30):
            family = a_family(cast.cluster, f"Invented {n}", number=100 + n)
            an_open_case(
                a_referral(a_person(family, "Sam"), number=100 + n),
                lead=cast.practitioner,
                leader=cast.leader,
                number=100 + n,
            )
    sign_in(client, cast.practitioner)
    first = client.get(reverse("case-list"), {"show": "open"})
    seen = [row.case.pk for row in first.context["rows"]]
    second = client.get(reverse("case-list") + first.context["older"])
    seen += [row.case.pk for row in second.context["rows"]]
    assert len(seen) == len(set(seen)) == 31
    assert "Smith-Jones" not in first.content.decode() + second.content.decode()
    sign_in(client, cast.manager)
    text = client.get(reverse("case-list")).content.decode()
    assert "RI-C2025-01" in text
    assert "Invented 1<" not in text
    assert "Sam" not in text
    sign_in(client, cast.referrer)
    assert client.get(reverse("case-list")).status_code == 403


def test_home_leads_to_what_is_overdue(busy, client):
    with as_(busy.practitioner):
        Case.objects.filter(pk=busy.case.pk).update(
            review_due_on=timezone.localdate() - timedelta(days=10),
            last_contact_on=timezone.localdate() - timedelta(days=22),
        )
    sign_in(client, busy.practitioner)
    text = client.get(reverse("home")).content.decode()
    for said in ("Plan review was due", "10 days", "No contact since", "Ring the landlord, was due", "School visit"):
        assert said in text, said
    sign_in(client, busy.leader)
    text = client.get(reverse("home")).content.decode()
    for said in ("Extensions to answer", "Caseload against capacity", "Running out"):
        assert said in text, said
    # What waits for the leader's answer stands before what is only to be known.
    places = [text.index(said) for said in ("Extensions to answer", "Waiting lists", "Caseload against capacity")]
    assert places == sorted(places)


def test_a_family_waiting_for_its_first_contact_is_new_for_its_worker(cast, client):
    offer = waiting_offer(cast)
    sign_in(client, cast.leader)
    client.post(
        reverse("allocate", args=[offer.pk]), {"lead_worker": str(cast.colleague.pk), "once": str(uuid.uuid4())}
    )
    sign_in(client, cast.colleague)
    assert "waits for a first contact" in client.get(reverse("home")).content.decode()


def test_the_supervisor_reads_sessions_and_notes_without_names(cast, client):
    sign_in(client, cast.supervisor)
    page = client.get(reverse("supervised-sessions")).content.decode()
    assert cast.case.reference in page
    assert "Novák" not in page
    note = client.get(reverse("supervised-session", args=[cast.session.pk]))
    assert "What was said in therapy." in note.content.decode()
    assert client.get(reverse("supervised-session", args=[cast.contact.pk])).status_code == 404
    for user in (cast.leader, cast.therapist, cast.manager):
        sign_in(client, user)
        assert client.get(reverse("supervised-sessions")).status_code == 403


def test_the_wider_network_is_asked_behind_a_fold_until_one_of_them_has_answered(cast, client):
    with as_(cast.practitioner):
        gran = a_person(cast.family, "Wanda", is_child=False, in_household=False)
        Person.objects.filter(pk=cast.mother.pk).update(in_household=True)
    sign_in(client, cast.practitioner)
    url = reverse("goal-new", args=[cast.case.pk])
    page = client.get(url).content.decode()
    fold = page.index("<span>Wanda</span>")
    assert page.index(f"says_{cast.mother.pk}") < fold < page.index(f"says_{gran.pk}")
    assert '<details class="eh-change"><summary><span>Wanda' in page
    again = client.post(url, {f"says_{gran.pk}": "no", "once": str(uuid.uuid4())})
    assert again.status_code == 422
    assert '<details class="eh-change" open><summary><span>Wanda' in again.content.decode()
