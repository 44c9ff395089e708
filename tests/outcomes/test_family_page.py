"""The family's page: a link of one person and a code told apart, a short visit, and nothing that is somebody else's."""

import re
from datetime import date, timedelta
from random import randrange
from typing import Any

import polib
import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import (
    Case,
    CaseMeeting,
    CaseService,
    FamilyLink,
    GoalAgreement,
    GoalScore,
    LeadWorker,
    MeetingAttendee,
    PlannedSession,
)
from cases.services import Answer, Step, end_goal, log_contact, set_goal
from cluster_ehs.core.catalogues import ROOT, texts_of
from cluster_ehs.core.denied import Conflict, Denied
from cluster_ehs.core.models import Change, Look, Message
from families.models import Family, Flag, Involvement, NamedReader, Person
from outcomes.family_page.forms import score_name
from outcomes.family_page.services import NewLink, make_family_link, withdraw_family_link
from outcomes.family_page.views import cookie_of
from outcomes.models import ExitPlan, FollowUp
from outcomes.services import GoalEnd, ask_closure, sign_off_closure
from referrals.public.languages import TRANSLATED
from referrals.public.texts import catalogue_of
from tests.fixtures_cast import Cast, a_person, as_, sign_in
from triage.models import Outcome

PAGES = [
    *sorted((settings.BASE_DIR / "templates/outcomes/family_page").glob("*.html")),
    *(settings.BASE_DIR / f"outcomes/family_page/{name}.py" for name in ("forms", "views", "selectors")),
]
SECRET = "Zzyxwvut"
PAGES = [page for page in PAGES if page.stem not in ("share", "change", "gone")]


def a_device() -> Client:
    """A browser at an address of its own: tries are counted by address, also over several runs of the tests."""
    return Client(REMOTE_ADDR=f"10.{randrange(255)}.{randrange(255)}.{randrange(255)}")


@pytest.fixture
def client() -> Client:
    return a_device()


@pytest.fixture
def link(cast: Cast) -> NewLink:
    with as_(cast.practitioner):
        set_goal(by=cast.practitioner, case=cast.case, words="Mornings without shouting", baseline=3, target=8)
        return make_family_link(by=cast.practitioner, case=cast.case, person=cast.mother)


def url(link: NewLink, name: str = "family-plan", **kwargs: Any) -> str:
    return reverse(name, kwargs={"token": link.token, **kwargs})


def enter(client: Client, link: NewLink, code: str = "") -> Any:
    return client.post(url(link), {"code": code or link.code})


def plan(client: Client, link: NewLink) -> str:
    return client.get(url(link)).content.decode()


def goal_of(cast: Cast) -> Any:
    with as_(cast.leader):
        return cast.case.plan.goals.get(words="Mornings without shouting")


def scored(goal: Any) -> str:
    return score_name(str(goal.pk))


def on(name: str, day: date) -> dict[str, int]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def close(cast: Cast, *, days_ago: int) -> FollowUp:
    """The case as it is when it was closed so many days ago; its first follow-up."""
    day = timezone.localdate() - timedelta(days=days_ago)
    Case.objects.filter(pk=cast.case.pk).update(opened_on=day - timedelta(days=90))
    LeadWorker.objects.filter(case=cast.case).update(starts_on=day - timedelta(days=90))
    cast.case.services.update(starts_on=day - timedelta(days=90))
    closure = ask_closure(
        by=cast.leader,
        case=cast.case,
        outcomes=[Outcome.COMPLETED_FULL, Outcome.UNRESOLVED],
        closed_on=day,
        goals=[GoalEnd(goal.pk, "achieved", 8) for goal in cast.case.plan.goals.all()],
        exit_plan={"in_place": "The picture list", "wider_family": "Aunt Hana rings"},
        unresolved=f"{SECRET} unresolved",
        follow_up_by=cast.practitioner,
    )
    sign_off_closure(by=cast.leader, closure=closure)
    return FollowUp.objects.get(case=cast.case, months=3)


