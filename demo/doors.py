"""What comes in from others: families that move between Clusters, notifications to match, people recorded twice."""

from datetime import timedelta

from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import Cluster, User
from demo.clock import as_of, moment
from demo.ground import World
from demo.households import Household
from demo.living import OpenCase
from demo.sign_ins import PILOT
from families.duplicates import check_person
from families.merging import merge_people
from families.models import Agreement, Person
from families.services import new_family, record_agreement, save_person
from outcomes.models import IncomingTransfer
from outcomes.transfers import accept_transfer, offer_transfer
from referrals.intake_csv import receive_file
from referrals.intake_feed import deliver
from referrals.models import Intake, Referral, Status

# How a name comes out on the telephone; the first that fits is taken.
HEARD = (("ph", "f"), ("nn", "n"), ("ie", "y"), ("i", "ie"), ("n", "nn"), ("e", "ea"), ("o", "oh"), ("a", "ah"))


def misheard(name: str) -> str:
    return next((name.replace(said, heard, 1) for said, heard in HEARD if said in name), name + "h")


def written_twice(world: World, cases: list[OpenCase]) -> None:
    """Three children taken down a second time over the telephone: two pairs wait for the leader, one is merged."""
    ben, dee = world.staff["ben"], world.staff["dee"]
    homes = [c.arrival.home for c in cases if not c.case.family.restricted and c.arrival.home.child.birth_date]
    again: list[tuple[Household, Person]] = []
    with acting_as_user(ben.pk):
        for number, home in enumerate(homes[6:9]):
            child = home.child
            born = child.birth_date
            if number == 0 and born:
                # One key beside the right one.
                born = born.replace(day=born.day + 1 if born.day < 28 else born.day - 1)
            family = new_family(
                by=ben,
                cluster=world.cluster,
                name=home.family.name,
                address=home.family.address,
                postcode=home.family.postcode,
            )
            person = save_person(
                by=ben,
                family=family,
                first_name=misheard(child.first_name),
                last_name=child.last_name,
                birth_date=born,
                telephone="0113 496 0166",
                school=child.school,
                is_child=True,
            )
            again.append((home, person))
    with acting_as(NamedActor.DUPLICATES, clusters=[world.cluster.pk]):
        for _, person in again:
            check_person(Person.objects.select_related("family").get(pk=person.pk))
    home, person = again[-1]
    with acting_as_user(dee.pk):
        merge_people(by=dee, kept=Person.objects.get(pk=home.child.pk), gone=person)


def move_between(world: World, cases: list[OpenCase]) -> None:
    """One family offered to the Cluster beside, one received from there, and one that waits for an answer here."""
    dee, pilot = world.staff["dee"], Cluster.objects.get(name=PILOT)
    pat = User.objects.get(email="pat@example.org")
    day = world.workday(world.today - timedelta(days=1))
    with acting_as_user(dee.pk), as_of(moment(day, 10)):
        for open_case in cases[10:]:
            agreement = Agreement.objects.filter(family_id=open_case.case.family_id, withdrawn_on=None).first()
            if agreement and open_case.goals:
                offer_transfer(
                    by=dee,
                    referral=Referral.objects.get(pk=open_case.arrival.referral.pk),  # type: ignore[union-attr]
                    to_cluster=pilot,
                    agreement=agreement,
                    parts=["story", "plan", "formulation", "contacts"],
                    why="They have the tenancy of a house there from next month; the school has changed already.",
                )
                break
    with acting_as_user(pat.pk), as_of(moment(day, 11)):
        theirs = Referral.objects.filter(cluster=pilot, status=Status.DECIDED).select_related("family", "child")
        for referral, why in zip(
            theirs.order_by("-received_on", "pk")[:2],
            ("They moved in with the grandmother, near Invented High School.", "A new flat; the school place follows."),
            strict=True,
        ):
            agreement = record_agreement(
                by=pat, family=referral.family, given_by="The mother", given_on=day, how="on the telephone"
            )
            offer_transfer(
                by=pat,
                referral=referral,
                to_cluster=world.cluster,
                agreement=agreement,
                parts=["story", "address"],
                why=why,
            )
    with acting_as_user(dee.pk), as_of(moment(day, 15)):
        accept_transfer(by=dee, incoming=IncomingTransfer.objects.filter(cluster=world.cluster).order_by("pk")[0])


SPA_FILE = """id,forename,surname,dob,school,concern,referrer_name
MM-INV-2041,Noah,Brightwater,14/03/2014,Fable Hill Primary School,"Worries at night, asks for help.",Jules Example
MM-INV-2042,,,31/02/2015,Storybrook Primary School,Low since a grandfather died.,Jules Example
"""


def notify(world: World) -> None:
    """A police notification and its change, a file of MindMate with a row that cannot be taken, a hand-down of CSWS."""
    received = timezone.now() - timedelta(days=1, hours=4)
    quarrel = {
        "first_name": "Tomas",
        "last_name": "Example",
        "birth_date": (world.today - timedelta(days=3900)).isoformat(),
        "school_name": world.schools[3].name,
        "worrying": "Called to the flat at night by a neighbour. Loud quarrel of the adults, nobody hurt; the "
        "children were awake in the next room.",
        "tried": "Adults spoken with apart. The mother would like somebody to talk to.",
        "referrer_name": "PC Invented 4417",
        "referrer_organisation": "Safer neighbourhood team",
        "referrer_telephone": "0113 496 0177",
        "officer_attended": "two, 23:40 to 00:25",
    }
    deliver(source=Intake.Source.POLICE, external_id="INV-2217", payload=quarrel, received_at=received)
    # The sender knows more the next day: the entry is brought up to date and keeps what it said before.
    later = {"worrying": f"{quarrel['worrying']} Called again the next evening.", "telephone": "0113 496 0178"}
    deliver(source=Intake.Source.POLICE, external_id="INV-2217", payload={**quarrel, **later}, received_at=received)
    deliver(
        source=Intake.Source.CSWS,
        external_id="CS-INV-0431",
        payload={
            "first_name": "Leila",
            "last_name": "Imaginary",
            "age": "7",
            "school_name": world.schools[5].name,
            "worrying": "Assessment done; no further action by social work. The family would welcome early help.",
            "referrer_name": "Kit Example",
            "referrer_organisation": "Children’s Social Work Services",
        },
        received_at=received + timedelta(hours=2),
    )
    receive_file(content=SPA_FILE.encode(), source=Intake.Source.SPA, file_name="mindmate-week.csv")
