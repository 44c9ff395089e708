"""The weekly check: what the rules make of the looks of a week."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.home import home_key
from clusters.models import Cluster, Role, StaffRole, User
from clusters.notices import tell
from clusters.roles.asking import managers_but
from families.models import EmergencyAccess, Family, Person
from families.names import fold
from monitoring.curiosity.looks import Looked, in_a_row, looked
from monitoring.curiosity.models import CuriosityFinding, CuriosityRule, CuriosityRun

Code = CuriosityRule.Code


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def carry_on() -> None:
    """For the sweep: the week that is over, once for each Cluster."""
    check_due(timezone.localdate())


def check_due(today: date) -> int:
    """Check last week's looks of every Cluster that has not been checked. Returns how many findings there are."""
    week = monday_of(today) - timedelta(days=7)
    done = set(CuriosityRun.objects.filter(week_starts_on=week).values_list("cluster_id", flat=True))
    return sum(check(cluster, week) for cluster in Cluster.objects.exclude(pk__in=done))


def check(cluster: Cluster, week: date) -> int:
    """Find, note and tell, in one transaction; nothing the second time. Returns how many findings are new."""
    with acting_as(NamedActor.CURIOSITY, clusters=[cluster.pk]):
        run, new = CuriosityRun.objects.get_or_create(cluster=cluster, week_starts_on=week)
        if not new:
            return 0
        found, number = find(cluster.pk, week)
        CuriosityFinding.objects.bulk_create(found, ignore_conflicts=True)
        run.looks, run.found = number, len(found)
        run.save(update_fields=["looks", "found"])
        opened = EmergencyAccess.objects.filter(
            cluster=cluster, starts_at__date__gte=week, starts_at__date__lt=week + timedelta(days=7)
        ).count()
    _tell(cluster, week, found, opened)
    return len(found)


def find(cluster_id: int, week: date) -> tuple[list[CuriosityFinding], int]:
    """The findings of a week, not saved, and how many looks there were."""
    rules = {rule.code: rule for rule in CuriosityRule.objects.all()}
    rows = looked(cluster_id, week, rules[Code.OUT_OF_HOURS])
    found = [
        CuriosityFinding(
            cluster_id=cluster_id,
            rule=rules[code],
            reader_id=row.reader_id,
            family_key=row.family_key,
            reference=row.reference,
            week_starts_on=week,
            number=row.out_of_hours if code == Code.OUT_OF_HOURS else row.number,
            first_at=row.first_at,
            last_at=row.last_at,
        )
        for code, row in _of_pairs(cluster_id, rows, rules)
    ]
    many = rules[Code.MANY]
    if many.active:
        found += [
            CuriosityFinding(
                cluster_id=cluster_id,
                rule=many,
                reader_id=row.reader_id,
                week_starts_on=week,
                number=row.number,
                first_at=row.first_at,
                last_at=row.last_at,
            )
            for row in in_a_row(cluster_id, week, rows, many.at_least)
        ]
    return found, sum(row.number for row in rows)


def _of_pairs(
    cluster_id: int, rows: Iterable[Looked], rules: dict[str, CuriosityRule]
) -> Iterable[tuple[Code, Looked]]:
    """One finding for a person and a family: the gravest rule that holds says it."""
    strangers = [row for row in rows if not row.works]
    same_home = _same_home(strangers) if rules[Code.SAME_ADDRESS].active else set()
    same_name = _same_name(cluster_id, strangers, rules[Code.SAME_NAME]) if rules[Code.SAME_NAME].active else set()
    for row in strangers:
        pair = (row.reader_id, row.family_key)
        if pair in same_home and row.number >= rules[Code.SAME_ADDRESS].at_least:
            yield Code.SAME_ADDRESS, row
        elif pair in same_name and row.number >= rules[Code.SAME_NAME].at_least:
            yield Code.SAME_NAME, row
        elif row.by_post:
            continue
        elif rules[Code.OUT_OF_HOURS].active and row.out_of_hours >= rules[Code.OUT_OF_HOURS].at_least:
            yield Code.OUT_OF_HOURS, row
        elif rules[Code.NO_RELATIONSHIP].active and row.number >= rules[Code.NO_RELATIONSHIP].at_least:
            yield Code.NO_RELATIONSHIP, row


Pairs = set[tuple[int, UUID]]


def _same_home(rows: list[Looked]) -> Pairs:
    """Compared by fingerprint: where a member of staff lives is not known here."""
    readers = User.objects.filter(pk__in={row.reader_id for row in rows}).exclude(home_key="")
    keys = dict(readers.values_list("pk", "home_key"))
    if not keys:
        return set()
    asked = {row.family_key for row in rows if row.reader_id in keys}
    homes = Family.objects.filter(pk__in=asked).values_list("pk", "address", "postcode")
    homes_by_key = {pk: home_key(address, postcode) for pk, address, postcode in homes}
    return {
        (row.reader_id, row.family_key)
        for row in rows
        if row.reader_id in keys and keys[row.reader_id] == homes_by_key.get(row.family_key)
    }


def _same_name(cluster_id: int, rows: list[Looked], rule: CuriosityRule) -> Pairs:
    """A name that many families of the Cluster bear says nothing."""
    names = dict(User.objects.filter(pk__in={row.reader_id for row in rows}).values_list("pk", "name"))
    surnames = {pk: fold(name.split(" ")[-1]) for pk, name in names.items() if name.strip()}
    people = Person.objects.filter(cluster_id=cluster_id)
    borne: dict[str, set[UUID]] = {}
    asked = {row.family_key for row in rows}
    for family, name in people.filter(family_id__in=asked).values_list("family_id", "last_name"):
        borne.setdefault(fold(name), set()).add(family)
    written = {name for name in people.values_list("last_name", flat=True).distinct() if fold(name) in borne}
    common = Counter(
        fold(name) for _, name in people.filter(last_name__in=written).values_list("family_id", "last_name").distinct()
    )
    most = rule.at_most if rule.at_most is not None else 10**6
    return {
        (row.reader_id, row.family_key)
        for row in rows
        if (name := surnames.get(row.reader_id, "")) and row.family_key in borne.get(name, ()) and common[name] <= most
    }


def _tell(cluster: Cluster, week: date, found: list[CuriosityFinding], opened: int) -> None:
    """The leaders of the Cluster and the managers, with counts and links, and no names."""
    leads = StaffRole.objects.today().filter(role=Role.LEADER, cluster=cluster, user__is_active=True)
    people = {user.pk: user for user in (*User.objects.filter(pk__in=leads.values("user_id")), *managers_but())}
    for person in people.values():
        number = sum(finding.reader_id != person.pk for finding in found)
        if number:
            tell(
                person,
                key=f"curiosity:{cluster.pk}:{week}:{person.pk}",
                subject=f"{number} looks at records to go through"
                if number > 1
                else "A look at a record to go through",
                text=f"{cluster}, week of {week.day} {week:%B}.",
                url_name="curiosity",
            )
        if opened:
            tell(
                person,
                key=f"emergencies:{cluster.pk}:{week}:{person.pk}",
                subject=f"{opened} records were opened in an emergency"
                if opened > 1
                else "A record was opened in an emergency",
                text=f"{cluster}, week of {week.day} {week:%B}: who, and why.",
                url_name="emergencies",
            )
