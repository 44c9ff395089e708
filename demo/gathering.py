"""Groups, drop-ins and a school consultation of the demonstration, with their registers."""

from datetime import timedelta

from cases.models import CaseMeeting, Event, EventAttendance
from cases.services import Conference, Outside, Said, Who, add_meeting
from cases.services.events import Details, link_people, plan_event, session_not_held, take_register
from cluster_ehs.core.scope import acting_as_user
from demo.clock import as_of, moment
from demo.ground import World
from demo.living import OpenCase
from families.models import Person

Status = EventAttendance.Status
# Of each six: how many families send apologies or stay away, so that the registers are not all alike.
SAID = (Status.CAME, Status.CAME, Status.APOLOGIES, Status.CAME, Status.CAME, Status.DID_NOT, Status.CAME)


def gather(world: World, cases: list[OpenCase]) -> None:
    """A group of six weeks, four of them held; two drop-ins; a consultation in a school; a Family Group Conference."""
    asha = world.staff["asha"]
    own = [one for one in cases if one.worker.pk == asha.pk and not one.case.family.restricted][:4]
    monday = world.today - timedelta(days=world.today.weekday())
    with acting_as_user(asha.pk):
        families = [one.case.family_id for one in own]
        adults = list(Person.objects.filter(family_id__in=families, is_child=False, deceased=False).order_by("pk")[:6])
        group = Details(
            title="Calm mornings",
            leaders=[asha, world.staff["dee"]],
            school=world.schools[0],
            place="The community room",
            about="Six weeks on getting up, getting out and getting there, for parents and carers.",
        )
        with as_of(moment(monday - timedelta(weeks=6), 9)):
            event = plan_event(
                by=asha,
                cluster=world.cluster,
                kind=Event.Kind.GROUP,
                details=group,
                starts_at=moment(monday - timedelta(weeks=4), 9, 30),
                weeks=6,
            )
            link_people(by=asha, event=event, people=[person.pk for person in adults])
        sessions = list(event.sessions.all())
        session_not_held(by=asha, session=sessions[2], why="The boiler broke and the room was shut.")
        for number, session in enumerate([*sessions[:2], sessions[3]]):
            with as_of(session.held_at + timedelta(hours=2)):
                came = {person.pk: SAID[(number * 3 + place) % len(SAID)] for place, person in enumerate(adults)}
                take_register(by=asha, session=session, came=came, other_adults=3 + number % 2, other_children=number)
        for weeks, others in ((3, (7, 9)), (1, (5, 6))):
            at = moment(monday - timedelta(weeks=weeks) + timedelta(days=2), 15, 15)
            with as_of(at + timedelta(hours=1)):
                drop_in = plan_event(
                    by=asha,
                    cluster=world.cluster,
                    kind=Event.Kind.DROP_IN,
                    details=Details(title="Coffee at the gate", leaders=[asha], school=world.schools[1]),
                    starts_at=at,
                )
                link_people(by=asha, event=drop_in, people=[adults[weeks % len(adults)].pk])
                take_register(
                    by=asha,
                    session=drop_in.sessions.get(),
                    came={},
                    other_adults=others[0],
                    other_children=others[1],
                )
        at = moment(monday - timedelta(days=4), 13)
        talk = Details(
            title="Anxiety and coming to school",
            leaders=[asha],
            school=world.schools[2],
            staff_by_role="SENCO, two class teachers, attendance officer",
            children_discussed=4,
            about="What helps on the doorstep, and when to ask for more. Agreed to try a soft start for two weeks.",
        )
        with as_of(at + timedelta(hours=2)):
            held = plan_event(by=asha, cluster=world.cluster, kind=Event.Kind.CONSULTATION, details=talk, starts_at=at)
            take_register(by=asha, session=held.sessions.get(), came={}, other_adults=4)
        confer(world, min(own, key=lambda one: one.case.opened_on))


def confer(world: World, one: OpenCase) -> None:
    """A Family Group Conference of three weeks ago, with the family's own plan."""
    held_at = moment(world.today - timedelta(weeks=3), 17)
    adults = Person.objects.filter(family_id=one.case.family_id, is_child=False, deceased=False).order_by("pk")
    plan = Conference(
        referred_on=world.today - timedelta(weeks=6),
        family_plan="Gran has the little ones on school nights when Mum works. Uncle Theo does the Friday pick-up. "
        "We ring each other first, and school second.",
        agreed_on=world.today - timedelta(weeks=3),
        outcome="The family meets again without us in two months.",
    )
    with as_of(held_at + timedelta(hours=3)):
        add_meeting(
            by=one.worker,
            case=one.case,
            held_at=held_at,
            kind=CaseMeeting.Kind.FAMILY_GROUP,
            place="Gran’s front room",
            who=Who([person.pk for person in adults], [], (Outside("Theo Example", "uncle"),)),
            said=Said(
                "I want Gran to come to my assembly.",
                "The plan is agreed; the lead worker keeps a copy.",
                conference=plan,
            ),
        )
