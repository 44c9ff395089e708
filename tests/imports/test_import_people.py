"""Who the rows are about: children, families, cases, workers and schools that are recognised or made."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.models import Case, CaseReferral, CaseService, LeadWorker
from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster, School, SchoolMembership, Service, StaffRole, User
from families.models import Family, Person
from referrals.models import Referral
from tests.imports.sheets import a_row, bring_in, reasons_of, write_csv
from triage.models import Offer

pytestmark = pytest.mark.django_db
NAME = "Invented Valley"


@contextmanager
def inside(name: str = NAME) -> Iterator[Cluster]:
    cluster = Cluster.objects.get(name=name)
    with acting_as(NamedActor.IMPORTER, clusters=[cluster.pk]):
        yield cluster


@pytest.fixture
def sheet(tmp_path: Path) -> Any:
    def sheet(*rows: dict[str, Any]) -> Path:
        return write_csv(tmp_path / "sheet.csv", rows)

    return sheet


SERVED = {"response": "Service received", "services": "Family support", "decision_date": "2021-03-10"}
OPENED = SERVED | {"opened": "2021-04-01", "lead_worker": "Wendy Past"}
CLOSED = {"closed": "2021-06-01", "outcomes": "moved"}
TRIAGED = {"response": "Triaged and passed to other services", "decision_date": "2021-03-10"}


def test_one_child_of_several_rows_has_several_referrals(sheet: Any) -> None:
    born = {"date_of_birth": "2012-02-01"}
    rows = [
        a_row(**born),
        a_row(reference="R2", child_first_name="ANN", child_last_name="exámple", **born, ethnicity="WBRI"),
        a_row(reference="R3", upn="B801200005001", child_first_name="Bea"),
        a_row(reference="R4", upn="b801200005001", child_first_name="Bee", nhs_number="9434765919"),
        a_row(reference="R5", child_first_name="Cid"),
        a_row(reference="R6", child_first_name="Cid"),
        a_row(reference="R7", **born, upn="H243278544154"),
        a_row(reference="R8", **born, upn="V383234521001"),
    ]
    assert bring_in(sheet(*rows))["added"] == 8
    with inside():
        children = {r.reference: r.child_id for r in Referral.objects.all()}
        assert children["R1"] == children["R2"] == children["R7"]
        assert children["R3"] == children["R4"]
        # Without a birth date a name alone makes nobody the same, and two UPNs are two children.
        assert children["R5"] != children["R6"]
        assert children["R8"] != children["R1"]
        ann = Person.objects.select_related("ethnicity").get(pk=children["R1"])
        # What the first row left blank, a later one fills; what is there stays.
        assert (ann.ethnicity.code, ann.upn, ann.last_name) == ("WBRI", "H243278544154", "Example")
        assert Person.objects.get(pk=children["R3"]).first_name == "Bea"
        assert Person.objects.get(pk=children["R3"]).nhs_number == "9434765919"


def test_a_child_who_was_there_before_is_known_and_only_blanks_are_filled(sheet: Any) -> None:
    bring_in(sheet(a_row(date_of_birth="2012-02-01", gender="male")))
    bring_in(sheet(a_row(reference="R9", date_of_birth="2012-02-01", gender="female", ethnicity="WBRI")))
    with inside():
        child = Person.objects.select_related("ethnicity").get()
        assert (child.gender, child.ethnicity.code, child.version) == ("male", "WBRI", 2)
        assert Referral.objects.count() == 2


def test_siblings_share_a_family_by_number_or_by_name_and_address(sheet: Any) -> None:
    home = {"address": "1 Invented Row", "postcode": "ls8 1aa"}
    rows = [
        a_row(child_first_name="Ann", **home),
        a_row(reference="R2", child_first_name="Bob", address="1, invented row", postcode="LS81AA"),
        a_row(reference="R3", child_first_name="Cid", child_last_name="Other", **home),
        a_row(reference="R4", child_first_name="Dee", child_last_name="One", family="7"),
        a_row(reference="R5", child_first_name="Eve", child_last_name="Two", family="7"),
    ]
    bring_in(sheet(*rows))
    with inside():
        of = {r.reference: r.family_id for r in Referral.objects.all()}
        assert of["R1"] == of["R2"] != of["R3"]
        assert of["R4"] == of["R5"]
        assert Family.objects.get(pk=of["R1"]).postcode == "LS8 1AA"
        assert Family.objects.get(pk=of["R4"]).own_number == "7"


def test_children_of_one_address_are_kept_apart_when_asked(sheet: Any) -> None:
    home = {"address": "1 Invented Row", "postcode": "LS8 1AA"}
    path = sheet(a_row(**home), a_row(reference="R2", child_first_name="Bob", **home))
    bring_in(path, separate_siblings=True)
    with inside():
        assert Family.objects.count() == 2


def test_siblings_share_one_open_case_and_a_closed_one_of_the_same_days(sheet: Any) -> None:
    closed = {"closed": "2021-06-01", "outcomes": "moved"}
    rows = [
        a_row(**OPENED, family="7", sessions=3),
        a_row(reference="R2", child_first_name="Bob", **OPENED, family="7", sessions=2),
        a_row(reference="R3", child_first_name="Cid", **OPENED, **closed, family="8"),
        a_row(reference="R4", child_first_name="Dee", **OPENED, **closed, family="8"),
        a_row(reference="R5", child_first_name="Eve", **(OPENED | {"opened": "2021-04-02"}), **closed, family="8"),
    ]
    bring_in(sheet(*rows))
    with inside():
        of = dict(CaseReferral.objects.values_list("referral__reference", "case_id"))
        assert of["R1"] == of["R2"]
        assert of["R3"] == of["R4"] != of["R5"]
        assert Case.objects.get(pk=of["R1"]).sessions_before == 5
        # Family support is for the family: one service in the case, though two offers were made.
        assert CaseService.objects.filter(case_id=of["R1"]).count() == 1
        assert Case.objects.count() == 3
    bring_in(sheet(a_row(reference="R6", child_first_name="Fay", **OPENED, family="7", sessions=4)))
    with inside():
        assert Case.objects.get(pk=of["R1"]).sessions_before == 9
        assert CaseReferral.objects.filter(case_id=of["R1"]).count() == 3


def test_a_worker_who_does_not_exist_is_made_as_a_past_one(sheet: Any) -> None:
    cluster = Cluster.objects.create(name=NAME, prefix="IV")
    here = User.objects.create_user(name="Zoë Here", email="zoe@example.org")
    StaffRole.objects.create(user=here, role="practitioner", cluster=cluster, starts_on=date(2020, 1, 1))
    rows = [
        a_row(**OPENED),
        a_row(reference="R2", child_first_name="Bob", **OPENED | {"lead_worker": "wendy  PAST"}),
        a_row(reference="R3", child_first_name="Cid", **OPENED | {"lead_worker": "zoe here"}),
        a_row(reference="R4", child_first_name="Dee", **OPENED | {"lead_worker": ""}),
    ]
    assert bring_in(sheet(*rows))["added"] == 4
    past = User.objects.get(name="Wendy Past")
    assert (past.email, past.is_active, past.has_usable_password()) == (None, False, False)
    role = past.roles.get()
    assert (role.cluster, role.starts_on) == (cluster, date(2021, 4, 1))
    assert not StaffRole.objects.today().filter(user=past).exists()
    with inside():
        led = dict(LeadWorker.objects.values_list("case__case_referrals__referral__reference", "worker__name"))
        assert led == {"R1": "Wendy Past", "R2": "Wendy Past", "R3": "Zoë Here", "R4": "Worker not recorded"}


def test_schools_by_urn_by_name_and_the_member_among_namesakes(sheet: Any) -> None:
    cluster = Cluster.objects.create(name=NAME, prefix="IV")
    ours, theirs = (School.objects.create(name="Saint Invented's", urn=urn) for urn in ("900001", "900002"))
    rows = [a_row(school="900002"), a_row(reference="R2", school="saint inventeds")]
    result = bring_in(sheet(*rows))
    assert reasons_of(result) == ["school: there are 2 schools named “saint inventeds”. Give the URN"]
    SchoolMembership.objects.create(school=ours, cluster=cluster, starts_on=date(2015, 9, 1))
    assert bring_in(sheet(*rows, a_row(reference="R3", school="Brand New School")))["added"] == 2
    with inside():
        schools = dict(Referral.objects.values_list("reference", "school__urn"))
        assert schools == {"R1": theirs.urn, "R2": ours.urn, "R3": None}
        assert Referral.objects.get(reference="R3").school.name == "Brand New School"


def test_a_place_on_the_waiting_list_without_a_named_service(sheet: Any) -> None:
    assert bring_in(sheet(a_row(response="service")))["added"] == 1
    with inside():
        offer = Offer.objects.select_related("service").get()
        assert (offer.status, offer.service.name) == ("waiting", "Service not recorded")
        assert offer.waiting_since == date(2021, 3, 4)
    assert Service.objects.get(code="not_recorded").retired_on
