"""The evaluation's tables [E 3.1.1, Tables 5 to 13], made from one set of counts for page, download and report.

Rows carry the names of the publication and stand there with a zero when nothing was counted. What our records can
hold and the publication could not (a route that a manager added, gender in other words, referrals not yet
decided) follows in rows of its own, only when something was counted in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from cluster_ehs.core.figures import percentage
from clusters.models import PartnerService, Term, Vocabulary
from families.models import Gender
from monitoring.involvement import involvement_tables
from monitoring.selectors import Counts, count_referrals
from monitoring.shapes import Period, Row, Table
from triage.models import Outcome, Response

# Raised when a rule of counting changes, so that a snapshot says by which it was made.
DEFINITION = 1

AGE_BANDS = (
    ("0-4", range(0, 5)),
    ("5-6", range(5, 7)),
    ("7-8", range(7, 9)),
    ("9-10", range(9, 11)),
    ("11-12", range(11, 13)),
    ("13-14", range(13, 15)),
    ("15-17", range(15, 18)),
)
OTHER_AGE = "Other/unspecified"
ETHNICITIES = (
    "African",
    "Any other Asian background",
    "Any other black background",
    "Any other ethnic background",
    "Any other white background",
    "Information not obtained",
    "Mixed race",
    "Other",
    "Roma/Roma Gypsy",
    "South Asian",
    "White British",
)
NOT_OBTAINED = "Information not obtained"
DIAGNOSED = "CYP with diagnosed SEN/disability"
QUERIED = "CYP with queried SEN/disability"
DIAGNOSES = ("ASC", "Learning disability or other diagnosed SEN", "Physical health need")
CATEGORIES = (
    "SEMH presenting behaviours",
    "SEMH cause",
    "Family",
    "School",
    "Environment",
    "SEN/disability/physical health needs",
    "Other",
)
ROUTES = (
    "Mainstream school",
    "Police",
    "Children's Social Work Services",
    "Community or hospital-based paediatrics/GP",
    "Specialist setting",
    "Other",
    "Self or family",
)
NOT_DECIDED = "Not yet decided"
NOT_CLOSED = "Not closed at the time of data entry, or on a waiting list"
SEVERAL = "Multiple outcomes"
NO_OUTCOME = "Unable to identify an outcome"
OUTCOMES = (
    Outcome.COMPLETED.label,
    Outcome.UNSUITABLE.label,
    Outcome.PASSED_ON.label,
    Outcome.FAMILY.label,
    Outcome.STAFFING.label,
    Outcome.MOVED.label,
    NOT_CLOSED,
    Outcome.UNRESOLVED.label,
    SEVERAL,
    NO_OUTCOME,
)
MOST_COMMON = 10


@dataclass(frozen=True)
class Evaluation:
    """`tables` are those of the publication; `beside` are ours, shown with them."""

    cluster_names: tuple[str, ...]
    period: Period
    as_at: datetime
    referrals: int
    children: int
    tables: tuple[Table, ...]
    beside: tuple[Table, ...]

    def table(self, key: str) -> Table:
        return next(table for table in (*self.tables, *self.beside) if table.key == key)


@dataclass(frozen=True)
class Terms:
    """The vocabularies the tables are named by, in their order."""

    by_id: dict[int, Term]

    @classmethod
    def load(cls) -> "Terms":
        found = Term.objects.filter(
            vocabulary__in=[Vocabulary.ROUTE, Vocabulary.REASON, Vocabulary.ETHNICITY, Vocabulary.SEN_TYPE]
        )
        return cls({term.pk: term for term in found.order_by("order", "pk")})

    def row_of(self, term_id: int | None, otherwise: str = "") -> str:
        if term_id is None:
            return otherwise
        term = self.by_id[term_id]
        return term.published_as or term.label

    def order(self, term_id: int) -> tuple[int, int]:
        return self.by_id[term_id].order, term_id


def evaluation(
    *, clusters: Sequence[int], names: Iterable[str], period: Period, as_at: datetime | None = None
) -> Evaluation:
    """The tables for the referrals that the Clusters received in the period, as at a moment (default: now).

    The denominator is the referrals received: a child referred twice counts twice, and the distinct children are
    shown beside (domain section 5). The caller opens the scope.
    """
    moment = as_at or timezone.now()
    counts = count_referrals(clusters=clusters, start=period.start, end=period.end, as_at=moment)
    terms = Terms.load()
    wanted = {*counts.partners, *(partner for partner, _ in counts.away)}
    partners = list(PartnerService.objects.filter(Q(pk__in=wanted) | Q(returns_expected=True)))
    return Evaluation(
        cluster_names=tuple(names),
        period=period,
        as_at=moment,
        referrals=counts.referrals,
        children=counts.children,
        tables=(
            _ages(counts),
            _genders(counts),
            _ethnicities(counts, terms),
            _needs(counts),
            _diagnoses(counts, terms),
            _categories(counts, terms),
            _sub_reasons(counts, terms),
            _routes(counts, terms),
            _responses(counts),
            _outcomes(counts),
        ),
        beside=(
            _official_ethnicities(counts, terms),
            _partners(counts, partners),
            _away(counts, partners),
            *involvement_tables(clusters=clusters, period=period, as_at=moment),
        ),
    )


def _table(
    key: str,
    title: str,
    fixed: Iterable[str],
    counted: Counter[str],
    counts: Counts,
    *,
    missing: int | None = None,
    about: str = "",
) -> Table:
    """Fixed rows first, then, in the order given, what was counted beyond them."""
    names = list(fixed)
    names += [name for name, count in counted.items() if name not in names and count]
    return Table(
        key,
        title,
        tuple(Row(name, counted[name], percentage(counted[name], counts.referrals)) for name in names),
        counts.referrals,
        missing,
        about,
    )


def _named(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for name, count in pairs:
        counted[name] += count
    return counted


def _in_order(counter: Counter[int], terms: Terms) -> Iterator[tuple[str, int]]:
    for term_id in sorted(counter, key=terms.order):
        yield terms.row_of(term_id), counter[term_id]


def _ages(counts: Counts) -> Table:
    def band(age: int | None) -> str:
        return next((name for name, years in AGE_BANDS if age in years), OTHER_AGE)

    counted = _named((band(age), count) for age, count in counts.age.items())
    return _table(
        "5",
        "Age of children referred (years at referral)",
        [*(name for name, _ in AGE_BANDS), OTHER_AGE],
        counted,
        counts,
        missing=counts.age[None],
        about="18 to 25 and unknown are in the last row.",
    )


def _genders(counts: Counts) -> Table:
    counted = _named((Gender(value).label, count) for value, count in sorted(counts.gender.items()))
    return _table(
        "gender",
        "Gender of children referred (text of 3.1.1)",
        [Gender.MALE.label, Gender.FEMALE.label, Gender.UNKNOWN.label],
        counted,
        counts,
        missing=counts.gender[Gender.UNKNOWN],
    )


def _ethnicities(counts: Counts, terms: Terms) -> Table:
    counted = _named((terms.row_of(term, NOT_OBTAINED), count) for term, count in counts.ethnicity.items())
    return _table("6", "Ethnicity of children referred", ETHNICITIES, counted, counts, missing=counted[NOT_OBTAINED])


def _official_ethnicities(counts: Counts, terms: Terms) -> Table:
    unknown = "Not known"
    groups = list(dict.fromkeys(t.group for t in terms.by_id.values() if t.vocabulary == Vocabulary.ETHNICITY))
    counted = _named(
        (terms.by_id[term].group or unknown if term else unknown, count) for term, count in counts.ethnicity.items()
    )
    return _table(
        "6b", "Ethnicity by the official grouping", groups or [unknown], counted, counts, missing=counted[unknown]
    )


def _needs(counts: Counts) -> Table:
    counted = Counter({DIAGNOSED: counts.diagnosed, QUERIED: counts.queried})
    return _table(
        "7",
        "Special educational needs and disability",
        [DIAGNOSED, QUERIED],
        counted,
        counts,
        about=(
            f"{counts.either_need} had one or the other. "
            "A child with a diagnosed need and another one queried is in both rows."
        ),
    )


def _diagnoses(counts: Counts, terms: Terms) -> Table:
    counted = _named(_in_order(counts.diagnoses, terms))
    return _table(
        "8",
        f"Diagnosed SEN/disabilities ({counts.diagnoses.total()} diagnoses)",
        DIAGNOSES,
        counted,
        counts,
        about="Each diagnosis counts: one child may have several.",
    )


def _categories(counts: Counts, terms: Terms) -> Table:
    counted = _named(_in_order(counts.categories, terms))
    return _table(
        "9",
        f"Reasons for intervention ({counted.total()} reasons)",
        CATEGORIES,
        counted,
        counts,
        missing=counts.referrals - counts.with_reasons,
        about="A category counts once per referral, however many of its sub-reasons were given.",
    )


def _sub_reasons(counts: Counts, terms: Terms) -> Table:
    def name(category: int, reason: int) -> str:
        return terms.by_id[reason].published_as or f"{terms.by_id[category].label}: {terms.by_id[reason].label}"

    common = sorted(counts.sub_reasons.items(), key=lambda item: (-item[1], terms.order(item[0][1])))
    counted = Counter({name(*pair): count for pair, count in common[:MOST_COMMON]})
    return _table(
        "10",
        "Ten most common sub-reasons",
        [],
        counted,
        counts,
        about="Each entry counts. Equal counts stand in the order of the vocabulary.",
    )


def _routes(counts: Counts, terms: Terms) -> Table:
    counted = _named(_in_order(counts.route, terms))
    return _table("11", "Referral routes by category of referrer", ROUTES, counted, counts)


def _responses(counts: Counts) -> Table:
    counted = _named((Response(value).label if value else NOT_DECIDED, n) for value, n in counts.response.items())
    return _table(
        "12",
        "Responses to referrals: services versus triage",
        [response.label for response in Response],
        counted,
        counts,
        missing=counted[NOT_DECIDED],
    )


def _outcomes(counts: Counts) -> Table:
    words = {"several": SEVERAL, "none": NO_OUTCOME}
    counted = _named((words.get(key) or Outcome(key).label, count) for key, count in counts.outcomes.items())
    counted[NOT_CLOSED] = counts.referrals - counts.outcomes.total()
    return _table("13", "Outcomes at case closure", OUTCOMES, counted, counts, missing=counted[NO_OUTCOME])


def _partners(counts: Counts, partners: Sequence[PartnerService]) -> Table:
    used = [partner for partner in partners if counts.partners[partner.pk]]
    chosen = sorted(used, key=lambda p: (-counts.partners[p.pk], p.order, p.name))
    counted = Counter({partner.name: counts.partners[partner.pk] for partner in chosen})
    return _table(
        "partners",
        "Partner services that referrals were passed to",
        [],
        counted,
        counts,
        about=f"{len(chosen)} partner services; {counts.came_back.total()} referrals came back to the Cluster.",
    )


WAYS = (("either", ""), ("decision", ": passed to them at the decision"), ("loan", ": on loan while the case ran"))


def _away(counts: Counts, partners: Sequence[PartnerService]) -> Table:
    """RES team, Early Help Hub and whoever else hands back [E 3.1]."""
    found = {pk for pk, _ in counts.away}
    chosen = sorted((p for p in partners if p.returns_expected or p.pk in found), key=lambda p: (p.order, p.name))
    counted = Counter({f"{p.name}{words}": counts.away[p.pk, way] for p in chosen for way, words in WAYS})
    return _table(
        "hands_back",
        "RES team, Early Help Hub and others that hand families back",
        list(counted),
        counted,
        counts,
        about="A referral counts once in a partner’s first row, also when it went there twice.",
    )
