"""Instruments, what they ask, and what was answered.

An instrument, its items and its bands are settings: once something was answered they stay as they were asked, and a
changed wording is another version. What was answered is a record of the family. That a measure was taken and what was
answered lie in two tables, as with contacts and their notes: answers given in therapy or counselling are read by who
took them and by the clinical supervisor; others see that it took place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from cases.models import Case, CaseService
from clusters.models import User
from families.models import FamilyRecord, Person
from outcomes.measures.scoring import Method, Question, Range, Sheet, plain


class Instrument(models.Model):
    """A questionnaire or scale, in one version."""

    class Kind(models.TextChoices):
        ITEMS = "items", "Its questions are asked here"
        SCORE = "score", "Only its score is entered: the questions are the publisher’s"

    class Score(models.TextChoices):
        SUM = Method.SUM, "The sum of the answers"
        MEAN = Method.MEAN, "The mean of the answers"
        EACH = Method.EACH, "Each question stands for itself"

    class Who(models.TextChoices):
        ADULT = "adult", "An adult, about themselves"
        YOUNG = "young", "A child or young person, about themselves"
        CARER = "carer", "A parent or carer, about the child"
        FAMILY = "family", "Anybody in the family"

    code = models.SlugField(max_length=40)
    version = models.CharField(max_length=20, default="1")
    name = models.CharField(max_length=80)
    about = models.CharField("what it is about", max_length=300, blank=True)
    lead = models.TextField("what is said before the questions", blank=True)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.ITEMS)
    score = models.CharField(max_length=4, choices=Score.choices, default=Score.SUM)
    may_miss = models.PositiveSmallIntegerField("answers that may be missing for a total", default=0)
    higher_is_better = models.BooleanField(default=False)
    who = models.CharField("who answers", max_length=6, choices=Who.choices, default=Who.FAMILY)
    at_start = models.BooleanField("asked at the start", default=True)
    every_weeks = models.PositiveSmallIntegerField("asked every so many weeks", null=True, blank=True)
    at_end = models.BooleanField("asked at the end", default=True)
    # A risk needs somebody there: what asks about one is not sent out by a private link.
    by_link = models.BooleanField("may be answered by a private link", default=True)
    licence_needed = models.BooleanField(default=False)
    licence = models.CharField("what the licence says", max_length=300)
    source = models.CharField(max_length=300)
    attribution = models.CharField("shown under the questions", max_length=300, blank=True)
    in_use = models.BooleanField(default=False)
    every_case_from = models.DateField("asked in every case opened from this day on", null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "version"], name="instrument_version_once")]

    def __str__(self) -> str:
        return self.name

    def sheet(self) -> Sheet:
        """What the score is worked out from. One query unless the items are loaded."""
        return Sheet(Method(self.score), tuple(item.question() for item in self.items.all()), self.may_miss)

    def ranges(self, item_id: int | None = None) -> list[Range]:
        """The bands of the total, or of one question."""
        return [band.range() for band in self.bands.all() if band.item_id == item_id]


class Item(models.Model):
    """One question. For a score-only instrument: the one number that is entered."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="items")
    key = models.SlugField(max_length=40)
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    low_anchor = models.CharField(max_length=80, blank=True)
    high_anchor = models.CharField(max_length=80, blank=True)
    lowest = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(0))
    highest = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(10))
    # [[value, words], …]; empty for a scale of numbers.
    choices = models.JSONField(default=list, blank=True)
    counts = models.BooleanField("counts in the total", default=True)
    higher_is_better = models.BooleanField(default=True)
    above = models.DecimalField("an answer above this is a risk", max_digits=6, decimal_places=2, null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["instrument", "key"], name="item_key_once")]

    def __str__(self) -> str:
        return self.text

    def question(self) -> Question:
        return Question(self.key, self.lowest, self.highest, self.counts, self.above)

    def said(self, value: Decimal | int | None) -> str:
        """An answer in words."""
        if value is None:
            return "Not said or not asked"
        words = {Decimal(str(number)): text for number, text in self.choices}
        return words.get(Decimal(value), plain(Decimal(value)))


