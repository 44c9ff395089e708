"""Rows of the sheet become records, a thousand at a time, in the importer's own scope."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F
from django.utils import timezone

from cases.models import Case, CaseReferral, CaseService, CaseStatus, LeadWorker
from cluster_ehs.core.models import Event
from cluster_ehs.core.scope import NamedActor
from clusters.models import Cluster, PartnerService, Role, School, Service, StaffRole, User
from clusters.references import keep_clear_of, next_references
from families.index import index_people
from families.models import Family, Gender, Person, SendNeed
from imports.known import Known, KnownChild
from imports.labels import Labels, bare
from imports.rows import SheetRow, State
from referrals.models import Channel, Referral, ReferralReason, Status, Story
from triage.models import Decision, Ending, EndingOutcome, Offer, PassingOn

NOBODY = "Worker not recorded"
STATUS = {
    State.TO_SCREEN: Status.TO_SCREEN,
    State.WAITING: Status.DECIDED,
    State.OPEN: Status.DECIDED,
    State.CLOSED: Status.ENDED,
    State.BEFORE_START: Status.ENDED,
    State.TRIAGE: Status.ENDED,
}
ENDED = {
    State.CLOSED: Ending.Where.CASE,
    State.BEFORE_START: Ending.Where.BEFORE_START,
    State.TRIAGE: Ending.Where.TRIAGE,
}
OFFER = {State.WAITING: Offer.Status.WAITING, State.OPEN: Offer.Status.STARTED, State.CLOSED: Offer.Status.STARTED}
# These are for the family or an adult of it; the others are for the child who was referred.
FOR_THE_FAMILY = {Service.Kind.FAMILY_SUPPORT, Service.Kind.ADULT_COUNSELLING, Service.Kind.OTHER}
# The order of writing: parents before what hangs under them.
ORDER: tuple[type[models.Model], ...] = (
    Family,
    Person,
    SendNeed,
    Referral,
    Story,
    ReferralReason,
    Decision,
    Offer,
    PassingOn,
    Case,
    CaseReferral,
    LeadWorker,
    CaseService,
    Ending,
    EndingOutcome,
    Event,
)
# A row's blank that a later row about the same child may fill.
FILLED = ("birth_date", "upn", "nhs_number", "ethnicity_id", "first_language_id", "interpreter_needed", "school_id")


class Writer:
    """Makes the records of one Cluster's rows. `known` grows with each row; load it anew after a failure."""

    def __init__(
        self, *, cluster: Cluster, labels: Labels, known: Known, author: User | None, source: str, by_address: bool
    ) -> None:
        self.cluster, self.known, self.author, self.source, self.by_address = cluster, known, author, source, by_address
        self.kinds = dict(Service.objects.values_list("pk", "kind"))
        self.returns = set(PartnerService.objects.filter(returns_expected=True).values_list("pk", flat=True))
        self.workers = {bare(name): pk for pk, name in labels.workers.labels.items()}
        self.schools = {bare(name): pk for pk, name in labels.schools.choices.labels.items()}
        self._unnamed_service: int | None = None

    def write(self, rows: Sequence[SheetRow]) -> None:
        """Write all rows or, by the caller's transaction, none."""
        self.made: dict[type[models.Model], list[Any]] = defaultdict(list)
        self.people: dict[UUID, Person] = {}
        self.cases: dict[UUID, Case] = {}
        self.first_rows: list[SheetRow] = []
        self.more_sessions: Counter[UUID] = Counter()
        self.later: list[tuple[UUID, SheetRow, int | None]] = []
        self._make_people_of_staff(rows)
        for row in rows:
            self._row(row)
        self._fill_blanks()
        self._number(Family, "family", [row.received_on.year for row in self.first_rows])
        self._number(Case, "case", [case.opened_on.year for case in self.made[Case]])
        keep_clear_of(self.cluster, [row.reference for row in rows])
        for model in ORDER:
            # A child's need may be known already; everything else is new.
            model._default_manager.bulk_create(self.made[model], batch_size=1000, ignore_conflicts=model is SendNeed)
        for case, count in self.more_sessions.items():
            Case.objects.filter(pk=case).update(sessions_before=F("sessions_before") + count)
        index_people(self.made[Person], families=self.made[Family])

    # --- what one row becomes ---

    def _row(self, row: SheetRow) -> None:
        school = self.schools[bare(row.school)] if isinstance(row.school, str) else row.school
        child = self._child(row, school)
        keys = {"cluster_id": self.cluster.pk, "family_id": child.family}
        referral = self._add(
            Referral(
                **keys,
                id=uuid4(),
                reference=row.reference,
                child_id=child.person,
                status=STATUS[row.state],
                received_on=row.received_on,
                school_id=school,
                year_group=row.year_group,
                route_id=row.route,
                channel=Channel.IMPORTED,
                age_given=row.age,
                referrer_name=row.referrer_name,
                referrer_organisation=row.referrer_organisation,
                imported=True,
                author=self.author,
            )
        )
        self.known.references.add(row.reference)
        self._add(
            Story(**keys, referral_id=referral.pk, worrying=row.narrative, notes=row.notes, as_imported=row.original)
        )
        for status, needs in ((SendNeed.Status.DIAGNOSED, row.diagnosed), (SendNeed.Status.QUERIED, row.queried)):
            for need in needs:
                self._add(SendNeed(**keys, person_id=child.person, status=status, type_id=need))
        for category, reason in row.reasons:
            self._add(ReferralReason(**keys, referral_id=referral.pk, category_id=category, reason_id=reason))
        if row.response:
            self._decided(row, referral, keys)
        self._add(
            Event(
                **keys,
                actor=NamedActor.IMPORTER,
                kind="import",
                text=f"Referral {row.reference} imported from {self.source}, row {row.number}",
                about=f"referrals.referral:{referral.pk}",
            )
        )

    def _decided(self, row: SheetRow, referral: Referral, keys: dict[str, Any]) -> None:
        decided_on = row.decided_on or max(row.received_on, row.opened_on or row.received_on)
        decision = self._add(
            Decision(
                **keys,
                id=uuid4(),
                referral_id=referral.pk,
                response=row.response,
                decided_on=decided_on,
                decided_at=timezone.make_aware(datetime.combine(decided_on, time(12))),
            )
        )
        case = self._case(row, referral, keys) if row.opened_on else None
        services = row.services
        if row.state == State.WAITING and not services:
            services = (self._service_without_a_name(),)
        for service in services:
            person = None if self.kinds[service] in FOR_THE_FAMILY else referral.child_id
            offer = self._add(
                Offer(
                    **keys,
                    id=uuid4(),
                    decision_id=decision.pk,
                    service_id=service,
                    person_id=person,
                    status=OFFER.get(row.state, Offer.Status.WITHDRAWN),
                    waiting_since=decided_on,
                    started_on=max(decided_on, row.opened_on) if row.opened_on else None,
                )
            )
            if case and not (person is None and (case, service) in self.known.of_the_family):
                self._case_service(row, case, offer, keys)
        for partner in row.partners:
            expected = row.state not in ENDED and partner in self.returns
            self._add(
                PassingOn(
                    **keys, decision_id=decision.pk, partner_id=partner, sent_on=decided_on, return_expected=expected
                )
            )
        if row.state in ENDED:
            self._ending(row, referral, decided_on, keys)

    def _ending(self, row: SheetRow, referral: Referral, decided_on: date, keys: dict[str, Any]) -> None:
        ending = self._add(
            Ending(
                **keys,
                id=uuid4(),
                referral_id=referral.pk,
                where=ENDED[row.state],
                ended_on=row.closed_on or decided_on,
                outcome_not_recorded=not row.outcomes,
            )
        )
        for outcome in row.outcomes:
            self._add(EndingOutcome(**keys, ending_id=ending.pk, outcome=outcome))

    def _case(self, row: SheetRow, referral: Referral, keys: dict[str, Any]) -> UUID:
        """The case that the row opens or joins: a family's one open case, or one of the same days."""
        family, opened, closed = keys["family_id"], row.opened_on, row.closed_on
        assert opened is not None  # noqa: S101 - the caller's condition, for the type checker
        found = self.known.closed_case.get((family, opened, closed)) if closed else self.known.open_case.get(family)
        if found is None:
            case = Case(
                **keys,
                id=uuid4(),
                status=CaseStatus.CLOSED if closed else CaseStatus.OPEN,
                opened_on=opened,
                closed_on=closed,
                imported=True,
            )
            self._add(case)
            found, self.cases[case.pk] = case.pk, case
            if closed:
                self.known.closed_case[family, opened, closed] = found
            else:
                self.known.open_case[family] = found
            self._add(LeadWorker(**keys, case_id=found, worker_id=self._worker(row), starts_on=opened, ends_on=closed))
        if found in self.cases:
            self.cases[found].sessions_before += row.sessions
        elif row.sessions:
            self.more_sessions[found] += row.sessions
        self._add(CaseReferral(**keys, case_id=found, referral_id=referral.pk))
        return found

    def _case_service(self, row: SheetRow, case: UUID, offer: Offer, keys: dict[str, Any]) -> None:
        assert row.opened_on is not None  # noqa: S101 - the caller's condition, for the type checker
        if offer.person_id is None:
            self.known.of_the_family.add((case, offer.service_id))
        self._add(
            CaseService(
                **keys,
                case_id=case,
                service_id=offer.service_id,
                offer_id=offer.pk,
                worker_id=self._worker(row),
                person_id=offer.person_id,
                status=CaseService.Status.ENDED if row.closed_on else CaseService.Status.ACTIVE,
                starts_on=row.opened_on,
                ends_on=row.closed_on,
            )
        )

    # --- who it is about ---

    def _child(self, row: SheetRow, school: int | None) -> KnownChild:
        found = self.known.child(row)
        if found:
            self.later.append((found.person, row, school))
            self.known.learn(found, row)
            return found
        family = self.known.family(row, by_address=self.by_address) or self._family(row)
        person = self._add(
            Person(
                cluster_id=self.cluster.pk,
                family_id=family,
                id=uuid4(),
                first_name=row.first_name,
                last_name=row.last_name,
                birth_date=row.birth_date,
                gender=row.gender,
                gender_words=row.gender_words,
                ethnicity_id=row.ethnicity,
                first_language_id=row.language,
                interpreter_needed=row.interpreter,
                school_id=school,
                year_group=row.year_group,
                upn=row.upn,
                nhs_number=row.nhs_number,
            )
        )
        self.people[person.pk] = person
        child = KnownChild(person.pk, family, row.upn)
        self.known.add_child(child, row.first_name, row.last_name, row.birth_date)
        return child

    def _family(self, row: SheetRow) -> UUID:
        family = self._add(
            Family(
                id=uuid4(),
                cluster_id=self.cluster.pk,
                name=row.last_name,
                own_number=row.own_number,
                address=row.address,
                postcode=row.postcode,
            )
        )
        self.first_rows.append(row)
        self.known.add_family(family.pk, family.name, family.own_number, family.address, family.postcode)
        return family.pk

    def _fill_blanks(self) -> None:
        """What a later row knows and an earlier one left blank about the same child; nothing is overwritten."""
        elsewhere = {person for person, _, _ in self.later if person not in self.people}
        people = {**self.people, **Person.objects.in_bulk(elsewhere)}
        changed: dict[UUID, Person] = {}
        for pk, row, school in self.later:
            person = people[pk]
            said = (row.birth_date, row.upn, row.nhs_number, row.ethnicity, row.language, row.interpreter, school)
            for column, value in zip(FILLED, said, strict=True):
                if value not in (None, "") and getattr(person, column) in (None, ""):
                    setattr(person, column, value)
                    changed[pk] = person
            if person.gender == Gender.UNKNOWN and row.gender != Gender.UNKNOWN:
                person.gender, person.gender_words = row.gender, row.gender_words
                changed[pk] = person
        stored = [person for pk, person in changed.items() if pk not in self.people]
        for person in stored:
            person.version += 1
        columns = [name.removesuffix("_id") for name in FILLED]
        Person.objects.bulk_update(stored, [*columns, "gender", "gender_words", "version"], batch_size=500)

    # --- staff, schools, numbers ---

    def _make_people_of_staff(self, rows: Sequence[SheetRow]) -> None:
        """Past workers who cannot sign in, and schools that nobody has entered yet."""
        today = timezone.localdate()
        for row in rows:
            name = row.worker if isinstance(row.worker, str) else "" if row.worker or not row.opened_on else NOBODY
            if name and bare(name) not in self.workers:
                user = User(name=name, email=None, is_active=False)
                user.set_unusable_password()
                user.save()
                StaffRole.objects.create(
                    user=user,
                    role=Role.PRACTITIONER,
                    cluster=self.cluster,
                    starts_on=row.opened_on or row.received_on,
                    ends_on=today,
                )
                self.workers[bare(name)] = user.pk
            if isinstance(row.school, str) and bare(row.school) not in self.schools:
                self.schools[bare(row.school)] = School.objects.create(name=row.school, phase=School.Phase.OTHER).pk

    def _worker(self, row: SheetRow) -> int:
        if isinstance(row.worker, int):
            return row.worker
        return self.workers[bare(row.worker or NOBODY)]

    def _service_without_a_name(self) -> int:
        """For a place on the waiting list of which the sheet does not say what for. Cannot be chosen in a form."""
        if self._unnamed_service is None:
            service, _ = Service.objects.get_or_create(
                code="not_recorded",
                defaults={
                    "name": "Service not recorded",
                    "kind": Service.Kind.OTHER,
                    "order": 999,
                    "retired_on": date(2000, 1, 1),
                },
            )
            self._unnamed_service = service.pk
            self.kinds[service.pk] = service.kind
        return self._unnamed_service

    def _number(self, model: type[models.Model], kind: str, years: list[int]) -> None:
        taken = {
            year: iter(next_references(self.cluster, year=year, kind=kind, count=count))
            for year, count in Counter(years).items()
        }
        for record, year in zip(self.made[model], years, strict=True):
            record.reference = next(taken[year])

    def _add(self, record: Any) -> Any:
        self.made[type(record)].append(record)
        return record