# --- the link and the code ---
def test_the_code_opens_the_plan_in_plain_words(cast: Cast, client: Client, link: NewLink) -> None:
    asked = client.get(url(link))
    assert asked.status_code == 200
    for closed in ("Mornings", "Jana", "Novák", "Asha"):
        assert closed not in asked.content.decode()
    assert enter(client, link, link.code.lower().replace(" ", "")).status_code == 302
    answer = client.get(url(link))
    for said in ("“Mornings without shouting”", "For Jana", "Asha Example", "0113 496 0000", "0113 496 0001"):
        assert said in answer.content.decode(), said
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "same-origin"
    assert not re.search(r'(?:src|href)="(?:https?:)?//', answer.content.decode()), "nothing of anybody else's"
    with as_(cast.leader):
        assert [look.actor for look in Look.objects.filter(page="family's page")] == ["Jana, on the family’s page"]


def test_no_day_that_has_passed_is_promised(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    for days, promised in ((7, True), (-7, False)):
        with as_(cast.leader):
            Case.objects.filter(pk=cast.case.pk).update(review_due_on=timezone.localdate() + timedelta(days=days))
        assert ("We look at the plan together again by" in plan(client, link)) == promised


def test_only_digests_are_kept(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    key = client.cookies[cookie_of(link.token)]
    assert key["httponly"] and key["path"] == "/" and key["samesite"] == "Lax"
    assert link.token not in key.key
    with as_(cast.leader):
        tables = ["cases_familylink", "outcomes_familyvisit"]
        kept = str(list(FamilyLink.objects.values())) + str(
            list(Change.objects.filter(table_name__in=tables).values("after", "before"))
        )
    for secret in (link.token, link.code.replace(" ", ""), key.value):
        assert secret not in kept


def test_strangers_run_out_of_tries_and_the_family_does_not(cast: Cast, link: NewLink) -> None:
    """However many wrong codes come from elsewhere: a device that has opened the link before gets in at once."""
    mine = a_device()
    assert enter(mine, link).status_code == 302
    mine.post(url(link, "family-plan-leave"))
    for _ in range(30):
        answer = enter(a_device(), link, "WRONG234")
        assert answer.status_code == 422
    assert "wrong too often" in answer.content.decode()
    assert enter(a_device(), link).status_code == 422, "the right code, among the strangers"
    assert enter(mine, link).status_code == 302
    assert "Mornings" in plan(mine, link)
    with time_machine.travel(timezone.now() + timedelta(hours=2)), as_(cast.leader):
        # The clock of the database goes on by itself; what it would see in two hours:
        FamilyLink.objects.update(tries_since=timezone.now() - timedelta(hours=4))
    assert enter(a_device(), link).status_code == 302, "nobody is locked out for good"


def test_one_address_has_few_tries(cast: Cast, link: NewLink) -> None:
    stranger = a_device()
    said = [enter(stranger, link, "WRONG234").content.decode() for _ in range(9)]
    assert ["not the code" in text for text in said] == [True] * 8 + [False]
    assert "wrong too often" in said[-1]
    assert enter(a_device(), link).status_code == 302


def test_it_closes_by_itself_and_by_hand(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    with as_(cast.leader):
        cast.case.family_links.get().visits.update(until=timezone.now() - timedelta(hours=1))
    assert "Mornings" not in plan(client, link)
    enter(client, link)
    assert "Mornings" in plan(client, link)
    client.post(url(link, "family-plan-leave"))
    assert "Mornings" not in plan(client, link)


def _withdrawn(cast: Cast, link: NewLink) -> None:
    withdraw_family_link(by=cast.leader, link=link.link)
    with pytest.raises(Conflict):
        withdraw_family_link(by=cast.leader, link=link.link)


def _expired(cast: Cast, link: NewLink) -> None:
    FamilyLink.objects.update(expires_on=timezone.localdate() - timedelta(days=1))


def _kept_out(cast: Cast, link: NewLink) -> None:
    Person.objects.filter(pk=cast.mother.pk).update(involvement=Involvement.NOT_TO_BE)


def _moved_out(cast: Cast, link: NewLink) -> None:
    Person.objects.filter(pk=cast.mother.pk).update(in_household=False, involvement=Involvement.NOT_YET)


def _died(cast: Cast, link: NewLink) -> None:
    Person.objects.filter(pk=cast.mother.pk).update(deceased=True)


def _restricted(cast: Cast, link: NewLink) -> None:
    NamedReader.objects.create(cluster=cast.cluster, family=cast.family, user=cast.leader)
    Family.objects.filter(pk=cast.family.pk).update(restricted=True)


def _replaced(cast: Cast, link: NewLink) -> None:
    make_family_link(by=cast.leader, case=cast.case, person=cast.mother)


def _over(cast: Cast, link: NewLink) -> None:
    close(cast, days_ago=400)


@pytest.mark.parametrize("change", [_withdrawn, _expired, _kept_out, _moved_out, _died, _restricted, _replaced, _over])
def test_who_is_out_is_out_with_the_next_request(cast: Cast, client: Client, link: NewLink, change: Any) -> None:
    enter(client, link)
    goal = goal_of(cast)
    with as_(cast.leader):
        change(cast, link)
    assert client.get(url(link)).status_code == 404
    assert client.post(url(link, "family-plan-scores"), {scored(goal): 9}).status_code == 404
    said = client.post(url(link, "family-plan-goal", goal_id=goal.pk), {"agrees": "no", "why": "Too late"})
    assert said.status_code == 404
    assert enter(a_device(), link).status_code == 404
    with as_(cast.leader):
        assert not GoalScore.objects.filter(given_by__isnull=False).exists()
        assert not GoalAgreement.objects.exists()


def test_who_moved_out_and_takes_part_keeps_the_page_and_the_worker_is_told_of_the_others(
    cast: Cast, client: Client, link: NewLink
) -> None:
    enter(client, link)
    sign_in(staff := Client(), cast.practitioner)
    for involvement, opens in ((Involvement.INVOLVED, True), (Involvement.UNKNOWN, False)):
        with as_(cast.leader):
            Person.objects.filter(pk=cast.mother.pk).update(in_household=False, involvement=involvement)
        assert ("Mornings" in plan(client, link)) is opens
        said = "Jana lives elsewhere and is not involved in the plan"
        assert (said in staff.get(reverse("case-share", args=[cast.case.pk])).text) is not opens


def test_the_visit_of_one_link_opens_no_other(cast: Cast, client: Client, link: NewLink) -> None:
    with as_(cast.leader):
        father = a_person(cast.family, "Marek", is_child=False, involvement=Involvement.INVOLVED, in_household=False)
        second = make_family_link(by=cast.leader, case=cast.case, person=father)
        assert cast.case.family_links.filter(withdrawn_at=None).count() == 2
    enter(client, second)
    client.cookies[cookie_of(link.token)] = client.cookies[cookie_of(second.token)].value
    assert "For Marek" in plan(client, second)
    assert "Mornings" not in plan(client, link)


def test_who_may_give_one_and_who_may_have_one(cast: Cast, client: Client) -> None:
    for user in (cast.therapist, cast.colleague):
        with as_(user), pytest.raises(Denied, match="Only the lead worker"):
            make_family_link(by=user, case=cast.case, person=cast.mother)
    with as_(cast.leader):
        left_out = a_person(cast.family, "Marek", is_child=False, in_household=False)
    sign_in(client, cast.practitioner)
    page = reverse("case-share", args=[cast.case.pk])
    day = timezone.localdate() + timedelta(days=30)
    data = {"language": "ur", **on("expires_on", day)}
    for person in (cast.child, left_out):
        assert client.post(page, data | {"person": person.pk}).status_code == 422
    text = client.post(page, data | {"person": cast.mother.pk}).content.decode()
    token = re.search(r"/f/([\w-]{43})/", text)
    assert token, "shown once"
    assert token[1] not in client.get(page).content.decode()
    assert '<html lang="ur" dir="rtl"' in Client().get(f"/f/{token[1]}/").content.decode()


def test_a_link_is_renewed_without_telling_the_family_anything_new(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    worker = sign_in(Client(), cast.practitioner)
    page = worker.get(reverse("case-share", args=[cast.case.pk])).content.decode()
    assert "Opened 1 time" in page
    change = reverse("family-link", args=[cast.case.pk, link.link.pk])
    day = timezone.localdate() + timedelta(days=300)
    data = {"language": "cs", **on("expires_on", day)}
    assert worker.post(change, data).status_code == 302
    assert "Kdo vám pomáhá" in plan(client, link)
    late = day + timedelta(days=200)
    refused = worker.post(change, data | on("expires_on", late))
    assert refused.status_code == 422
    assert "within a year" in refused.content.decode()


# --- what it never shows ---
def test_nothing_of_anybody_else_stands_in_any_answer(cast: Cast, client: Client, link: NewLink) -> None:
    """Each thing that a page of the family must not say is put into the family, with a mark; no answer holds it."""
    today, keys = timezone.localdate(), {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    soon = timezone.now() + timedelta(days=3)
    goal = goal_of(cast)
    with as_(cast.leader):
        Family.objects.filter(pk=cast.family.pk).update(address=f"7 {SECRET} Refuge Row", postcode="LS8 9ZZ")
        father = a_person(cast.family, "Marek", is_child=False, in_household=False, other_address=f"9 {SECRET} Street")
        Person.objects.filter(pk=cast.child.pk).update(
            nhs_number="9434765919", upn="A801200001001", birth_date=today - timedelta(days=3333), telephone=SECRET
        )
        Flag.objects.create(**keys, kind=Flag.Kind.ADDRESS_NOT_SHARED, text=f"{SECRET} flag", not_to_be_told=father)
        Flag.objects.create(**keys, kind=Flag.Kind.VISITING_RISK, text=f"{SECRET} risk")
        Case.objects.filter(pk=cast.case.pk).update(next_step=f"{SECRET} next step", next_step_on=today)
        LeadWorker.objects.filter(case=cast.case).update(handover=f"{SECRET} handover")
        meeting = CaseMeeting.objects.create(
            **keys, case=cast.case, held_at=soon, author=cast.leader, place=f"{SECRET} hall", purpose=f"{SECRET} why"
        )
        apart = CaseMeeting.objects.create(**keys, case=cast.case, held_at=soon, author=cast.leader, place="Apart")
        MeetingAttendee.objects.create(**keys, meeting=apart, person=father, invited=True)
        therapy = CaseService.objects.get(case=cast.case, person=cast.child)
        for number, service in enumerate((None, therapy)):
            PlannedSession.objects.create(
                **keys,
                case=cast.case,
                case_service=service,
                worker=cast.therapist if service else cast.practitioner,
                planned_by=cast.leader,
                at=soon + timedelta(hours=number),
                place=f"{SECRET} place",
            )
    with as_(cast.practitioner):
        log_contact(
            by=cast.practitioner,
            case=cast.case,
            kind="phone",
            at=timezone.now(),
            people=[cast.mother],
            note=f"{SECRET} note",
            child_said=f"{SECRET} said",
            scores={goal.pk: 5},
        )
        fathers = set_goal(by=cast.practitioner, case=cast.case, words=f"{SECRET} goal of Marek", whose=father)
        set_goal(
            by=cast.practitioner,
            case=cast.case,
            goal=goal,
            version=1,
            words="Mornings without shouting",
            different=f"We are calm at 7 {SECRET.lower()} refuge  row, LS89ZZ",
            actions=[Step(f"Come to 9 {SECRET} Street", "Jana")],
            agreements={cast.child.pk: Answer(False, f"{SECRET} does not agree")},
        )
    answers = [client.get(url(link)), enter(client, link, "WRONG234"), enter(client, link)]
    for name, more in (
        ("family-plan", {}),
        ("family-plan-scores", {}),
        ("family-plan-goal", {"goal_id": goal.pk}),
        ("family-plan-goal", {"goal_id": fathers.pk}),
        ("family-plan-asked", {"follow_up_id": goal.pk}),
    ):
        for slug in ("en", "ur"):
            answers.append(client.get(url(link, name, **more) + f"?language={slug}", follow=True))
        answers.append(client.post(url(link, name, **more), {"agrees": "", scored(goal): 11}, follow=True))
    kept_out = (
        SECRET, "Refuge", "LS8 9ZZ", "LS89ZZ", "9434765919", "A801200001001", "Marek", "Zdeňka", "Petr", "Lee Example",
        "Apart", "What was said in therapy", "Family support fits", "Late most Mondays",
        str(father.pk), str(cast.child.pk), str(meeting.pk),
    )  # fmt: skip
    for answer in answers:
        text = answer.content.decode()
        said = [text[max(at - 60, 0) : at + 20] for word in kept_out if (at := text.lower().find(word.lower())) >= 0]
        assert said == [], answer.request["PATH_INFO"]
    page = plan(client, link)
    for own in ("Meeting about our plan", "Asha Example", "We are calm at …", "Come to …", "out of 10"):
        assert own in page, own
    assert page.count("Meeting about our plan") == 1


def test_a_goal_of_another_is_shown_when_it_was_shared_by_name(cast: Cast, client: Client) -> None:
    with as_(cast.practitioner):
        own = set_goal(by=cast.practitioner, case=cast.case, words="Sleeps in the own bed", whose=cast.child)
        kept = set_goal(by=cast.practitioner, case=cast.case, words="Says no to Dan", whose=cast.child)
        link = make_family_link(by=cast.practitioner, case=cast.case, person=cast.mother, shared_goals=[own.pk])
    enter(client, link)
    assert "Sleeps in the own bed" in plan(client, link)
    assert "Says no to Dan" not in plan(client, link)
    said = client.post(url(link, "family-plan-goal", goal_id=kept.pk), {"agrees": "no", "why": "x"}, follow=True)
    assert "has changed" in said.content.decode()
    with as_(cast.leader):
        assert not GoalAgreement.objects.filter(goal=kept).exists()


# --- what the family adds ---
def test_scores_of_the_family_itself_stand_in_the_plan_and_the_chronology(
    cast: Cast, client: Client, link: NewLink
) -> None:
    enter(client, link)
    goal = goal_of(cast)
    page = client.get(url(link, "family-plan-scores")).content.decode()
    assert "Not today" in page
    nothing = client.post(url(link, "family-plan-scores"), {scored(goal): ""})
    assert nothing.status_code == 422
    for score in (6, 7):
        added = client.post(url(link, "family-plan-scores"), {scored(goal): score}, follow=True)
        assert "Your scores are in the plan" in added.content.decode()
    with as_(cast.leader):
        row = GoalScore.objects.get(given_by=cast.mother)
        assert (row.score, row.scored_on, row.contact_id) == (7, timezone.localdate(), None)
        # A baseline that is set later stays the first score, beside those of the family itself.
        set_goal(by=cast.leader, case=cast.case, goal=goal, version=1, words=goal.words, baseline=2, target=8)
        assert sorted(GoalScore.objects.values_list("score", flat=True)) == [2, 7]
        assert Message.objects.filter(user_id=cast.practitioner.pk, key__startswith="family-scores").count() == 1
    worker = sign_in(Client(), cast.practitioner)
    assert "1 score by the family itself" in worker.get(reverse("case-plan", args=[cast.case.pk])).content.decode()
    line = worker.get(reverse("case-chronology", args=[cast.case.pk])).content.decode()
    assert "Scores by the family itself" in line
    assert "Jana, on the family’s page" in line


def test_a_tab_older_than_the_plan_scores_no_other_goal(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    old = goal_of(cast)
    assert scored(old) in client.get(url(link, "family-plan-scores")).content.decode()
    with as_(cast.practitioner):
        end_goal(by=cast.practitioner, goal=old, status="achieved")
        new = set_goal(by=cast.practitioner, case=cast.case, words="Homework before tea")
    refused = client.post(url(link, "family-plan-scores"), {scored(old): 9})
    assert "Choose a number for at least one goal" in refused.content.decode()
    assert client.post(url(link, "family-plan-scores"), {scored(old): 9, scored(new): 4}).status_code == 302
    with as_(cast.leader):
        assert [(row.goal_id, row.score) for row in GoalScore.objects.filter(given_by=cast.mother)] == [(new.pk, 4)]


def test_not_agreeing_reaches_the_worker_and_stands_beside_the_goal(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    goal = goal_of(cast)
    where = url(link, "family-plan-goal", goal_id=goal.pk)
    assert client.post(where, {"agrees": ""}).status_code == 422
    client.post(where, {"agrees": "no", "why": "It is <b>the bus</b>, not us"})
    assert "&lt;b&gt;the bus&lt;/b&gt;" in plan(client, link)
    worker = sign_in(Client(), cast.practitioner)
    text = worker.get(reverse("case-plan", args=[cast.case.pk])).content.decode()
    assert "Not agreed by all" in text
    assert re.search(r"Jana \(on the family’s page, \d+ \w+\): “It is &lt;b&gt;the bus", text)
    with as_(cast.practitioner):
        notice = Message.objects.get(user_id=cast.practitioner.pk, key__startswith="family-agreement")
        assert "bus" not in notice.body and "Jana" not in notice.body
        # A worker who changes the goal takes nothing of it away; what the person says to the worker later counts.
        set_goal(by=cast.practitioner, case=cast.case, goal=goal, version=1, words=goal.words, agreements={})
        assert GoalAgreement.objects.get(goal=goal).words == "It is <b>the bus</b>, not us"
        agreed = {cast.mother.pk: Answer(True)}
        set_goal(by=cast.practitioner, case=cast.case, goal=goal, version=2, words=goal.words, agreements=agreed)
        assert GoalAgreement.objects.get(goal=goal).by_itself_at is None


def test_what_was_typed_survives_the_end_of_the_visit(cast: Cast, client: Client, link: NewLink) -> None:
    enter(client, link)
    goal = goal_of(cast)
    where = url(link, "family-plan-goal", goal_id=goal.pk)
    client.post(url(link, "family-plan-leave"))
    late = client.post(where, {"agrees": "no", "why": "Typed for a long while"}).content.decode()
    assert "is kept and is sent with the code" in late
    with as_(cast.leader):
        assert not GoalAgreement.objects.exists()
    kept = dict(re.findall(r'type="hidden" name="(agrees|why)" value="([^"]*)"', late))
    assert kept == {"agrees": "no", "why": "Typed for a long while"}
    assert client.post(where, kept | {"code": link.code}).status_code == 302
    with as_(cast.leader):
        assert GoalAgreement.objects.get().words == "Typed for a long while"


# --- after the ending ---
@pytest.fixture
def ended(cast: Cast, link: NewLink) -> FollowUp:
    """The case closed three months ago, with its exit plan; the first follow-up is due."""
    with as_(cast.leader):
        return close(cast, days_ago=92)


def test_the_family_reads_its_exit_plan_and_answers_the_follow_up(
    cast: Cast, client: Client, link: NewLink, ended: FollowUp
) -> None:
    enter(client, link)
    page = plan(client, link)
    for said in ("The picture list", "Aunt Hana rings", "Our work together ended", "Tell us how things are"):
        assert said in page, said
    assert SECRET not in page
    where = url(link, "family-plan-asked", follow_up_id=ended.pk)
    assert client.post(where, {"things": ""}).status_code == 422
    data = {"things": "2", "words": "Nights are hard again", "slipped": "Bedtimes", "wants_help": "yes"}
    data[scored(goal_of(cast))] = "4"
    done = client.post(where, data, follow=True).content.decode()
    assert "Thank you for telling us" in done
    assert "Tell us how things are" not in done
    assert "answered already" in client.post(where, data, follow=True).content.decode()
    with as_(cast.practitioner):
        row = FollowUp.objects.get(months=3)
        assert (row.status, row.things, row.how, row.by_person_id) == ("done", 2, "page", cast.mother.pk)
        assert [one.score for one in row.scores.all()] == [4]
        assert ExitPlan.objects.get().shared_with_family_on == timezone.localdate()
        told = Message.objects.get(user_id=cast.practitioner.pk, key__startswith="family-follow-up")
        assert told.subject == "A family would like help again"
    worker = sign_in(Client(), cast.practitioner)
    assert "Nights are hard again" in worker.get(reverse("follow-up", args=[ended.pk])).content.decode()


# --- its languages ---
@pytest.mark.parametrize("slug", TRANSLATED)
def test_every_fixed_text_is_translated(slug: str) -> None:
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(catalogue_of(TRANSLATED[slug])))}
    wanted = texts_of(PAGES)
    assert len(wanted) > 70
    assert [text for text in wanted if not catalogue.get(text)] == []
    assert ROOT == settings.BASE_DIR


@pytest.mark.parametrize(("slug", "direction"), [("ur", "rtl"), ("ro", "ltr")])
def test_no_fixed_text_stays_english(
    cast: Cast, client: Client, link: NewLink, ended: FollowUp, slug: str, direction: str
) -> None:
    enter(client, link)
    english = [text for text in texts_of(PAGES) if "%(" not in text and len(text) > 6]
    for name, more in (("family-plan", {}), ("family-plan-asked", {"follow_up_id": ended.pk})):
        text = client.get(url(link, name, **more) + f"?language={slug}").content.decode()
        assert f'<html lang="{slug}" dir="{direction}"' in text
        assert "eh-ask__machine" in text, "nobody has confirmed these texts"
        main = text.split("<main>")[1].split("</main>")[0]
        assert [one for one in english if one in main] == []
    wrong = client.post(url(link, "family-plan-asked", follow_up_id=ended.pk) + f"?language={slug}", {"things": ""})
    assert [one for one in english if one in wrong.content.decode().split("<main>")[1]] == []
