"""The last half year of screening, lived through week by week: referrals come in, meetings decide, families wait."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from cluster_ehs.core import audit
from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user
from clusters.models import NeedLevel, User
from clusters.need import levels_on
from demo.clock import as_of, moment
from demo.ground import World
from demo.households import Household
from demo.referring import a_referral
from demo.rows import Rows
from referrals.models import Referral
from triage import services
from triage.models import Decision, Meeting, Offer, Outcome, Response

SCREENERS = ("asha", "ben", "cara", "femi", "ines")


@dataclass
class Arrival:
    """One referral with what will become of it. allocated: the day on which its first service is taken up."""

    home: Household
    received: date
    response: Response | None = None
    offers: tuple[str, ...] = ()
    priority: int = Offer.Priority.ROUTINE
    partners: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    rationale: str = ""
    allocated: date | None = None
    worker: str = ""
    route: str = ""
    harm: bool = False
    override: str = ""
    deferred: str = ""
    show: str = ""
    referral: Referral | None = None
    decision: Decision | None = None
    decided: date | None = None
    taken: list[str] = field(default_factory=list)


class Screening:
    """Receives and decides. Everything is done by the people who would do it, at the time when they would."""

    def __init__(self, world: World, rows: Rows, arrivals: Iterable[Arrival]) -> None:
        self.world, self.rows = world, rows
        self.arrivals = sorted(arrivals, key=lambda a: a.received)
        self.dee = world.staff["dee"]
        self.levels = {level.order: level for level in levels_on()}

    def _level(self, arrival: Arrival, *, judged_again: bool = False) -> NeedLevel | None:
        """Mostly complex needs, some less; harm is above early help; now and then nobody says."""
        number = arrival.received.toordinal() + len(str(arrival.home.child))
        if number % 11 == 0:
            return None
        order = 4 if arrival.harm or number % 13 == 0 else (3, 2, 3, 3, 2)[number % 5]
        return self.levels.get(max(2, order - 1) if judged_again and number % 7 == 0 else order)

    @property
    def last_meeting(self) -> date:
        """The Tuesday of the last meeting that is over."""
        return last_tuesday(self.world.today)

    def run(self) -> None:
        """Weeks up to the last meeting, one after the other; then what has come in since."""
        coming = list(self.arrivals)
        first = min(a.received for a in coming)
        meeting_day = first + timedelta(days=(1 - first.weekday()) % 7 or 7)
        undecided: list[Arrival] = []
        while meeting_day <= self.last_meeting:
            while coming and coming[0].received < meeting_day:
                undecided.append(coming.pop(0))
                self._receive(undecided[-1])
            self._meet(meeting_day, undecided)
            undecided = [a for a in undecided if a.decision is None]
            meeting_day += timedelta(days=7)
        for arrival in coming:
            self._receive(arrival)

    def _receive(self, arrival: Arrival) -> None:
        world = self.world
        author = world.staff[SCREENERS[world.random.randrange(len(SCREENERS))]]
        at = moment(arrival.received, world.random.choice((8, 9, 11, 13, 15)), 20)
        with as_of(at), acting_as(NamedActor.IMPORTER, clusters=[world.cluster.pk]):
            referral = a_referral(world, arrival.home, arrival.received, self.rows, route=arrival.route, author=author)
            if arrival.harm:
                referral.harm_flagged_at, referral.harm_flagged_by = at, author
            if arrival.override:
                referral.override_reason, referral.override_by = arrival.override, self.dee
            referral.need_level = self._level(arrival)
            arrival.referral = self.rows.add(referral)
            self.rows.write()
        with as_of(at), acting_as_user(self._may_see(arrival, author).pk):
            text = f"Referral {referral.reference} received"
            audit.event(
                by=author if not arrival.home.family.restricted else self.dee,
                kind="referral.received",
                text=text,
                about=referral,
            )

    def _may_see(self, arrival: Arrival, author: User) -> User:
        return self.dee if arrival.home.family.restricted else author

    def _meet(self, day: date, undecided: list[Arrival]) -> None:
        with acting_as_user(self.dee.pk):
            with as_of(moment(day - timedelta(days=6), 10)):
                meeting = services.plan_meeting(
                    by=self.dee,
                    cluster_id=self.world.cluster.pk,
                    starts_at=moment(day, 9, 30),
                    place="Cluster office, meeting room",
                )
                for user, agency in (("dee", "Cluster"), ("asha", "Cluster"), ("lee", "Therapy"), ("jo", "Attendance")):
                    services.add_attendee(by=self.dee, meeting=meeting, user=self.world.staff[user], agency=agency)
                services.add_attendee(by=self.dee, meeting=meeting, name="Robin Example", agency="School nursing")
            with as_of(moment(day, 9, 30)):
                meeting = services.open_meeting(by=self.dee, meeting=meeting)
            for minute, arrival in enumerate(undecided):
                with as_of(moment(day, 9, min(33 + minute * 3, 59))):
                    self._decide(arrival, meeting)
            with as_of(moment(day, 10, 40)):
                if self.world.random.random() < 0.5:
                    text = self.world.random.choice(ACTIONS)
                    action = services.add_action(
                        by=self.dee,
                        meeting=meeting,
                        text=text,
                        owner=self.world.staff["asha"],
                        due_on=day + timedelta(days=7),
                    )
                    if day < self.last_meeting:
                        services.finish_action(by=self.dee, action=action)
                services.close_meeting(by=self.dee, meeting=meeting)

    def _decide(self, arrival: Arrival, meeting: Meeting) -> None:
        assert arrival.referral is not None  # noqa: S101 - received before the meeting
        if arrival.deferred or arrival.response is None:
            item = meeting.items.select_related("meeting", "referral").get(referral=arrival.referral)
            services.defer(by=self.dee, item=item, reason=arrival.deferred or "The family could not be reached yet.")
            return
        home, world = arrival.home, self.world
        offered = [
            services.Offered(
                world.services[code],
                home.child if code == "childrens_therapy" else home.carer if code == "adult_counselling" else None,
                arrival.priority,
            )
            for code in arrival.offers
        ]
        arrival.decision = services.decide(
            by=self.dee,
            referral=arrival.referral,
            response=arrival.response,
            rationale=arrival.rationale or home.tell(home.story.rationale),
            services=offered,
            partners=[world.partners[code] for code in arrival.partners],
            meeting=meeting,
            outcomes=arrival.outcomes,
            need_level=self._level(arrival, judged_again=True),
        )
        arrival.decided = meeting.starts_at.date()

    # --- meetings of today and to come ---

    def today(self) -> Meeting:
        """The meeting that is open now, with a guest."""
        world, today = self.world, self.world.today
        # Not before today's midnight, whenever the demonstration is loaded.
        now = max(timezone.localtime() - timedelta(minutes=40), moment(today, 0))
        begins = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
        with acting_as_user(self.dee.pk):
            meeting = services.plan_meeting(
                by=self.dee, cluster_id=world.cluster.pk, starts_at=begins, place="Cluster office, meeting room"
            )
            for key, agency in (("asha", "Cluster"), ("lee", "Therapy"), ("gus", "School nursing")):
                services.add_attendee(by=self.dee, meeting=meeting, user=world.staff[key], agency=agency)
            services.add_attendee(by=self.dee, meeting=meeting, name="Robin Example", agency="Early Help Hub")
            meeting = services.open_meeting(by=self.dee, meeting=meeting)
            services.add_action(
                by=self.dee,
                meeting=meeting,
                text="Ask the head teacher about the morning place",
                owner=world.staff["jo"],
                due_on=today + timedelta(days=7),
            )
        return meeting


def last_tuesday(today: date) -> date:
    """The last Tuesday that is six days ago or more, so that a week's referrals have come in since."""
    day = today - timedelta(days=6)
    return day - timedelta(days=(day.weekday() - 1) % 7)


ACTIONS = (
    "Ask school for the attendance of the last twelve weeks",
    "Ring the family who could not be reached",
    "Tell the Early Help Hub who holds the case",
    "Ask the GP whether a referral to CAMHS was made",
)
