"""What is read through the API, by whom, and what is not there for whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from cluster_ehs.core.models import Look
from cluster_ehs.core.scope import NamedActor, acting_as
from tests.api.callers import Caller, url
from tests.fixtures_cast import Cast, a_family, a_person, a_referral, a_term, an_open_case, as_
from tests.triage.pages import at_most


def looks_of(user: Any) -> list[str]:
    with as_(user):
        return list(Look.objects.filter(user_id=user.pk).order_by("id").values_list("page", flat=True))


def many_cases(cast: Cast, count: int) -> None:
    with acting_as(NamedActor.IMPORTER, clusters=[cast.cluster.pk]):
        for number in range(10, 10 + count):
            child = a_person(a_family(cast.cluster, f"Many{number}", number=number), "Kit", school=cast.school)
            an_open_case(
                a_referral(child, number=number, school=cast.school, days_ago=number // 3),
                lead=cast.practitioner,
                leader=cast.leader,
                number=number,
            )


# --- whose records ---
def test_lists_hold_the_own_clusters_records_and_none_that_are_restricted(cast: Cast) -> None:
    program = Caller(cast.practitioner)
    families = program.get(url("family-list")).json()["results"]
    assert [row["name"] for row in families] == ["Novák", "Wójcik"]
    referrals = program.get(url("referral-list")).json()["results"]
    assert {row["id"] for row in referrals} == {str(cast.referral.pk), str(cast.case_referral.pk)}
    assert referrals[0] == {
        "id": str(cast.referral.pk),
        "cluster": cast.cluster.pk,
        "reference": "RI-2026-0002",
        "status": "to_screen",
        "received_on": cast.referral.received_on.isoformat(),
        "route": a_term("route").code,
        "school": {"id": cast.school.pk, "name": "Invented Primary School"},
        "child": "Jakub Wójcik",
        "harm_flagged": False,
    }
    (case,) = program.get(url("case-list")).json()["results"]
    assert (case["id"], case["family"]["name"], case["lead_worker"]) == (str(cast.case.pk), "Novák", "Asha Example")
    assert looks_of(cast.practitioner) == []


def test_somebody_named_reads_the_restricted_record(cast: Cast) -> None:
    program = Caller(cast.colleague)
    assert len(program.get(url("case-list")).json()["results"]) == 2
    assert program.get(url("case", cast.restricted_case.pk)).status_code == 200
    for person in (cast.practitioner, cast.leader):
        for name, pk in (
            ("case", cast.restricted_case.pk),
            ("referral", cast.restricted_referral.pk),
            ("family", cast.restricted_family.pk),
        ):
            assert Caller(person).get(url(name, pk)).status_code == 404


@pytest.mark.parametrize("name", ["family-list", "referral-list", "case-list"])
def test_a_manager_gets_empty_lists_and_others_a_reason(name: str, cast: Cast) -> None:
    assert Caller(cast.manager).get(url(name)).json() == {"results": [], "next": None}
    for person in (cast.guest, cast.referrer, cast.supervisor):
        answer = Caller(person).get(url(name))
        assert (answer.status_code, answer.json()) == (
            403,
            {"detail": "Records are listed for practitioners and leaders of a Cluster."},
        )


@pytest.mark.parametrize("method", ["get", "post"])
def test_records_of_another_cluster_do_not_exist(method: str, cast: Cast) -> None:
    program = Caller(cast.leader)
    found = {
        "family": cast.other_family.pk,
        "referral": cast.other_referral.pk,
        "decision": cast.other_referral.pk,
        "case": cast.other_case.pk,
        "contact-list": cast.other_case.pk,
        "plan": cast.other_case.pk,
    }
    for name, pk in found.items():
        for address in (url(name, pk), url(name, uuid4())):
            answer = program.get(address) if method == "get" else program.post(address, {})
            expected = 405 if method == "post" and name in ("family", "referral", "case") else 404
            assert answer.status_code == expected, name
            if expected == 404:
                assert answer.json() == {"detail": "Not found."}
    for person in (cast.manager, cast.referrer, cast.supervisor):
        assert Caller(person).get(url("case", cast.case.pk)).status_code == 404


def test_a_panel_guest_is_told_why_not(cast: Cast) -> None:
    referral = cast.referral
    for name, pk in (("referral", referral.pk), ("decision", referral.pk), ("family", referral.family_id)):
        answer = Caller(cast.guest).get(url(name, pk))
        assert answer.status_code == 403
        assert "workers of its Cluster" in answer.json()["detail"]


def test_a_record_is_read_whole_and_the_look_is_kept(cast: Cast) -> None:
    program = Caller(cast.leader)
    family = program.get(url("family", cast.family.pk)).json()
    assert {person["first_name"] for person in family["people"]} == {"Zdeňka", "Petr", "Jana"}
    assert family["address"] == "1 Invented Row"
    referral = program.get(url("referral", cast.referral.pk)).json()
    assert referral["story"]["going_well"] == "Loves football."
    assert referral["child"]["name"] == "Jakub Wójcik"
    assert referral["age_at_referral"] == cast.referral.age_at_referral
    assert referral["eligibility_warning"] == ""
    case = program.get(url("case", cast.case.pk)).json()
    assert {service["service"] for service in case["services"]} == {"family_support", "childrens_therapy"}
    decision = program.get(url("decision", cast.case_referral.pk)).json()
    assert (decision["response"], decision["offers"][0]["status"], decision["ending"]) == ("service", "allocated", None)
    assert program.get(url("decision", cast.referral.pk)).status_code == 404
    assert program.get(url("plan", cast.case.pk)).status_code == 404
    assert looks_of(cast.leader) == ["api: family", "api: referral", "api: case", "api: decision"]


def test_a_therapy_note_is_for_its_worker(cast: Cast) -> None:
    def notes(user: Any) -> dict[str, list[str]]:
        rows = Caller(user).get(url("contact-list", cast.case.pk)).json()["results"]
        return {row["kind"]: [note["text"] for note in row["notes"]] for row in rows}

    assert notes(cast.leader) == {"home_visit": ["Zdeňka seen, with Jana."], "session": []}
    assert notes(cast.therapist)["session"] == ["What was said in therapy."]


# --- pages of lists ---
def test_pages_go_on_where_they_stopped(cast: Cast) -> None:
    many_cases(cast, 7)
    program = Caller(cast.practitioner)
    for name in ("family-list", "referral-list", "case-list"):
        whole = [row["id"] for row in program.get(url(name)).json()["results"]]
        assert len(whole) >= 8
        for size in (1, 3, len(whole)):
            walked, address = [], f"{url(name)}?page_size={size}"
            while address:
                answer = program.get(address).json()
                assert len(answer["results"]) <= size
                walked += [row["id"] for row in answer["results"]]
                address = answer["next"]
                assert not address or "Many" not in address
            assert walked == whole
    contacts = program.get(url("contact-list", cast.case.pk), page_size=1).json()
    assert program.get(contacts["next"]).json()["results"][0]["id"] != contacts["results"][0]["id"]
    # A cursor is for the list it came from.
    cursor = contacts["next"].split("cursor=")[1]
    other = program.get(f"{url('case-list')}?cursor={cursor}")
    assert (other.status_code, list(other.json())) == (400, ["cursor"])


def test_lists_are_filtered_by_status_and_days(cast: Cast) -> None:
    program = Caller(cast.leader)

    def found(name: str, **query: Any) -> list[str]:
        return [row["reference"] for row in program.get(url(name), **query).json()["results"]]

    assert found("referral-list", status="to_screen") == ["RI-2026-0002"]
    assert found("referral-list", status="decided") == ["RI-2026-0001"]
    day = (timezone.localdate() - timedelta(days=10)).isoformat()
    assert found("referral-list", received_from=day) == ["RI-2026-0002"]
    assert found("referral-list", received_to=day) == ["RI-2026-0001"]
    assert found("case-list", status="closed") == []
    assert found("case-list", opened_from=timezone.localdate().isoformat()) == []


@pytest.mark.parametrize("many", [1, 30])
def test_lists_take_few_queries_however_long(many: int, cast: Cast) -> None:
    many_cases(cast, many)
    program = Caller(cast.leader)
    for address in (url("family-list"), url("referral-list"), url("case-list"), url("contact-list", cast.case.pk)):
        with at_most(8):
            assert program.get(address).status_code == 200


# --- figures and codes ---
def test_managers_and_leaders_read_the_tables(cast: Cast) -> None:
    period = {"received_from": "2020-01-01", "received_to": timezone.localdate().isoformat()}
    every = Caller(cast.manager).get(url("monitoring-tables"), **period).json()
    assert [cluster["name"] for cluster in every["clusters"]] == ["Hilltop Invented", "Riverside Invented"]
    assert (every["referrals"], every["children"]) == (6, 6)
    own = Caller(cast.leader).get(url("monitoring-tables"), **period).json()
    # Of the restricted family too: a figure names nobody.
    assert own["referrals"] == 4
    responses = next(table for table in own["tables"] if table["key"] == "12")
    assert {row["name"]: row["count"] for row in responses["rows"]}["Not yet decided"] == 2
    assert responses["rows"][0] == {"name": "Service received", "count": 2, "percent": "50.00"}


def test_figures_of_others_are_refused(cast: Cast) -> None:
    period = {"received_from": "2021-01-01", "received_to": "2021-06-30"}
    for person in (cast.practitioner, cast.guest, cast.referrer, cast.supervisor):
        assert Caller(person).get(url("monitoring-tables"), **period).status_code == 403
    other = Caller(cast.leader).get(url("monitoring-tables"), **period, cluster=cast.other_cluster.pk)
    assert (other.status_code, "own Clusters only" in other.json()["detail"]) == (403, True)


def test_the_period_of_the_tables_is_judged(cast: Cast) -> None:
    period = {"received_from": "2021-01-01", "received_to": "2021-06-30"}
    manager = Caller(cast.manager)

    def named(**query: Any) -> list[str]:
        return list(manager.get(url("monitoring-tables"), **query).json())

    assert named(**period, cluster=10**30) == ["cluster"]
    assert named(received_from="2021-02-01", received_to="2021-01-01") == ["received_to"]
    assert named() == ["received_from", "received_to"]
    # The publication's period, with what it misprints.
    assert manager.get(url("monitoring-tables"), **period, as_at="2022-01-01T00:00:00Z").json()["notes"]


def test_the_code_lists_are_those_that_can_be_written(cast: Cast) -> None:
    codes = Caller(cast.practitioner, scopes=[]).get(url("codes")).json()
    assert codes["clusters"] == [{"id": cast.cluster.pk, "name": "Riverside Invented"}]
    assert codes["schools"] == [{"id": cast.school.pk, "name": "Invented Primary School"}]
    assert "family_support" in {service["code"] for service in codes["services"]}
    assert any(reason["parent"] for reason in codes["reasons"])
