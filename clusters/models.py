"""Who we are: Clusters, schools and their memberships, services and entitlements, partners, staff and roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from cluster_ehs.core.models import Message
from clusters.access_review.models import AccessLine, AccessReview  # noqa: F401 - named through this module
from clusters.directory import models as directory  # noqa: F401 - its tables belong to this app
from clusters.duty_models import Absence, DutyContact  # noqa: F401 - named through this module
from clusters.group_roles.models import GroupRole  # noqa: F401 - named through this module
from clusters.names import IS_A_PERSON, OF_A_PERSON
from clusters.need_models import NeedLevel, ThresholdDocument  # noqa: F401 - named through this module
from clusters.other_models import (  # noqa: F401 - named through this module
    ApiToken,
    CalendarFeed,
    ClinicalSupervision,
    InterpreterBudget,
    ReferenceCounter,
    SchoolContribution,
)
from clusters.querysets import DatedQuerySet, SchoolQuerySet, TermQuerySet, UserManager
from clusters.roles.models import AccountRequest, ManagerRequest  # noqa: F401 - named through this module


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class Cluster(models.Model):
    """A group of schools and partners in one area who pool money for early help [E][G]."""

    name = models.CharField(max_length=120, unique=True)
    prefix = models.CharField(
        max_length=6, unique=True, help_text="Begins every reference, for example HD in HD-2026-0142."
    )
    telephone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    postcodes = models.TextField(blank=True, help_text="Where it works: beginnings of postcodes, such as LS8 4, LS9.")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class School(models.Model):
    class Phase(models.TextChoices):
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        ALL_THROUGH = "all_through", "All-through"
        SPECIAL = "special", "Special"
        OTHER = "other", "Other"

    name = models.CharField(max_length=160)
    urn = models.CharField("URN", max_length=6, unique=True, null=True, blank=True)
    phase = models.CharField(max_length=12, choices=Phase.choices, default=Phase.PRIMARY)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True, help_text="The first day on which it is no longer open.")
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors")
    # What the register of schools last gave of each field; one that differs was changed by hand.
    register = models.JSONField(default=dict, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class SchoolMembership(models.Model):
    """A school belongs to a Cluster for a period; schools leave and come back [E]."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="memberships")
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="memberships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="membership_dates_in_order"
            ),
            ExclusionConstraint(
                name="membership_one_at_a_time",
                expressions=[
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                    ("school", RangeOperators.EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} in {self.cluster}"


class Vocabulary(models.TextChoices):
    """The code lists that are data: a manager may add and retire entries; old records keep theirs."""

    ROUTE = "route", "Referral routes"
    REASON = "reason", "Reasons for intervention"
    GENDER = "gender", "Gender"
    ETHNICITY = "ethnicity", "Ethnicity"
    LANGUAGE = "language", "Languages"
    SEN_TYPE = "sen_type", "Special educational needs and disability"
    YEAR_GROUP = "year_group", "School year groups"
    RELATIONSHIP = "relationship", "Relationship to the child"
    DOMAIN = "domain", "Domains of a factor"
    WAIT_REASON = "wait_reason", "Reasons for waiting"
    DOCUMENT_KIND = "document_kind", "Kinds of document"
    ATTENDANCE_LEGAL = "attendance_legal", "Stages of legal action on attendance"
    NEED = "need", "Needs at the start and end of a case"


class Term(models.Model):
    """One entry of a vocabulary.

    parent: the category of a sub-reason. group: the official grouping (ethnicity).
    published_as: the row of the evaluation's table that counts it. source: where the code list is from.
    """

    vocabulary = models.CharField(max_length=20, choices=Vocabulary.choices)
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=160)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    group = models.CharField(max_length=120, blank=True)
    published_as = models.CharField(max_length=160, blank=True)
    order = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=200, blank=True)
    retired_on = models.DateField(null=True, blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["vocabulary", "order", "label"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vocabulary", "code"], name="term_code_once"),
        ]

    def __str__(self) -> str:
        return self.label


class Service(models.Model):
    """What the Cluster offers [E][P]. `cluster` is empty for the services every Cluster has."""

    class Kind(models.TextChoices):
        FAMILY_SUPPORT = "family_support", "Family support"
        CHILDRENS_THERAPY = "childrens_therapy", "Children's therapy"
        ADULT_COUNSELLING = "adult_counselling", "Adult counselling"
        ATTENDANCE_SUPPORT = "attendance_support", "Attendance support"
        OTHER = "other", "Other"

    PRIVATE_KINDS: ClassVar = {Kind.CHILDRENS_THERAPY, Kind.ADULT_COUNSELLING}

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.PROTECT, related_name="own_services")
    order = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)
    check_in_weeks = models.PositiveSmallIntegerField(
        default=4, db_default=4, help_text="Weeks after which a family that waits is rung, for the first time."
    )

    class Meta:
        ordering: ClassVar = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def notes_are_private(self) -> bool:
        """Therapy and counselling notes are for the worker and the clinical supervisor (domain section 4)."""
        return self.kind in self.PRIVATE_KINDS


