"""Records of long ago whose time has come: for the pages of what is kept, and one certificate."""

from datetime import date, timedelta
from typing import Any

from cases.models import Case, CaseReferral
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user, figures
from clusters.models import Term
from clusters.references import next_reference
from demo.ground import World
from families.index import index_people
from families.models import Family, Person
from keeping.disposal import services as disposals
from keeping.models import Disposal
from keeping.retention import services
from referrals.models import Referral
from triage.models import Ending, EndingOutcome, Outcome

# Family, child, born how many years ago, ended how many years ago, whether it had help.
OLD = (
    ("Ashdown", "Rosie", 17, 9, False),
    ("Mbeki", "Thabo", 19, 8, False),
    ("Lindqvist", "Elin", 26, 9, True),
    ("Farooq", "Sana", 16, 7, False),
    ("Pickersgill", "Harry", 15, 7, False),
    ("Oyelaran", "Tola", 18, 7, False),
)


def dispose_of_some(world: World) -> None:
    """Two to be looked at, one held, one kept longer, one that waits for a second person, one that is gone."""
    with acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
        families = {line[0]: _long_ago(world, *line) for line in OLD}
    dee, mo = world.staff["dee"], world.staff["mo"]
    with acting_as_user(dee.pk):
        services.hold(
            by=dee,
            family=families["Mbeki"],
            ground="claim",
            reason="The council’s solicitors expect a claim about the school; they will say when it is settled.",
        )
        services.review(
            by=dee,
            family=families["Farooq"],
            decision="longer",
            until=world.today + timedelta(days=300),
            reason="Her younger brother may be referred again this year.",
        )
        for name in ("Pickersgill", "Oyelaran"):
            services.review(
                by=dee,
                family=families[name],
                decision="dispose",
                reason="Read through: nobody would look for it.",
            )
    with acting_as_user(mo.pk), figures():
        gone = Disposal.objects.get(reference=families["Oyelaran"].reference)
        disposals.answer(by=mo, disposal=gone, yes=True)
    disposals.carry_out_all()


def _long_ago(world: World, name: str, child: str, born: int, ended: int, served: bool) -> Family:
    on = world.today - timedelta(days=ended * 365 + 40)
    came = on - timedelta(days=120 if served else 12)
    keys: dict[str, Any] = {"cluster": world.cluster}
    family = Family.objects.create(
        **keys,
        name=name,
        reference=next_reference(world.cluster, year=came.year, kind="family"),
        address=f"{ended} Foundry Walk",
        postcode="LS99 9ZZ",
    )
    keys["family"] = family
    person = Person.objects.create(
        **keys, first_name=child, last_name=name, birth_date=date(world.today.year - born, 3, 9), is_child=True
    )
    referral = Referral.objects.create(
        **keys,
        reference=next_reference(world.cluster, year=came.year),
        child=person,
        status="ended",
        received_on=came,
        route=Term.objects.filter(vocabulary="route").order_by("order", "pk")[0],
        imported=True,
    )
    ending = Ending.objects.create(**keys, referral=referral, where="case" if served else "triage", ended_on=on)
    EndingOutcome.objects.create(
        **keys, ending=ending, outcome=Outcome.COMPLETED_FULL if served else Outcome.UNSUITABLE
    )
    if served:
        case = Case.objects.create(
            **keys,
            reference=next_reference(world.cluster, year=came.year, kind="case"),
            status="closed",
            opened_on=came,
            closed_on=on,
            imported=True,
        )
        CaseReferral.objects.create(**keys, case=case, referral=referral)
    index_people([person], families=[family])
    return family
