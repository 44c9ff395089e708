"""The dashboard: a figure, its list, its trend and its download say the same, and no name is where none may be."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from cases.models import (
    Case,
    CaseService,
    Contact,
    Extension,
    Goal,
    GoalScore,
    LeadWorker,
    Plan,
    SupervisionInterval,
)
from cases.selectors.home import of_clusters
from cases.selectors.supervisions import overdue
from cluster_ehs.core import scope
from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Entitlement, Post, User
from families.models import Person
from monitoring.asking import month_of
from monitoring.dashboard import kept
from monitoring.dashboard.counting import TOGETHER, Entry, count, listed, number, number_of, trend, whole_months
from monitoring.dashboard.figures import ALL, BY_KEY, ENDINGS, FIGURES, TO_DO
from monitoring.dashboard.views import figure_page, text_of
from monitoring.models import Finding, Rule
from monitoring.quality.models import QualityScore
from monitoring.shapes import Period
from monitoring.suite import BY_KEY as REPORTS
from monitoring.suite.engine import figure as figure_of
from monitoring.suite.engine import snapshot_of
from monitoring.suite.shapes import Asked
from outcomes.models import Closure
from outcomes.readings.models import FamilyReading, ReadingPoints
from outcomes.readings.scale import Domain
from outcomes.selectors import to_sign_off
from referrals.models import Referral
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, an_open_case, as_, decided, sign_in
from tests.triage.pages import at_most
from triage.models import Ending, EndingOutcome, Offer

NAMES = ("Novák", "Zdeňka", "Wójcik", "Jakub", "Smith-Jones", "Eve-Rose", "Okafor", "Adaeze")
OWN = "period=own" + "".join(
    f"&{name}-{part}={{{place}.{part}}}"
    for place, name in enumerate(("start", "end"))
    for part in ("day", "month", "year")
)


def ended(referral: Referral, *outcomes: str, where: str = "triage", days_ago: int = 4) -> None:
    keys = {"cluster_id": referral.cluster_id, "family_id": referral.family_id}
    ending = Ending.objects.create(
        **keys,
        referral=referral,
        where=where,
        ended_on=timezone.localdate() - timedelta(days=days_ago),
        outcome_not_recorded=not outcomes,
    )
    EndingOutcome.objects.bulk_create(EndingOutcome(**keys, ending=ending, outcome=outcome) for outcome in outcomes)


def a_goal(plan: Plan, contact: Contact | None, position: int, *, baseline: int, last: int | None) -> None:
    """A goal that ended; its baseline is a score without a contact."""
    keys, today = {"cluster_id": plan.cluster_id, "family_id": plan.family_id}, timezone.localdate()
    goal = Goal.objects.create(**keys, plan=plan, position=position, words="Mornings", baseline=baseline)
    GoalScore.objects.create(**keys, goal=goal, score=baseline, scored_on=today - timedelta(days=10))
    if last is not None:
        GoalScore.objects.create(**keys, goal=goal, contact=contact, score=last, scored_on=today - timedelta(days=2))
    Goal.objects.filter(pk=goal.pk).update(status="changed", ended_on=today - timedelta(days=1))


def read(case: Case, *, start: int, end: int) -> None:
    """Two readings of one domain. An earlier one at the end, that a second corrected, does not count."""
    keys = {"cluster_id": case.cluster_id, "family_id": case.family_id}
    about = {**keys, "case": case, "author_id": LeadWorker.objects.get(case=case).worker_id, "taken_on": case.opened_on}
    wrong = FamilyReading.objects.create(**about, moment="end")
    first, last = (FamilyReading.objects.create(**about, moment=when) for when in ("start", "end"))
    FamilyReading.objects.filter(pk=last.pk).update(corrects=wrong)
    for reading, points in ((first, start), (wrong, 1), (last, end)):
        ReadingPoints.objects.create(**keys, reading=reading, domain=Domain.values[0], points=points)


def what_waits(cast: Cast) -> None:
    """An extension to answer, a closure to sign off, a service of which a session is left, and a late supervision."""
    keys = {"cluster_id": cast.cluster.pk, "family_id": cast.family.pk}
    service = CaseService.objects.get(case=cast.case, offer__isnull=False)
    rule = Entitlement.objects.create(
        service=service.service, cluster=cast.cluster, effective_from=date(2020, 1, 1), intervention_sessions=2
    )
    CaseService.objects.filter(pk=service.pk).update(entitlement=rule)
    Extension.objects.create(
        **keys, case_service=service, sessions=2, reason="They have only begun.", asked_by=cast.practitioner
    )
    Closure.objects.create(**keys, case=cast.case, closed_on=timezone.localdate(), asked_by=cast.practitioner)
    SupervisionInterval.objects.all().delete()
    SupervisionInterval.objects.create(post=Post.FAMILY_PRACTITIONER, effective_from=date(2020, 1, 1), weeks=4)


@pytest.fixture
def full(cast: Cast) -> Cast:
    """Records of which each figure counts at least one, some of them of the restricted family."""
    today = timezone.localdate()
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk, cast.other_cluster.pk]):
        eli = Person.objects.get(first_name="Eli")
        for place, child in enumerate((cast.child, eli)):
            decided(a_referral(child, number=60 + place, days_ago=90), by=cast.leader, days_ago=70 + place)
        Case.objects.filter(pk__in=[cast.case.pk, cast.restricted_case.pk]).update(
            review_due_on=today - timedelta(days=3)
        )
        started = Offer.objects.filter(decision__referral=cast.case_referral)
        started.update(status="started", started_on=today - timedelta(days=2))
        plan = Plan.objects.create(
            cluster_id=cast.cluster.pk, family_id=cast.family.pk, case=cast.case, agreed_on=today - timedelta(days=12)
        )
        a_goal(plan, cast.contact, 1, baseline=3, last=7)
        a_goal(plan, cast.contact, 2, baseline=5, last=4)
        a_goal(plan, cast.contact, 3, baseline=5, last=None)
        gone = a_family(cast.cluster, "Ashworth-Gone", number=9)
        case = an_open_case(
            a_referral(a_person(gone, "Ida"), number=70, days_ago=60), lead=cast.colleague, leader=cast.leader, number=9
        )
        CaseService.objects.filter(case=case).update(status="ended", ends_on=today - timedelta(days=1))
        Case.objects.filter(pk=case.pk).update(status="closing", imported=True)
        Case.objects.filter(pk=case.pk).update(status="closed", closed_on=today - timedelta(days=1))
        read(case, start=3, end=7)
        read(cast.case, start=3, end=4)
        what_waits(cast)
        kinds = {figure.key.removeprefix("ended_") for figure in ENDINGS} - {"completed", "several"}
        for place, outcome in enumerate(sorted(kinds)):
            ended(a_referral(cast.child, number=80 + place, days_ago=20), outcome)
        ended(a_referral(eli, number=91, days_ago=20), "completed_part", where="case")
        ended(a_referral(cast.child, number=92, days_ago=20), "completed_full", "completed_nfa", where="case")
        ended(a_referral(cast.child, number=93, days_ago=20), "family", "moved", where="case")
        ended(a_referral(cast.child, number=94, days_ago=20))
    with acting_as(NamedActor.QUALITY, clusters=[cast.cluster.pk]):
        keys = {"cluster": cast.cluster, "rule": Rule.objects.filter(active=True).first(), "day": today}
        Finding.objects.bulk_create(
            Finding(**keys, family=family, reference=f"RI-F2026-{n}", record_id=str(n), page_id="x", fix_id="x")
            for n, family in enumerate((cast.family, cast.restricted_family, None))
        )
    return cast


def value_of(text: str) -> float:
    return {"Yes": 1.0, "No": 0.0}[text] if text in ("Yes", "No") else float(text)


def downloaded(who: User, address: str, key: str) -> str:
    """The file of a figure's list, without what the client does around each request."""
    request = RequestFactory().get(address)
    request.user = who
    with as_(who):
        return figure_page(request, key).content.decode("utf-8-sig")  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["leader", "manager"])
