"""What the family's record says beside its people: ties, circumstances, involvement, agreement, flags.

Nothing here is deleted: it ends on a day, or is marked as recorded by mistake, and stays in the history.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from clusters.models import DateRange, User
from families.family_models import FamilyRecord, Person

_IN_ORDER = Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))


class RecordQuerySet(models.QuerySet):
    def valid(self) -> QuerySet:
        """Without what was recorded by mistake."""
        return self.filter(mistaken=False)

    def on(self, day: date) -> QuerySet:
        """What holds on a day: begun, or begun at a time not known, and not ended by then."""
        return self.valid().filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day), Q(ends_on__isnull=True) | Q(ends_on__gt=day)
        )


class Dated(FamilyRecord):
    """Something that holds from a day to a day. `ends_on` is the first day on which it holds no more."""

    ends_on = models.DateField(null=True, blank=True)
    mistaken = models.BooleanField("recorded by mistake", default=False)
    version = models.PositiveIntegerField(default=1)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @property
    def is_over(self) -> bool:
        return self.mistaken or (self.ends_on is not None and self.ends_on <= timezone.localdate())


class Relationship(Dated):
    """How one person stands to another: `person` is the … of `other`, from a day to a day.

    Brothers, sisters and half-siblings follow from their parents and are not recorded, nor are
    grandparents when the parent between is; both can be where the people between are not recorded.
    """

    class Kind(models.TextChoices):
        PARENT = "parent", "Parent of"
        STEP_PARENT = "step_parent", "Step-parent of"
        ADOPTIVE_PARENT = "adoptive_parent", "Adoptive parent of"
        FOSTER_CARER = "foster_carer", "Foster carer of"
        SPECIAL_GUARDIAN = "special_guardian", "Special guardian of"
        CARER = "carer", "Carer of"
        MARRIED = "married", "Married to"
        PARTNER = "partner", "Partner of"
        SEPARATED = "separated", "Separated from"
        DIVORCED = "divorced", "Divorced from"
        FORMER_PARTNER = "former_partner", "Former partner of"
        SIBLING = "sibling", "Brother or sister of"
        GRANDPARENT = "grandparent", "Grandparent of"
        RELATIVE = "relative", "Other relative of"
        FRIEND = "friend", "Friend of"
        NEIGHBOUR = "neighbour", "Neighbour of"
        COMMUNITY = "community", "Knows from the community"
        PROFESSIONAL = "professional", "Works with"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships", db_constraint=False)
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="relationships_to", db_constraint=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    starts_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(person=F("other")), name="relationship_not_to_oneself"),
            models.CheckConstraint(condition=_IN_ORDER, name="relationship_dates_in_order"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class SocialCareInvolvement(Dated):
    """A period in which a child was known to children's social care, whatever the authority calls its service.

    The kinds are those of the Children Act 1989 as the children in need and looked after censuses count them, so
    that involvement before, during and after a case can be compared [L 10.2]. Periods of one kind do not overlap.
    """

    class Kind(models.TextChoices):
        ASSESSMENT = "assessment", "Assessment by social care"
        CHILD_IN_NEED = "child_in_need", "Child in need"
        ENQUIRY = "enquiry", "Child protection enquiry"
        CHILD_PROTECTION = "child_protection", "Child protection plan"
        COURT = "court", "Care proceedings"
        LOOKED_AFTER = "looked_after", "Looked after"
        CARE_LEAVER = "care_leaver", "Care leaver"

    class Source(models.TextChoices):
        SOCIAL_CARE = "social_care", "Social care"
        FAMILY = "family", "The family"
        SCHOOL = "school", "School"
        HEALTH = "health", "Health"
        OWN_RECORDS = "own_records", "Our own records"
        OTHER = "other", "Somebody else"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="social_care", db_constraint=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    starts_on = models.DateField()
    about = models.BooleanField("dates are about right, not exact", default=False)
    source = models.CharField("who says so", max_length=12, choices=Source.choices)

    class Meta:
        verbose_name = "social care involvement"
        ordering: ClassVar = ["-starts_on", "kind"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="socialcare_dates_in_order"
            ),
            ExclusionConstraint(
                name="socialcare_one_period_at_a_time",
                expressions=[
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                ],
                condition=Q(mistaken=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Circumstances(Dated):
    """How a family lives, from a day until the next change: what the evaluation describes families by.

    Number of people in the household and socioeconomic status are the protocol's [P, analysis]; there is no
    agreed measure of the latter, so it is what a worker can ask: where the money comes from. Housing and
    overcrowding are the evaluation's reasons [E Table 10] and [L 10.1.6] (social housing, reliance on benefits).
    """

    class Housing(models.TextChoices):
        OWNED = "owned", "Owned, or bought with a mortgage"
        SOCIAL = "social", "Rented from the council or a housing association"
        PRIVATE = "private", "Rented privately"
        TEMPORARY = "temporary", "Temporary accommodation"
        REFUGE = "refuge", "Refuge"
        ASYLUM = "asylum", "Asylum accommodation"
        STAYING = "staying", "Staying with relatives or friends"
        NONE = "none", "No fixed address"
        OTHER = "other", "Other"
        UNKNOWN = "unknown", "Not known"

    class Income(models.TextChoices):
        WORK = "work", "From work alone"
        WORK_AND_BENEFITS = "work_benefits", "From work and benefits"
        BENEFITS = "benefits", "From benefits alone"
        NO_RECOURSE = "no_recourse", "No recourse to public funds"
        OTHER = "other", "Other"
        UNKNOWN = "unknown", "Not known"

    starts_on = models.DateField("so since")
    people_in_home = models.PositiveSmallIntegerField("people in the household", null=True, blank=True)
    housing = models.CharField(max_length=10, choices=Housing.choices, default=Housing.UNKNOWN)
    overcrowded = models.BooleanField(null=True, blank=True)
    income = models.CharField("where the money comes from", max_length=14, choices=Income.choices, default="unknown")

    class Meta:
        verbose_name = "circumstances"
        verbose_name_plural = "circumstances"
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="circumstances_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(people_in_home__isnull=True) | Q(people_in_home__gte=1, people_in_home__lte=30),
                name="circumstances_people_1_to_30",
            ),
            ExclusionConstraint(
                name="circumstances_one_at_a_time",
                expressions=[
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                    ("family", RangeOperators.EQUAL),
                ],
                condition=Q(mistaken=False),
            ),
        ]

    def __str__(self) -> str:
        return self.get_housing_display()


class Flag(FamilyRecord):
    """Something to know at a glance: a risk to a visiting worker, an address not to be told."""

    class Kind(models.TextChoices):
        VISITING_RISK = "visiting_risk", "Visiting risk"
        ADDRESS_NOT_SHARED = "address_not_shared", "Address not to be shared"
        OTHER = "other", "Please note"

    class Precaution(models.TextChoices):
        """What a worker who goes alone does about a visiting risk."""

        NONE = "", "None in particular"
        RING = "ring", "Ring before and after the visit"
        TWO = "two", "Never visit alone"
        ELSEWHERE = "elsewhere", "Do not visit at home: meet elsewhere"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.CharField(max_length=300, blank=True)
    precaution = models.CharField(max_length=10, choices=Precaution.choices, default=Precaution.NONE, blank=True)
    address_of = models.ForeignKey(
        Person,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        verbose_name="whose address",
        help_text="Empty: the family's own.",
    )
    not_to_be_told = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    ends_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        pass

    def __str__(self) -> str:
        return self.get_kind_display()


class Agreement(FamilyRecord):
    """The family's agreement to work together: who, when, how, for what. A decision to share is another record."""

    given_by = models.CharField(max_length=120)
    given_on = models.DateField()
    how = models.CharField(max_length=120, blank=True)
    covers = models.TextField(blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="agreement_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_by}, {self.given_on}"


class SharingDecision(Dated):
    """A decision to share information about the family, or not to, with its reason [domain section 5].

    Apart from the agreement to work together: the duty to share for safeguarding (Children's Wellbeing and
    Schools Act 2026) does not rest on the family's agreement, and the agreement does not settle what is shared.
    """

    class Decision(models.TextChoices):
        SHARED = "shared", "Share"
        IN_PART = "in_part", "Share a part"
        NOT_SHARED = "not_shared", "Do not share"

    class Basis(models.TextChoices):
        SAFEGUARDING = "safeguarding", "To safeguard a child: duty to share"
        AGREED = "agreed", "The family asked for it or agreed"
        LAW = "law", "Another duty in law, or a court"
        TASK = "task", "Needed for the work of a public service"
        NO_BASIS = "no_basis", "Nothing that would allow it"

    class Told(models.TextChoices):
        BEFORE = "before", "Told before"
        AFTER = "after", "Told afterwards"
        RISK = "risk", "Not told: it would raise the risk"
        NOT_YET = "not_yet", "Not told yet"

    person = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_constraint=False
    )
    decision = models.CharField(max_length=10, choices=Decision.choices)
    with_whom = models.CharField("with whom", max_length=160)
    what = models.CharField("what information", max_length=300)
    reason = models.TextField()
    basis = models.CharField("what it rests on", max_length=12, choices=Basis.choices)
    told = models.CharField("was the family told", max_length=8, choices=Told.choices)
    decided_on = models.DateField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-decided_on", "-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="sharing_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("decided_on")), name="sharing_dates_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.with_whom}"
