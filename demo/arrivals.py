"""Who came in the last half year and what became of them: the cast of the living demonstration."""

from datetime import date, timedelta

from clusters.models import School
from demo.ground import World
from demo.households import Household, Households
from demo.screening import Arrival, last_tuesday
from demo.stories.bank import STORIES
from families.models import Person
from triage.models import Offer, Outcome, Response

OPEN_CASES = 60
BY_KEY = {story.key: story for story in STORIES}
THERAPY_PLACES, COUNSELLING_PLACES = 8, 6
# Weeks on the list: some beyond the eight at which the alarm is raised.
WAITING = {
    "family_support": (1, 2, 3, 4, 5, 6, 7, 9, 10),
    "childrens_therapy": (2, 4, 6, 7, 9, 11, 13),
    "adult_counselling": (1, 3, 5, 8, 12),
    "attendance_support": (1, 2, 4),
}
STORY_OF = {
    "family_support": ("mornings", "anger", "housing", "query", "arrived"),
    "childrens_therapy": ("loss", "low"),
    "adult_counselling": ("safe", "carer"),
    "attendance_support": ("attend",),
}


class Cast:
    """Makes the families and says what is to happen to each."""

    def __init__(self, world: World, households: Households, ended: list[tuple[date, Household]]) -> None:
        self.world, self.households, self.random = world, households, world.random
        recent = [home for day, home in ended if world.weeks_ago(40) < day < world.weeks_ago(14)]
        # The same family must not come again twice, and its siblings stay with it.
        self.before = list({home.family.pk: home for home in recent}.values())
        self.places = {"childrens_therapy": THERAPY_PLACES, "adult_counselling": COUNSELLING_PLACES}

    def all(self) -> list[Arrival]:
        return [*self.open_cases(), *self.waiting(), *self.passed_on(), *self.without(), *self.to_screen()]

    def _home(self, key: str, on: date) -> Household:
        return self.households.make(BY_KEY[key], on=on)

    def _again(self, on: date) -> Household:
        """A family whose last work ended within the year."""
        return self.before.pop(self.random.randrange(len(self.before)))

    def open_cases(self) -> list[Arrival]:
        """Sixty families, each with a lead worker. The oldest are beyond their six months."""
        world, random = self.world, self.random
        workers = ["asha"] * 13 + ["ben"] * 13 + ["cara"] * 8 + ["femi"] * 12 + ["ines"] * 10 + ["jo"] * 4
        keys = [story.key for story in STORIES if story.key != "attend"]
        made = []
        for number, worker in enumerate(workers):
            weeks = 29 - 28.4 * number / OPEN_CASES if number < 4 else random.uniform(0.4, 25.5)
            opened = world.workday(world.weeks_ago(weeks))
            decided = last_tuesday_before(opened - timedelta(days=random.randint(1, 48)))
            received = world.workday(decided - timedelta(days=random.randint(2, 6)))
            key = "attend" if worker == "jo" else keys[number % len(keys)]
            home = self._again(received) if number in (7, 19, 33, 48) else self._home(key, received)
            key = home.story.key
            first = "attendance_support" if worker == "jo" else "family_support"
            arrival = Arrival(
                home, received, Response.SERVICE, (first,), allocated=opened, worker=worker, taken=[first]
            )
            self._more_services(arrival, key, weeks)
            if key == "safe" and number % 2 == 0 and self.households.is_new(home):
                self.households.keep_address_from_father(home)
            if number % 5 == 0 and self.households.is_new(home):
                self.households.add_grandmother(home)
            if self.households.is_new(home):
                self.households.agree(home, received - timedelta(days=1))
            if number % 9 == 4:
                arrival.response, arrival.partners = Response.SERVICE_AND_PASSED_ON, (home.story.partner,)
            made.append(arrival)
        return made

    def _more_services(self, arrival: Arrival, key: str, weeks: float) -> None:
        """Therapy or counselling beside family support: with a place, or still on its waiting list."""
        code = {
            "loss": "childrens_therapy",
            "low": "childrens_therapy",
            "safe": "adult_counselling",
            "carer": "adult_counselling",
        }.get(key)
        if code is None:
            return
        free = self.places[code] > 0 and weeks > 4
        if free:
            self.places[code] -= 1
            arrival.taken.append(code)
        if free or weeks < 6:
            arrival.offers += (code,)

    def waiting(self) -> list[Arrival]:
        made = []
        for service, waits in WAITING.items():
            for weeks in waits:
                decided = last_tuesday(self.world.today) - timedelta(weeks=weeks - 1)
                received = self.world.workday(decided - timedelta(days=self.random.randint(2, 5)))
                home = self._home(self.random.choice(STORY_OF[service]), received)
                priority = self.random.choices(
                    (Offer.Priority.URGENT, Offer.Priority.HIGH, Offer.Priority.ROUTINE), (1, 3, 6)
                )[0]
                made.append(Arrival(home, received, Response.SERVICE, (service,), priority, show="waiting"))
        return made

    def passed_on(self) -> list[Arrival]:
        """Passed to partner services in the last months; the ledger shows what became of them."""
        partners = (
            "the_beck",
            "mindmate",
            "res_team",
            "early_help_hub",
            "silvercloud",
            "therapeutic_social_work",
            "camhs",
            "young_carers",
            "debt_advice",
            "csws",
        )
        made = []
        for number in range(20):
            decided = last_tuesday(self.world.today) - timedelta(weeks=number % 14)
            received = self.world.workday(decided - timedelta(days=self.random.randint(2, 6)))
            partner = partners[number % len(partners)]
            home = self._home(self.random.choice(STORIES).key, received)
            why = f"{self.world.partners[partner]} fits better now; the family agrees."
            made.append(Arrival(home, received, Response.PASSED_ON, partners=(partner,), rationale=why, show="passed"))
        return made

    def without(self) -> list[Arrival]:
        """Decided without a service."""
        world = self.world
        said = (
            (
                Response.REFUSED,
                Outcome.FAMILY,
                "Rung twice; the family does not want support now and knows how to come back.",
            ),
            (Response.NO_ACTION, Outcome.UNSUITABLE, "CAMHS has just begun; a second plan would be one too many."),
            (
                Response.NO_SUPPORT,
                Outcome.STAFFING,
                "The therapy post is vacant until spring; school told what it can do.",
            ),
            (Response.REFUSED, Outcome.FAMILY, "Mother prefers to wait for the assessment."),
            (Response.OTHER, Outcome.UNSUITABLE, "The form says too little, and the referrer has left the school."),
            (Response.NO_ACTION, Outcome.UNSUITABLE, "The RES team is working with the family until next month."),
        )
        made = []
        for number, (response, outcome, why) in enumerate(said):
            decided = last_tuesday(world.today) - timedelta(weeks=number * 2)
            received = world.workday(decided - timedelta(days=self.random.randint(2, 5)))
            home = self._home(self.random.choice(STORIES).key, received)
            made.append(Arrival(home, received, response, rationale=why, outcomes=(outcome,)))
        return made

    def to_screen(self) -> list[Arrival]:
        """Fifteen to screen: one of them flagged, one come again, two siblings, one that has waited too long."""
        world = self.world
        since = last_tuesday(world.today) + timedelta(days=1)
        span = (world.today - since).days
        days = [world.workday(since + timedelta(days=n * span // 11)) for n in range(12)]
        made = [
            Arrival(self._home(STORIES[n % len(STORIES)].key, max(day, since)), max(day, since))
            for n, day in enumerate(days[:9])
        ]
        made[0].show = "siblings"
        twin = made[0].home
        if not twin.siblings:
            born = (twin.child.birth_date or world.today) + timedelta(days=800)
            twin.siblings.append(self.households.sibling(twin, born, made[0].received))
        second = Household(
            twin.family, twin.siblings[0], twin.carer, twin.story, twin.community, [twin.child], twin.father
        )
        made.append(Arrival(second, made[0].received))
        made.append(Arrival(self._again(days[9]), max(days[9], since), show="again"))
        harm = Arrival(self._home("safe", days[10]), max(days[10], since), harm=True, route="mainstream_school")
        made.append(harm)
        long_ago = world.workday(world.weeks_ago(5))
        made.append(
            Arrival(
                self._home("query", long_ago),
                long_ago,
                deferred="The family could not be reached yet; school tries on Friday.",
            )
        )
        elsewhere = self._home("mornings", days[11])
        elsewhere.child.school = School.objects.create(name="Faraway Primary School", urn="990099")
        made.append(
            Arrival(
                elsewhere,
                max(days[11], since),
                override="Sibling of a family we work with; moves to one of our schools in January.",
            )
        )
        risk = Arrival(self._home("anger", days[8]), max(days[8], since))
        self.households.warn(risk.home, "Two dogs; ring before coming and they are put in the yard.")
        made.append(risk)
        return made

    def restricted(self) -> Arrival:
        """The family of somebody who works with us: three people may open it."""
        received = self.world.workday(self.world.weeks_ago(12))
        home = self._home("carer", received)
        home.family.restricted = True
        decided = last_tuesday_before(received + timedelta(days=8))
        return Arrival(
            home,
            received,
            Response.SERVICE,
            ("family_support",),
            allocated=decided + timedelta(days=4),
            worker="cara",
            taken=["family_support"],
            show="restricted",
        )

    def in_both(self, pilot_child: Person) -> Arrival:
        """A child of the pilot Cluster who has moved schools: another record here, the same person in the city."""
        received = self.world.workday(self.world.weeks_ago(9))
        home = self._home("arrived", received)
        home.family.name = pilot_child.last_name
        for name in (
            "first_name",
            "last_name",
            "birth_date",
            "upn",
            "nhs_number",
            "gender",
            "ethnicity_id",
            "first_language_id",
        ):
            setattr(home.child, name, getattr(pilot_child, name))
        decided = last_tuesday_before(received + timedelta(days=8))
        return Arrival(
            home,
            received,
            Response.SERVICE,
            ("family_support",),
            allocated=decided + timedelta(days=6),
            worker="ines",
            taken=["family_support"],
        )


def last_tuesday_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 1) % 7)