def test_every_figure_its_list_and_its_download_agree(full: Cast, client: Client, who: str) -> None:
    sign_in(client, getattr(full, who))
    address = f"/dashboard/?cluster={full.cluster.pk}&period=last-3"
    shown = client.get(address)
    page, text = shown.context, shown.content.decode()
    several = (*page["rows"][0]["cells"], *page["to_do"]["rows"][0]["cells"], *page["endings"])
    cells = {cell["figure"].key: cell for cell in several}
    assert set(cells) == set(BY_KEY)
    for key, cell in cells.items():
        figure = BY_KEY[key]
        assert f'href="{cell["url"].replace("&", "&amp;")}">{cell["text"]}<span' in text, key
        assert cell["text"] not in ("0", "–", "0\N{NO-BREAK SPACE}%"), key
        behind_page = client.get(cell["url"])
        behind = behind_page.context
        assert behind["total"]["text"] == cell["text"], key
        rows = [(row["reference"], row["on_date"].isoformat(), row["value"]) for row in behind["rows"]]
        file = downloaded(getattr(full, who), cell["url"] + "&as=csv", key)
        if who == "manager":
            assert not [name for name in (*NAMES, "Ashworth") if name in behind_page.content.decode()], key
        lines = [(line[0], line[2], line[3] if figure.valued else "1") for line in csv.reader(io.StringIO(file))][1:]
        assert lines == rows, key
        entries = [
            Entry(None, 0, full.family.pk, reference, date.fromisoformat(day), None, value_of(value))
            for reference, day, value in lines
        ]
        assert text_of(figure, number_of(figure, entries)) == cell["text"], key
    assert [cells[key]["text"] for key in ("waiting_long", "review_overdue", "progress", "completed")] == [
        "2", "2", "50\N{NO-BREAK SPACE}%", "66.7\N{NO-BREAK SPACE}%"
    ]  # fmt: skip
    assert cells["higher_stage"]["text"] == "100\N{NO-BREAK SPACE}%"


