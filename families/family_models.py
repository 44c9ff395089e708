"""Who we help: the family, its people, what they need and what must be known before a visit."""

from __future__ import annotations

import uuid
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from cluster_ehs.core.figures import age_in_years
from clusters.models import Cluster, School, Term, User
from families.address_field import AddressField


class Family(models.Model):
    """The unit of help. One family record per Cluster; siblings share it (domain section 5)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField(max_length=24)
    name = models.CharField(max_length=120)
    own_number = models.CharField("the Cluster's own family number", max_length=40, blank=True)
    address = AddressField(max_length=200, blank=True)
    postcode = AddressField(max_length=10, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    restricted = models.BooleanField(default=False, help_text="Only named people may open this record.")
    # Set: this is the original of a record that became part of another, hidden by the row policies.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_constraint=False
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["id", "cluster"], name="family_in_cluster"),
            models.UniqueConstraint(fields=["cluster", "reference"], name="family_reference_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "name", "id"], name="family_by_name"),
            models.Index(fields=["id"], name="family_restricted", condition=Q(restricted=True)),
        ]

    def __str__(self) -> str:
        return f"{self.name} family"

    @property
    def family_id(self) -> uuid.UUID:
        return self.pk


class FamilyRecord(models.Model):
    """Any row that belongs to one family in one Cluster. Walled by `cluster_ehs.core.walls.wall`.

    The foreign keys to the family and between family rows are composite in the database, so the
    plain constraints and their indexes are left out here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="%(class)ss", db_constraint=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class NamedReader(models.Model):
    """Who may open a restricted record [domain section 4]."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="named_readers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["family", "user"], name="namedreader_once")]

    def __str__(self) -> str:
        return f"{self.user} may open {self.family_id}"


class EmergencyAccess(models.Model):
    """Break glass: somebody opened a record out of need, with a reason, for a while; the leader is told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+")
    family = models.ForeignKey(Family, on_delete=models.PROTECT, related_name="emergency_accesses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="emergency_dates_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.user} until {self.ends_at}"


class Gender(models.TextChoices):
    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "In other words"
    UNKNOWN = "unknown", "Not recorded"


class Involvement(models.TextChoices):
    """Whether somebody takes part in the plan; a father left out must be visible [E]."""

    INVOLVED = "involved", "Involved in the plan"
    NOT_YET = "not_yet", "Not yet involved"
    NOT_TO_BE = "not_to_be", "Not to be involved"
    UNKNOWN = "unknown", "Not known"


class Employment(models.TextChoices):
    """What an adult does [P: employment]; the groups of the census, and those whom the law keeps from working [E]."""

    FULL_TIME = "full_time", "Works full time"
    PART_TIME = "part_time", "Works part time"
    IRREGULAR = "irregular", "Works irregular hours"
    SELF_EMPLOYED = "self_employed", "Self-employed"
    TRAINING = "training", "Studies or trains"
    LOOKING = "looking", "Looks for work"
    CARING = "caring", "Looks after home or family"
    SICK = "sick", "Cannot work: illness or disability"
    NOT_ALLOWED = "not_allowed", "Not allowed to work"
    RETIRED = "retired", "Retired"
    UNKNOWN = "unknown", "Not known"


class Support(models.TextChoices):
    """What the tie to the family is like: who can be counted on when the work ends [E]."""

    STRONG = "strong", "A strong support"
    SOME = "some", "Some support"
    STRAINED = "strained", "A strained tie"
    BROKEN_OFF = "broken_off", "Contact broken off"
    UNKNOWN = "unknown", "Not known"