class Entitlement(models.Model):
    """What a service may use up, from a date on. Cases begun under an older one keep it [E][P]."""

    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.PROTECT, related_name="entitlements")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="entitlements")
    effective_from = models.DateField()
    weeks = models.PositiveIntegerField(
        null=True, blank=True, help_text="Weeks at most; empty when counted in sessions."
    )
    assessment_sessions = models.PositiveIntegerField(default=0)
    intervention_sessions = models.PositiveIntegerField(null=True, blank=True)
    session_minutes = models.PositiveIntegerField(null=True, blank=True)
    rhythm = models.CharField(max_length=80, blank=True)
    extendable = models.BooleanField(default=False)
    counts_not_attended = models.BooleanField(
        "a session that the family does not come to counts as used", default=False, db_default=False
    )
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["service", "-effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cluster", "service", "effective_from"], name="entitlement_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} from {self.effective_from}"

    @property
    def in_words(self) -> str:
        """“3 assessment sessions, then up to 12 sessions of 50 minutes, weekly; no extension”."""
        before, minutes = self.assessment_sessions, self.session_minutes
        parts = [
            f"at most {self.weeks} weeks" if self.weeks else "",
            f"{before} assessment sessions" if before else "",
            f"{'then ' if before else ''}up to {self.intervention_sessions} sessions"
            f"{f' of {minutes} minutes' if minutes else ''}"
            if self.intervention_sessions
            else "",
            self.rhythm,
            "a missed session counts" if self.counts_not_attended else "",
        ]
        return f"{', '.join(filter(None, parts))}; {'can be extended' if self.extendable else 'no extension'}"


class Stage(models.TextChoices):
    """Where a case stands in its course, as far as a worker's load is concerned."""

    BEGINNING = "beginning", "Its first six weeks"
    UNDER_WAY = "under_way", "Under way"
    CLOSING = "closing", "Waiting for sign-off"
    LENT = "lent", "On loan to a partner service"


class CaseWeight(models.Model):
    """How heavy a case weighs against a worker's capacity, from a date on: by a service, or by its stage.

    What nobody has set weighs 1.
    """

    service = models.ForeignKey(Service, null=True, blank=True, on_delete=models.PROTECT, related_name="weights")
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    weight = models.DecimalField(max_digits=3, decimal_places=2)
    effective_from = models.DateField()

    class Meta:
        ordering: ClassVar = ["-effective_from", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["service", "stage", "effective_from"], name="caseweight_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(service__isnull=True) ^ Q(stage=""), name="caseweight_service_or_stage"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=5), name="caseweight_range"),
        ]

    def __str__(self) -> str:
        return f"{self.service or self.get_stage_display()}: {self.weight} from {self.effective_from}"


