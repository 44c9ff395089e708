"""The evaluation's tables, counted from records."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case, CaseReferral, LeadWorker, Loan
from cluster_ehs.core.figures import age_in_years
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, PartnerService, Term, User
from families.models import Family, Person, SendNeed
from monitoring.exports import as_csv, as_json
from monitoring.published import published_for, published_rows
from monitoring.selectors import AGE_SQL
from monitoring.tables import Evaluation, Period, evaluation
from referrals.models import Channel, Referral, ReferralReason
from triage.models import Decision, Ending, EndingOutcome, PassingOn

SPRING = Period(date(2021, 1, 1), date(2021, 6, 30))
DAY = date(2021, 3, 1)

Make = Callable[..., Referral]


@pytest.fixture
def cluster(db: None) -> Cluster:
    return Cluster.objects.create(name="Invented Valley", prefix="IV")


@pytest.fixture
def make(cluster: Cluster) -> Make:
    """One referral with as much about it as a test says."""
    number = 0

    def make(
        *,
        at: Cluster = cluster,
        on: date = DAY,
        child: Person | None = None,
        route: str = "police",
        age: int | None = None,
        decided: str = "",
        decided_on: date | None = None,
        ended: date | None = None,
        outcomes: tuple[str, ...] = (),
        reasons: tuple[str, ...] = (),
        diagnosed: tuple[str, ...] = (),
        queried: tuple[str, ...] = (),
        partners: tuple[str, ...] = (),
        **about: Any,
    ) -> Referral:
        nonlocal number
        number += 1
        with acting_as(NamedActor.IMPORTER, clusters=[at.pk]):
            if child is None:
                family = Family.objects.create(cluster=at, reference=f"F{number}", name="Example")
                if "ethnicity" in about:
                    about["ethnicity"] = Term.objects.get(vocabulary="ethnicity", code=about["ethnicity"])
                child = Person.objects.create(cluster=at, family=family, last_name="Example", **about)
            keys = {"cluster_id": at.pk, "family_id": child.family_id}
            for status, codes in (("diagnosed", diagnosed), ("queried", queried)):
                for code in codes:
                    need = Term.objects.get(vocabulary="sen_type", code=code)
                    SendNeed.objects.create(**keys, person=child, status=status, type=need)
            referral = Referral.objects.create(
                **keys,
                reference=f"R{number}",
                child=child,
                received_on=on,
                route=Term.objects.get(vocabulary="route", code=route),
                channel=Channel.IMPORTED,
                age_given=age,
                status="ended" if ended else "decided" if decided else "to_screen",
            )
            for code in reasons:
                term = Term.objects.get(vocabulary="reason", code=code)
                ReferralReason.objects.create(
                    **keys, referral=referral, category=term.parent or term, reason=term if term.parent else None
                )
            if decided:
                day = decided_on or on
                decision = Decision.objects.create(
                    **keys,
                    referral=referral,
                    response=decided,
                    decided_on=day,
                    decided_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
                )
                for name in partners:
                    partner = PartnerService.objects.get(name=name)
                    PassingOn.objects.create(**keys, decision=decision, partner=partner, sent_on=day)
            if ended:
                ending = Ending.objects.create(**keys, referral=referral, where="triage", ended_on=ended)
                for outcome in outcomes:
                    EndingOutcome.objects.create(**keys, ending=ending, outcome=outcome)
        return referral

    return make


def made(cluster: Cluster, period: Period = SPRING, as_at: datetime | None = None) -> Evaluation:
    with acting_as(NamedActor.FIGURES):
        return evaluation(clusters=[cluster.pk], names=[cluster.name], period=period, as_at=as_at)


def counted(found: Evaluation, key: str) -> dict[str, int]:
    """The rows of a table that are not zero."""
    return {row.name: row.count for row in found.table(key).rows if row.count}


def test_nothing_received_still_shows_every_row_of_the_publication(cluster: Cluster) -> None:
    found = made(cluster)
    printed = {(row.table, row.row) for row in published_rows() if row.table != "10"}
    assert {(t.key, r.name) for t in found.tables for r in t.rows} == printed
    assert {r.count for t in found.tables for r in t.rows} == {0}
    assert {r.percent for t in found.tables for r in t.rows} == {None}


def test_titles_are_those_of_the_publication(cluster: Cluster, make: Make) -> None:
    titles = {row.table: row.title for row in published_rows()}
    for table in made(cluster).tables:
        assert table.title.partition(" (")[0] == titles[table.key].partition(" (")[0]


@pytest.mark.parametrize(
    ("born", "age", "band"),
    [
        (date(2021, 2, 28), None, "0-4"),
        (date(2016, 3, 2), None, "0-4"),
        (date(2016, 3, 1), None, "5-6"),
        (date(2012, 3, 1), None, "9-10"),
        (date(2003, 3, 2), None, "15-17"),
        (date(2003, 3, 1), None, "Other/unspecified"),
        (date(2021, 3, 2), 7, "Other/unspecified"),
        (date(2016, 3, 2), 12, "0-4"),
        (None, 12, "11-12"),
        (None, 18, "Other/unspecified"),
        (None, None, "Other/unspecified"),
    ],
)
def test_a_child_is_in_the_band_of_the_age_at_referral(
    cluster: Cluster, make: Make, born: date | None, age: int | None, band: str
) -> None:
    referral = make(birth_date=born, age=age)
    assert counted(made(cluster), "5") == {band: 1}
    assert made(cluster).table("5").missing == (referral.age_at_referral is None)


days = st.dates(date(1995, 1, 1), date(2030, 12, 31)) | st.sampled_from(
    [date(2004, 2, 29), date(2008, 2, 29), date(2021, 2, 28), date(2021, 3, 1), date(2024, 2, 29)]
)


@given(pairs=st.lists(st.tuples(days, days), min_size=1, max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_counts_years_as_the_program_does(db: None, pairs: list[tuple[date, date]]) -> None:
    sql = AGE_SQL.format(born="d.born", on="d.received", given="99")
    born, received = [list(column) for column in zip(*pairs, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {sql} FROM unnest(%s::date[], %s::date[]) WITH ORDINALITY AS d (born, received, n) ORDER BY n",
            [born, received],
        )
        assert [age for (age,) in cursor.fetchall()] == [age_in_years(b, r) for b, r in pairs]


def test_gender_has_a_row_of_its_own_when_it_was_said_in_other_words(cluster: Cluster, make: Make) -> None:
    for gender in ("male", "male", "female", "unknown"):
        make(gender=gender)
    assert counted(made(cluster), "gender") == {"Male": 2, "Female": 1, "Not recorded": 1}
    assert len(made(cluster).table("gender").rows) == 3
    make(gender="other")
    assert counted(made(cluster), "gender")["In other words"] == 1
    assert made(cluster).table("gender").missing == 1


def test_ethnicity_is_counted_in_the_published_rows_and_by_the_official_groups(cluster: Cluster, make: Make) -> None:
    for code in ("WBRI", "WENG", "AIND", "ABAN", "CHNE", "OTHER_ONLY", "REFU"):
        make(ethnicity=code)
    make()
    found = made(cluster)
    assert counted(found, "6") == {
        "White British": 2,
        "South Asian": 2,
        "Any other Asian background": 1,
        "Other": 1,
        "Information not obtained": 2,
    }
    assert counted(found, "6b") == {"White": 2, "Asian": 3, "Other": 1, "Not known": 2}
    assert found.table("6").missing == 2


def test_needs_count_children_and_diagnoses_count_each(cluster: Cluster, make: Make) -> None:
    make(diagnosed=("ASD", "PHYS"))
    make(diagnosed=("MLD",), queried=("ASD",))
    make(queried=("ADHD", "ASD"))
    make()
    found = made(cluster)
    assert counted(found, "7") == {"CYP with diagnosed SEN/disability": 2, "CYP with queried SEN/disability": 2}
    assert "3 had one or the other" in found.table("7").about
    assert counted(found, "8") == {
        "ASC": 1,
        "Learning disability or other diagnosed SEN": 1,
        "Physical health need": 1,
    }
    assert found.table("8").title == "Diagnosed SEN/disabilities (3 diagnoses)"
    assert found.table("8").denominator == 4


def test_a_category_counts_once_a_referral_and_a_sub_reason_each_time(cluster: Cluster, make: Make) -> None:
    make(reasons=("semh_presenting.anxiety", "semh_presenting.anger", "family"))
    make(reasons=("semh_presenting.anxiety", "semh_presenting"))
    make()
    found = made(cluster)
    assert counted(found, "9") == {"SEMH presenting behaviours": 2, "Family": 1}
    assert found.table("9").title == "Reasons for intervention (3 reasons)"
    assert found.table("9").missing == 1
    assert [(row.name, row.count) for row in found.table("10").rows] == [
        ("SEMH presenting behaviours: Anxiety", 2),
        ("SEMH presenting behaviours: Anger", 1),
    ]


def test_the_ten_most_common_sub_reasons_with_ties_in_the_order_of_the_vocabulary(cluster: Cluster, make: Make) -> None:
    terms = list(Term.objects.filter(vocabulary="reason", parent__isnull=False).order_by("-order")[:12])
    make(reasons=tuple(t.code for t in terms))
    make(reasons=(terms[0].code,))
    rows = [row.name for row in made(cluster).table("10").rows]
    expected = [terms[0], *sorted(terms[1:], key=lambda t: t.order)[:9]]
    assert rows == [t.published_as for t in expected]


def test_a_route_and_a_reason_that_a_manager_added_have_rows_after_the_published_ones(
    cluster: Cluster, make: Make
) -> None:
    Term.objects.create(vocabulary="route", code="library", label="Public library", order=5)
    category = Term.objects.create(vocabulary="reason", code="digital", label="Life online", order=900)
    Term.objects.create(vocabulary="reason", code="digital.games", label="Games", parent=category, order=901)
    make(route="library", reasons=("digital.games",))
    found = made(cluster)
    assert found.table("11").rows[-1].name == "Public library"
    assert counted(found, "9") == {"Life online": 1}
    assert counted(found, "10") == {"Life online: Games": 1}


def test_responses_with_a_last_row_for_what_is_not_decided(cluster: Cluster, make: Make) -> None:
    make(decided="service")
    make(decided="refused", ended=DAY)
    assert counted(made(cluster), "12") == {"Service received": 1, "Support refused": 1}
    make()
    assert made(cluster).table("12").rows[-1].name == "Not yet decided"
    assert made(cluster).table("12").rows[-1].count == 1


def test_outcomes_one_several_none_and_not_closed(cluster: Cluster, make: Make) -> None:
    make(decided="service", ended=DAY, outcomes=("completed_part",))
    make(decided="service", ended=DAY, outcomes=("completed",))
    make(decided="service", ended=DAY, outcomes=("completed_full", "completed_nfa"))
    make(decided="service", ended=DAY, outcomes=("moved", "family"))
    make(decided="service", ended=DAY, outcomes=("moved", "family", "staffing"))
    make(decided="passed_on", ended=DAY, outcomes=("passed_on",))
    make(decided="passed_on", ended=DAY)
    make(decided="service")
    make()
    assert counted(made(cluster), "13") == {
        "Service completed (needs met in full or in part; NFA)": 3,
        "Passed to other services at closure": 1,
        "Not closed at the time of data entry, or on a waiting list": 2,
        "Multiple outcomes": 2,
        "Unable to identify an outcome": 1,
    }


def test_partner_services_are_shown_beside(cluster: Cluster, make: Make) -> None:
    make(decided="passed_on", partners=("The Beck", "MindMate"))
    make(decided="passed_on", partners=("MindMate",))
    assert [(r.name, r.count) for r in made(cluster).table("partners").rows] == [("MindMate", 2), ("The Beck", 1)]


def test_a_loan_of_a_running_case_counts_beside_what_went_at_the_decision(cluster: Cluster, make: Make) -> None:
    make(decided="passed_on", partners=("RES team",))
    both = make(decided="service_and_passed_on", partners=("RES team",))
    lent = make(decided="service")
    later = make(decided="service")
    make(decided="service")
    worker = User.objects.create(name="Asha Example")
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
        for number, (referral, day) in enumerate(((both, 10), (lent, 10), (lent, 40), (later, 90))):
            keys = {"cluster_id": cluster.pk, "family_id": referral.family_id}
            case, _ = Case.objects.get_or_create(
                **keys, defaults={"reference": f"C{number}", "opened_on": DAY, "status": "open"}
            )
            LeadWorker.objects.get_or_create(**keys, case=case, defaults={"worker": worker, "starts_on": DAY})
            CaseReferral.objects.get_or_create(**keys, case=case, referral=referral)
            Loan.objects.create(
                **keys,
                case=case,
                partner=PartnerService.objects.get(name="RES team"),
                lent_on=DAY + timedelta(days=day),
                lent_by=worker,
                why="Mornings.",
                back_expected_on=DAY + timedelta(days=day + 20),
                back_on=DAY + timedelta(days=day + 21),
                back_by=worker,
                brought_back="Done.",
            )
    day = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) + timedelta(days=60)
    rows = {row.name: row.count for row in made(cluster, as_at=day).table("hands_back").rows}
    assert rows == {
        "RES team": 3,
        "RES team: passed to them at the decision": 2,
        "RES team: on loan while the case ran": 2,
        "Early Help Hub": 0,
        "Early Help Hub: passed to them at the decision": 0,
        "Early Help Hub: on loan while the case ran": 0,
    }


def test_a_child_referred_twice_counts_twice_and_is_one_child(cluster: Cluster, make: Make) -> None:
    first = make(gender="female")
    make(child=first.child, on=date(2021, 5, 1))
    found = made(cluster)
    assert (found.referrals, found.children) == (2, 1)
    assert counted(found, "gender") == {"Female": 2}


def test_both_ends_of_the_period_count_and_other_clusters_do_not(cluster: Cluster, make: Make) -> None:
    other = Cluster.objects.create(name="Invented Hill", prefix="IH")
    for day in (date(2020, 12, 31), SPRING.start, SPRING.end, date(2021, 7, 1)):
        make(on=day)
    make(at=other)
    assert made(cluster).referrals == 2
    with acting_as(NamedActor.FIGURES):
        both = evaluation(clusters=[cluster.pk, other.pk], names=[], period=SPRING)
    assert both.referrals == 3


def test_nobody_named_means_nothing(cluster: Cluster, make: Make) -> None:
    make()
    with acting_as(NamedActor.FIGURES):
        assert evaluation(clusters=[], names=[], period=SPRING).referrals == 0


def test_as_at_leaves_out_what_came_later(cluster: Cluster, make: Make) -> None:
    make(decided="service", decided_on=DAY + timedelta(5), ended=DAY + timedelta(10), outcomes=("moved",))

    def at(days: int) -> Evaluation:
        moment = datetime(2021, 3, 1, 18, tzinfo=UTC) + timedelta(days)
        return made(cluster, as_at=moment)

    assert at(-1).referrals == 0
    assert counted(at(0), "12") == {"Not yet decided": 1}
    assert counted(at(5), "12") == {"Service received": 1}
    assert list(counted(at(9), "13")) == ["Not closed at the time of data entry, or on a waiting list"]
    assert list(counted(at(10), "13")) == ["Child moved out of the Cluster"]


def test_percentages_are_of_the_referrals_half_up(cluster: Cluster, make: Make) -> None:
    for gender in ["male"] * 5 + ["female"] * 3:
        make(gender=gender)
    rows = {row.name: row.percent for row in made(cluster).table("gender").rows}
    assert rows == {"Male": Decimal("62.50"), "Female": Decimal("37.50"), "Not recorded": Decimal("0.00")}


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        (date(2021, 1, 1), date(2021, 6, 30), (date(2020, 7, 1), date(2020, 12, 31))),
        (date(2021, 3, 1), date(2021, 3, 31), (date(2021, 2, 1), date(2021, 2, 28))),
        (date(2021, 1, 1), date(2021, 12, 31), (date(2020, 1, 1), date(2020, 12, 31))),
        (date(2021, 1, 15), date(2021, 1, 24), (date(2021, 1, 5), date(2021, 1, 14))),
    ],
)
def test_the_period_before_is_as_long(start: date, end: date, before: tuple[date, date]) -> None:
    found = Period(start, end).before()
    assert (found.start, found.end) == before


def test_the_number_of_queries_does_not_grow_with_the_referrals(
    cluster: Cluster, make: Make, django_assert_num_queries: Any
) -> None:
    make(reasons=("family",), decided="passed_on", partners=("MindMate",))
    with acting_as(NamedActor.FIGURES), django_assert_num_queries(5):
        evaluation(clusters=[cluster.pk], names=[], period=SPRING)
    for _ in range(5):
        make(reasons=("family.parenting",), decided="passed_on", partners=("The Beck",))
    with acting_as(NamedActor.FIGURES), django_assert_num_queries(5):
        evaluation(clusters=[cluster.pk], names=[], period=SPRING)


def test_csv_and_json_carry_the_same_rows(cluster: Cluster, make: Make) -> None:
    make(birth_date=date(2012, 1, 1))
    found = made(cluster)
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert list(rows[0]) == ["table", "row", "count", "percent", "denominator"]
    said = json.loads(as_json(found))
    assert [{k: str(v) for k, v in row.items()} for row in said["rows"]] == rows
    assert (said["referrals"], said["children"]) == (1, 1)
    assert {"table": "5", "row": "9-10", "count": "1", "percent": "100.00", "denominator": "1"} in rows


def test_the_publications_misprints_are_said_for_its_period_alone(cluster: Cluster, make: Make) -> None:
    spring = made(cluster)
    assert any("printed as 99" in note["note"] for note in json.loads(as_json(spring))["notes"])
    noted = {(r["table"], r["row"]): r["note"] for r in csv.DictReader(io.StringIO(as_csv(spring, notes=True)))}
    assert "printed as 99" in noted["9", "Family"]
    other = made(cluster, Period(date(2022, 1, 1), date(2022, 6, 30)))
    assert json.loads(as_json(other))["notes"] == []
    assert published_for(date(2021, 1, 1), date(2021, 6, 29)) == {}


def test_every_printed_percentage_that_is_not_the_rounded_one_has_a_note() -> None:
    for row in published_rows():
        exact = (Decimal(row.count) * 100 / row.denominator).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        wrong = row.printed_percent not in (None, exact) or row.printed_count not in (None, row.count)
        assert bool(row.note) or not wrong, row


def test_the_command_prints_the_tables_and_says_the_notes_on_the_side(cluster: Cluster, make: Make) -> None:
    make(birth_date=date(2012, 1, 1))
    out, err = io.StringIO(), io.StringIO()
    about = {"cluster": [cluster.name], "start": "2021-01-01", "end": "2021-06-30"}
    call_command("monitoring_tables", **about, stdout=out, stderr=err)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert {"table": "5", "row": "9-10", "count": "1", "percent": "100.00", "denominator": "1"} in rows
    assert "printed as 99" in err.getvalue()
    out = io.StringIO()
    call_command("monitoring_tables", **about, as_at="2021-02-01", format="json", stdout=out)
    assert json.loads(out.getvalue())["referrals"] == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cluster": ["Nowhere"]}, "no Cluster named “Nowhere”"),
        ({"start": "01/01/2021"}, "“01/01/2021” is not a day"),
        ({"end": "2020-12-31"}, "--to lies before --from"),
        ({"as_at": "2021-07-01T99:00"}, "not a"),
    ],
)
def test_the_command_says_what_is_wrong(cluster: Cluster, wrong: dict[str, Any], says: str) -> None:
    about: dict[str, Any] = {"cluster": [cluster.name], "start": "2021-01-01", "end": "2021-06-30"}
    with pytest.raises(CommandError, match=says):
        call_command("monitoring_tables", **{**about, **wrong})