def test_what_waits_on_the_leaders_home_is_what_the_dashboard_counts(full: Cast, client: Client) -> None:
    month = timezone.localdate().replace(day=1)
    score = {"cluster": full.cluster, "month": month, "records": 8, "without_severe": 7}
    with acting_as(NamedActor.QUALITY, clusters=[full.cluster.pk]):
        QualityScore.objects.create(**score, checked_at=timezone.now())
    sign_in(client, full.leader)
    text = client.get("/").content.decode()
    for figure in TO_DO:
        assert f'href="/dashboard/{figure.key}/"' in text, figure.key
    assert "<b>87.5\N{NO-BREAK SPACE}%</b> of the families" in text.replace("&nbsp;", "\N{NO-BREAK SPACE}")
    with as_(full.leader):
        request = RequestFactory().get("/")
        request.user = full.leader
        work, closures = of_clusters(request), to_sign_off(request)  # type: ignore[arg-type]
        cards = [len(work.asked), len((closures or {})["rows"]), len(work.running_out), len(overdue([full.cluster.pk]))]
        today = Period(timezone.localdate(), timezone.localdate())
        with scope.figures():
            numbers = count(clusters=[full.cluster.pk], period=today, before=None, figures=TO_DO)
    assert cards == [number(numbers, TOGETHER, figure).value for figure in TO_DO]
    assert all(cards)


def test_a_higher_stage_is_what_the_report_of_progress_says(full: Cast) -> None:
    today = timezone.localdate()
    asked = Asked((full.cluster.pk,), ("Riverside",), Period(today - timedelta(days=30), today), timezone.now())
    with as_(full.manager), scope.figures():
        said = snapshot_of(REPORTS["progress"], asked, compare=False)
        numbers = count(clusters=asked.clusters, period=asked.period, before=None, figures=[BY_KEY["higher_stage"]])
    assert figure_of(said, "overall", "A higher stage in one domain or more") == 1
    assert number(numbers, TOGETHER, BY_KEY["higher_stage"]).of == 1


def test_a_leader_reads_names_but_of_the_restricted_and_a_manager_none(full: Cast, client: Client) -> None:
    page = f"/dashboard/waiting_long/?cluster={full.cluster.pk}"
    sign_in(client, full.leader)
    rows = client.get(page).context["rows"]
    named, hidden = (next(row for row in rows if row["restricted"] is which) for which in (False, True))
    assert (named["family"], hidden["family"], hidden["url"]) == ("Novák", "", "")
    assert client.get(named["url"]).status_code == 200
    with as_(full.leader):
        looked = Look.objects.filter(user_id=full.leader.pk, page="list: waiting_long")
        assert set(looked.values_list("family_id", flat=True)) == {full.family.pk}
    text = client.get(page).content.decode()
    assert "Novák" in text and "Smith-Jones" not in text
    sign_in(client, full.manager)
    for address in ("/", "/dashboard/", page):
        text = client.get(address).content.decode()
        assert not [name for name in (*NAMES, "Ashworth") if name in text], address


def test_another_clusters_figures_are_refused_and_nobody_else_sees_any(cast: Cast, client: Client) -> None:
    sign_in(client, cast.leader)
    for page in ("/dashboard/", "/dashboard/received/"):
        assert client.get(page).status_code == 200
        assert client.get(f"{page}?cluster={cast.other_cluster.pk}").status_code == 403
    assert client.get("/dashboard/no-such/").status_code == 404
    assert client.get("/dashboard/received/?after=yesterday").status_code == 404
    sign_in(client, cast.practitioner)
    assert client.get("/dashboard/").status_code == 403


def test_what_stood_at_a_day_is_the_same_by_the_day_and_by_the_month(full: Cast) -> None:
    """Each month's end of a trend is what the figure is when it is asked as at that day; months add up to a period."""
    months = whole_months(Period(timezone.localdate(), timezone.localdate()), fewest=5)
    clusters = [full.cluster.pk, full.other_cluster.pk]
    with as_(full.manager), scope.figures():
        for figure in ALL:
            points = trend(figure, clusters=clusters, months=months)
            assert bool(points) is not figure.now_only
            for point in points:
                numbers = count(clusters=clusters, period=point.month, before=None, figures=[figure])
                assert point.number == number(numbers, TOGETHER, figure), (figure.key, point.month)
                entries, _ = listed(figure, clusters=clusters, period=point.month, limit=None)
                assert number_of(figure, entries) == point.number, (figure.key, point.month)