class PartnerService(models.Model):
    """Where families are passed to; 26 were used in six months [E]."""

    name = models.CharField(max_length=160, unique=True)
    # What the directory that we ship calls it, so that a renamed partner is not loaded a second time.
    code = models.CharField(max_length=40, unique=True, null=True, blank=True)
    returns_expected = models.BooleanField(
        default=False, help_text="Short work that hands back: RES team, Early Help Hub."
    )
    is_social_care = models.BooleanField(default=False)
    answer_days = models.PositiveSmallIntegerField(
        default=14, db_default=14, help_text="Days after which we ask for news."
    )
    description = models.TextField("what it does", blank=True, max_length=2000)
    telephone = models.CharField(max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    website = models.URLField(blank=True)
    order = models.PositiveIntegerField(default=0)
    retired_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class User(AbstractBaseUser):
    """Somebody with a name in the service. Past workers have no e-mail and cannot sign in."""

    name = models.CharField(max_length=120, validators=[OF_A_PERSON])
    email = models.EmailField(unique=True, null=True, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May read the technical admin pages.")
    created_at = models.DateTimeField(auto_now_add=True)
    mails = models.CharField(
        "mails about what is not urgent", max_length=5, choices=Message.ByMail.choices, default=Message.ByMail.ONCE
    )
    digest = models.BooleanField("numbers of the week by mail, for leaders", default=True)
    # A fingerprint of house number and postcode, given by themselves: compared with families', never shown.
    home_key = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # The roles of the day, kept with the object of one request by `clusters.people.duties`.
    duties_today: Any = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]
    objects = UserManager()

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [IS_A_PERSON]

    def __str__(self) -> str:
        return self.name

    @property
    def actor_name(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]

    def get_full_name(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """The technical admin is read-only: nobody has a right to add, change or delete there."""
        return self.is_active and self.is_staff and perm.rpartition(".")[2].startswith("view_")

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class Role(models.TextChoices):
    PRACTITIONER = "practitioner", "Practitioner"
    LEADER = "leader", "Cluster leader"
    CLINICAL_SUPERVISOR = "clinical_supervisor", "Clinical supervisor"
    MANAGER = "manager", "Manager"
    PANEL_GUEST = "panel_guest", "Panel guest"
    REFERRER = "referrer", "Referrer"


class Post(models.TextChoices):
    """The posts of practitioners [P]."""

    FAMILY_PRACTITIONER = "family_practitioner", "Child and family practitioner"
    TARGETED_SERVICES_WORKER = "targeted_services_worker", "Targeted services worker"
    CHILDRENS_THERAPIST = "childrens_therapist", "Children's therapist"
    ADULT_COUNSELLOR = "adult_counsellor", "Adult counsellor"
    ATTENDANCE_OFFICER = "attendance_officer", "Attendance officer"


class Funder(models.TextChoices):
    SCHOOLS = "schools", "Schools"
    LOCAL_AUTHORITY = "local_authority", "Local authority"
    HEALTH = "health", "Health"


class StaffRole(models.Model):
    """What somebody may do, where, from when to when. A person may hold several."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)
    cluster = models.ForeignKey(Cluster, null=True, blank=True, on_delete=models.PROTECT, related_name="staff_roles")
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT, related_name="staff_roles")
    post = models.CharField(max_length=30, choices=Post.choices, blank=True)
    funder = models.CharField(max_length=20, choices=Funder.choices, blank=True)
    full_time_equivalent = models.DecimalField("FTE", max_digits=3, decimal_places=2, null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Cases this worker can hold at once.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    acting_reason = models.CharField("acts up, because", max_length=300, blank=True, default="", db_default="")

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["cluster", "role"], name="staffrole_cluster_role")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(acting_reason="") | Q(ends_on__isnull=False), name="staffrole_acting"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="staffrole_dates_in_order"
            ),
            # An empty Cluster must mean nothing, not everything: only a manager has none, a referrer has a school.
            models.CheckConstraint(
                condition=Q(
                    role__in=[Role.MANAGER, Role.CLINICAL_SUPERVISOR], cluster__isnull=True, school__isnull=True
                )
                | Q(role=Role.REFERRER, cluster__isnull=True, school__isnull=False)
                | Q(role__in=[Role.PRACTITIONER, Role.LEADER, Role.PANEL_GUEST], cluster__isnull=False),
                name="staffrole_has_its_place",
            ),
            ExclusionConstraint(
                name="staffrole_one_at_a_time",
                expressions=[
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (Coalesce("cluster", Value(0)), RangeOperators.EQUAL),
                    (Coalesce("school", Value(0)), RangeOperators.EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