class Person(FamilyRecord):
    """A member of the family or of its network: children, parents, wider family, friends."""

    first_name = models.CharField(max_length=80, blank=True)
    last_name = models.CharField(max_length=80)
    known_as = models.CharField(max_length=80, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    is_child = models.BooleanField(default=True)
    in_household = models.BooleanField(default=True)
    relationship = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "relationship"},
    )
    parental_responsibility = models.BooleanField(null=True, blank=True)
    involvement = models.CharField(max_length=10, choices=Involvement.choices, default=Involvement.UNKNOWN)
    involvement_why = models.CharField("why involved, or not", max_length=300, blank=True, db_default="")
    gender = models.CharField(max_length=8, choices=Gender.choices, default=Gender.UNKNOWN)
    gender_words = models.CharField(max_length=60, blank=True)
    ethnicity = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "ethnicity"},
    )
    first_language = models.ForeignKey(
        Term,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"vocabulary": "language"},
    )
    interpreter_needed = models.BooleanField(null=True, blank=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    year_group = models.CharField(max_length=4, blank=True)
    upn = models.CharField("UPN", max_length=13, blank=True)
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    employment = models.CharField(max_length=14, choices=Employment.choices, default=Employment.UNKNOWN)
    support = models.CharField("tie to the family", max_length=10, choices=Support.choices, default=Support.UNKNOWN)
    deceased = models.BooleanField(default=False)
    died_on = models.DateField(null=True, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    other_address = AddressField("address, when not the family's", max_length=200, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_constraint=False
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(deceased=True), name="person_died_is_deceased"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["cluster", "last_name", "first_name"], name="person_by_name"),
            models.Index(fields=["birth_date"], name="person_by_birth_date"),
            models.Index(fields=["upn"], name="person_by_upn", condition=~Q(upn="")),
            models.Index(fields=["nhs_number"], name="person_by_nhs_number", condition=~Q(nhs_number="")),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def short_name(self) -> str:
        return self.known_as or self.first_name or self.last_name

    def age_on(self, day: date) -> int | None:
        return age_in_years(self.birth_date, day)

    @property
    def age(self) -> int | None:
        return self.age_on(timezone.localdate())


class PersonToken(models.Model):
    """A folded or sounded part of a name, compared with `=` and `>=`, `<`: the index of the search by name.

    `LIKE` and similarity cannot use an index under a row policy (design section 2). Rows without a
    person are the family's own: its name and its address.
    """

    class Kind(models.TextChoices):
        FOLDED = "f", "folded"
        SOUND = "s", "by sound"
        ADDRESS = "a", "address"

    id = models.BigAutoField(primary_key=True)
    cluster = models.ForeignKey(Cluster, on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, blank=True, related_name="tokens")
    kind = models.CharField(max_length=1, choices=Kind.choices)
    token = models.CharField(max_length=80, db_collation="C")

    class Meta:
        # With what the row policies and the search ask for, so that it is answered from the index alone.
        indexes: ClassVar = [
            models.Index(fields=["kind", "token", "cluster"], include=["family", "person"], name="token_lookup")
        ]

    def __str__(self) -> str:
        return self.token


class SendNeed(FamilyRecord):
    """A special educational need, disability or physical health need: diagnosed or queried [E Tables 7, 8].

    One that no longer holds ends; it still stands for the referrals received before.
    """

    class Status(models.TextChoices):
        DIAGNOSED = "diagnosed", "Diagnosed"
        QUERIED = "queried", "Queried"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="send_needs", db_constraint=False)
    status = models.CharField(max_length=10, choices=Status.choices)
    type = models.ForeignKey(
        Term, on_delete=models.PROTECT, related_name="+", limit_choices_to={"vocabulary": "sen_type"}
    )
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "status", "type"], condition=Q(ends_on__isnull=True), name="sendneed_once_now"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.get_status_display().lower()})"


class StoredFile(FamilyRecord):
    """A file of a family: kept outside the web root, opened only through a view inside the walls."""

    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    # As its kind was called on the day: a renamed entry of the list does not rename old files.
    kind = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=160, blank=True)
    dated_on = models.DateField("date of the document", null=True, blank=True)
    # Of a letter that was written here: its words.
    text = models.TextField(blank=True)
    about = models.CharField(max_length=80, blank=True)
    # Opened by its author and the author's clinical supervisor alone, as the notes of therapy are.
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    removed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_why="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_why=""),
                name="storedfile_removed_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name


class FilePerson(FamilyRecord):
    """Somebody whom a file is about."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="people", db_constraint=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["file", "person"], name="fileperson_once")]

    def __str__(self) -> str:
        return f"{self.person_id}"


class PreviewJob(models.Model):
    """A preview that is still to be made: where a content lies and what it is, nothing of whose it is.

    Leased while a worker makes it, so that a killed worker leaves it to the next one.
    """

    id = models.BigAutoField(primary_key=True)
    path = models.CharField(max_length=200, unique=True)
    content_type = models.CharField(max_length=100)
    tries = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.path
