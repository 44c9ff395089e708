"""Who can sign in to the demonstration, all with the one password that is no secret."""

from dataclasses import dataclass

from clusters.models import Funder, Post, Role

PASSWORD = "riverside demonstration"  # noqa: S105 - printed for everybody; refused in production
CLUSTER = "Riverside Demonstration Cluster"
PILOT = "Pilot (published cohort)"
SCHOOL = "St Invented's Primary School"
# The private page of one family: the address is made from the token, the code is told apart from it.
FAMILY_TOKEN = "demonstration-family-page"  # noqa: S105
FAMILY_CODE = "WALNUT42"
# A survey that one family has not answered yet.
SURVEY_TOKEN = "demonstration-survey"  # noqa: S105
SURVEY_CODE = "ROBIN7"


@dataclass(frozen=True)
class Staff:
    """One person of the demonstration. cluster: a name, or empty for city-wide roles."""

    key: str
    name: str
    role: Role
    cluster: str = CLUSTER
    school: str = ""
    post: str = ""
    funder: str = ""
    fte: str = "1.00"
    capacity: int | None = None

    @property
    def email(self) -> str:
        return f"{self.key}@example.org"

    @property
    def described(self) -> str:
        place = self.school or self.cluster or "all Clusters"
        what = Post(self.post).label if self.post else self.role.label
        return f"{what}, {place}"


SIGN_INS = (
    Staff("dee", "Dee Example", Role.LEADER, funder=Funder.SCHOOLS),
    Staff("asha", "Asha Example", Role.PRACTITIONER, post=Post.FAMILY_PRACTITIONER, funder=Funder.SCHOOLS, capacity=14),
    Staff("ben", "Ben Example", Role.PRACTITIONER, post=Post.FAMILY_PRACTITIONER, funder=Funder.SCHOOLS, capacity=14),
    Staff("cara", "Cara Example", Role.PRACTITIONER, post=Post.FAMILY_PRACTITIONER, funder=Funder.LOCAL_AUTHORITY, fte="0.60", capacity=9),
    Staff("femi", "Femi Example", Role.PRACTITIONER, post=Post.TARGETED_SERVICES_WORKER, funder=Funder.LOCAL_AUTHORITY, capacity=14),
    Staff("ines", "Ines Example", Role.PRACTITIONER, post=Post.FAMILY_PRACTITIONER, funder=Funder.SCHOOLS, capacity=14),
    Staff("jo", "Jo Example", Role.PRACTITIONER, post=Post.ATTENDANCE_OFFICER, funder=Funder.SCHOOLS, capacity=12),
    Staff("lee", "Lee Example", Role.PRACTITIONER, post=Post.CHILDRENS_THERAPIST, funder=Funder.HEALTH, capacity=12),
    Staff("noor", "Noor Example", Role.PRACTITIONER, post=Post.ADULT_COUNSELLOR, funder=Funder.HEALTH, fte="0.80", capacity=10),
    Staff("sol", "Sol Example", Role.CLINICAL_SUPERVISOR, cluster=""),
    Staff("mo", "Mo Example", Role.MANAGER, cluster=""),
    Staff("gus", "Gus Example", Role.PANEL_GUEST),
    Staff("rae", "Rae Example", Role.REFERRER, cluster="", school=SCHOOL),
    Staff("pat", "Pat Example", Role.LEADER, cluster=PILOT, funder=Funder.SCHOOLS),
    Staff("lou", "Lou Example", Role.PRACTITIONER, cluster=PILOT, post=Post.FAMILY_PRACTITIONER, funder=Funder.SCHOOLS, capacity=14),
)  # fmt: skip
# Before this year's team; they cannot sign in.
LEAVERS = ("Maeve Example", "Owen Example", "Priya Example")


def card(address: str) -> str:
    """What `make run` prints: name, role, e-mail; the password; the family's page."""
    width = max(len(person.name) for person in SIGN_INS)
    mails = max(len(person.email) for person in SIGN_INS)
    lines = [f"  {person.name:<{width}}  {person.email:<{mails}}  {person.described}" for person in SIGN_INS]
    return "\n".join(
        [
            f"Sign in at {address} as one of these; each has the password “{PASSWORD}”.",
            *lines,
            f"A family's private page: {address}/f/{FAMILY_TOKEN}/ with the code {FAMILY_CODE}",
        ]
    )