class Band(models.Model):
    """What a total, or the answer to one question, means."""

    instrument = models.ForeignKey(Instrument, on_delete=models.CASCADE, related_name="bands")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, blank=True, related_name="bands")
    lowest = models.DecimalField(max_digits=6, decimal_places=2)
    highest = models.DecimalField(max_digits=6, decimal_places=2)
    label = models.CharField(max_length=60)
    alarming = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["item_id", "lowest"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(highest__gte=F("lowest")), name="band_from_to"),
        ]

    def __str__(self) -> str:
        return self.label

    def range(self) -> Range:
        return Range(self.lowest, self.highest, self.label, self.alarming)


class InstrumentLicence(models.Model):
    """That the authority may use an instrument whose publisher asks for a licence."""

    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="licences")
    holder = models.CharField("who holds it", max_length=120)
    reference = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField("the last day", null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="licence_from_to"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.reference}"


class Occasion(models.TextChoices):
    START = "start", "Start"
    REVIEW = "review", "Review"
    END = "end", "End"
    LATER = "later", "Follow-up after the end"


class How(models.TextChoices):
    TOGETHER = "together", "With the worker"
    PAPER = "paper", "On paper"
    LINK = "link", "By a private link"


class Measure(FamilyRecord):
    """That an instrument was answered: by whom, about whom, when, how. What was answered is a MeasureResult.

    A correction is another measure that names the one it corrects; the earlier one stays to be read.
    """

    class AnsweredBy(models.TextChoices):
        FAMILY = "family", "Somebody of the family"
        SCHOOL = "school", "School"
        WORKER = "worker", "The worker"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="measures", db_constraint=False)
    case_service = models.ForeignKey(
        CaseService, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    # Nobody: it is about the family.
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    answerer = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    answered_by = models.CharField(max_length=6, choices=AnsweredBy.choices, default=AnsweredBy.FAMILY)
    occasion = models.CharField(max_length=6, choices=Occasion.choices)
    taken_on = models.DateField()
    how = models.CharField(max_length=8, choices=How.choices, default=How.TOGETHER)
    private = models.BooleanField(default=False)
    # Nobody: answered by the family itself, by its private link.
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by", db_constraint=False
    )
    reason = models.CharField("why it is corrected", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["-taken_on", "-created_at"]
        indexes: ClassVar = [
            models.Index(fields=["case", "instrument", "-taken_on"], name="measure_of_case"),
            models.Index(fields=["cluster", "taken_on"], name="measure_by_date"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(corrects__isnull=True) | ~Q(reason=""), name="measure_corrected_why"),
            models.CheckConstraint(
                condition=Q(private=False) | Q(author__isnull=False), name="measure_private_has_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} of {self.case_id}"


class MeasureResult(FamilyRecord):
    """What was answered and what it comes to. As private as a note of therapy when taken there."""

    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="result", db_constraint=False)
    # {key: number or null}; null is “prefer not to say, or not asked”, which is an answer.
    answers = models.JSONField()
    total = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    estimated = models.BooleanField(default=False)
    band = models.CharField(max_length=60, blank=True)
    alarming = models.BooleanField(default=False)
    private = models.BooleanField(default=False)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        pass

    def __str__(self) -> str:
        return f"Result of {self.measure_id}"


class MeasureRisk(FamilyRecord):
    """An answer that was a risk, and what was done about it. All who read the record read it.

    done_at: when that was said later, of an answer that was given with nobody there.
    """

    measure = models.OneToOneField(Measure, on_delete=models.PROTECT, related_name="risk", db_constraint=False)
    # Empty while nobody has said it: somebody of the family answered alone, by the family's page.
    done = models.TextField("what was done about it", blank=True)
    told = models.CharField("who was named to ring", max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(author__isnull=True, done="") | Q(author__isnull=False) & ~Q(done=""),
                name="measurerisk_done_has_author",
            ),
        ]

    def __str__(self) -> str:
        return f"Risk in {self.measure_id}"


class AgreedMeasure(FamilyRecord):
    """That an instrument is asked in this case, and how often: what is due comes from here."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="agreed_measures", db_constraint=False)
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    every_weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    # On the family's page, with nobody there.
    by_itself = models.BooleanField("may be answered on the family’s page", default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "instrument", "person"],
                name="agreedmeasure_one_live",
                condition=Q(ends_on__isnull=True),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} in {self.case_id}"