def test_an_offer_taken_up_later_was_waiting_then(cast: Cast) -> None:
    """Asked as at a day, the waiting list is that day's: who was taken up since stood on it."""
    today = timezone.localdate()
    for days, waiting in ((0, 0), (15, 1), (25, 0)):
        day = today - timedelta(days=days)
        with as_(cast.manager), scope.figures():
            numbers = count(clusters=[cast.other_cluster.pk], period=Period(day, day), before=None)
            assert number(numbers, TOGETHER, BY_KEY["waiting"]).value == waiting, days
            # Received 6 and 40 days ago, the elder decided 20 days ago.
            screened = number(numbers, TOGETHER, BY_KEY["to_screen"]).value
            assert screened == {0: 1, 15: 0, 25: 1}[days], days


def test_the_comparison_is_of_its_own_days(full: Cast, client: Client) -> None:
    sign_in(client, full.manager)
    today = timezone.localdate()
    own = OWN.format(today - timedelta(days=25), today)
    page = client.get(f"/dashboard/?{own}&compare=before&cluster={full.cluster.pk}")
    asked, cells = page.context["asked"], page.context["rows"][0]["cells"]
    assert asked.earlier == Period(today - timedelta(days=51), today - timedelta(days=26))
    with as_(full.manager), scope.figures():
        numbers = count(clusters=asked.ids, period=asked.earlier, before=None)
    told = {cell["figure"].key: cell["before"] for cell in cells}
    for figure in FIGURES:
        alone = text_of(figure, number(numbers, full.cluster.pk, figure))
        assert told[figure.key] == ("" if figure.now_only else alone), figure.key
    assert told["received"] == "2"


def test_figures_are_kept_for_some_minutes_and_say_since_when(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    first = client.get("/dashboard/").context
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        a_referral(cast.child, number=60)

    def received(query: str = "") -> str:
        return client.get(f"/dashboard/?{query}").context["together"][0]["text"]

    with at_most(6):
        again = client.get("/dashboard/").context
    assert again["at"] == first["at"] and again["together"][0]["text"] == first["together"][0]["text"] == "6"
    assert client.get("/dashboard/received/").context["total"]["text"] == "7", "the list is counted when it is opened"
    assert received(f"cluster={cast.cluster.pk}") == "5", "of other Clusters under another key"
    assert received("period=last-6") == "7", "of another period under another key"
    assert received("now=1") == "7" == received()


def test_without_its_cache_the_dashboard_counts(cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.cache, "get", lambda *_: None)
    sign_in(client, cast.leader)
    assert client.get("/dashboard/").context["together"][0]["text"] == "4"


def test_pages_cost_few_statements(full: Cast, client: Client) -> None:
    sign_in(client, full.manager)
    for page, number_of_statements in (("/dashboard/", 14), ("/dashboard/", 6), ("/dashboard/received/", 12)):
        with at_most(number_of_statements):
            assert client.get(page).status_code == 200


def test_a_long_list_is_paged_and_downloaded_whole(cast: Cast, client: Client) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for place in range(52):
            a_referral(cast.child, number=100 + place, days_ago=place // 10)
    sign_in(client, cast.manager)
    address, seen = f"/dashboard/received/?cluster={cast.cluster.pk}", []
    while address:
        page = client.get(address).context
        seen += [row["reference"] for row in page["rows"]]
        address = page["older_url"]
    assert len(seen) == len(set(seen)) == 56
    assert page["total"]["text"] == "56" and page["first_url"]


def test_an_address_that_is_wrong_keeps_what_was_asked(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    for page in ("/dashboard/", "/dashboard/received/"):
        text = client.get(page + "?period=own&start-day=31&start-month=2&start-year=2026").content.decode()
        assert "There is a problem" in text and 'value="31"' in text


def test_a_period_without_anything_says_so(cast: Cast, client: Client) -> None:
    sign_in(client, cast.manager)
    old = OWN.format(date(2001, 1, 1), date(2001, 1, 31))
    page = client.get(f"/dashboard/?{old}")
    assert not page.context["charts"]
    assert {cell["text"] for cell in page.context["together"] if not cell["figure"].now_only} == {"0", "–"}
    assert "Nothing was counted here" in client.get(f"/dashboard/closed/?{old}").content.decode()


def test_twelve_months_are_shown_of_a_short_period_and_all_of_a_long_one() -> None:
    months = whole_months(Period(date(2026, 11, 2), date(2026, 11, 23)))
    assert (len(months), months[0], months[-1]) == (12, month_of(date(2025, 12, 1)), month_of(date(2026, 11, 1)))
    assert len(whole_months(Period(date(2016, 11, 24), date(2026, 11, 23)))) == 121
