"""The kernel's tables. They know people and families by plain keys, never by foreign key:
the kernel stands below every domain app, and a trace outlives what it is about."""

import uuid

from django.db import models


class Change(models.Model):
    """One change of one row of a walled table, written by a database trigger.

    Sees `save()`, `update()`, bulk and raw SQL alike. The application role can read, not write.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    user_id = models.BigIntegerField(null=True)
    request_id = models.TextField(blank=True)
    table_name = models.TextField()
    row_id = models.TextField()
    operation = models.CharField(max_length=6)
    cluster_id = models.BigIntegerField(null=True)
    family_id = models.UUIDField(null=True)
    private_to = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["family_id", "-id"], name="change_family"),
            models.Index(fields=["table_name", "row_id", "-id"], name="change_row"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name} {self.row_id}"


class Event(models.Model):
    """What a change meant, in words: written by services beside the change itself."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=models.functions.Now())
    actor = models.TextField()
    user_id = models.BigIntegerField(null=True)
    cluster_id = models.BigIntegerField(null=True)
    family_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=60)
    text = models.TextField()
    about = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["family_id", "-id"], name="event_family"),
            models.Index(fields=["cluster_id", "-id"], name="event_cluster"),
            models.Index(fields=["-id"], name="event_of_no_family", condition=models.Q(family_id=None)),
        ]

    def __str__(self) -> str:
        return self.text


class Look(models.Model):
    """Somebody looked at a child's record: who, when, which page. What is still to be matched belongs to no family yet,
    and may belong to no Cluster."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=models.functions.Now())
    actor = models.TextField()
    user_id = models.BigIntegerField(null=True)
    cluster_id = models.BigIntegerField(null=True)
    family_id = models.UUIDField(null=True)
    page = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["family_id", "-id"], name="look_family")]

    def __str__(self) -> str:
        return f"{self.actor} looked at {self.page}"


class Draft(models.Model):
    """Text being typed, kept on the server. Only its owner can read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user_id = models.BigIntegerField()
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    url = models.CharField(max_length=300, blank=True)
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="draft_one_per_key")]

    def __str__(self) -> str:
        return self.title or self.key


class Once(models.Model):
    """A creating form or API call that has been carried out: the second delivery gets the first's answer."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    fingerprint = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="once_one_per_key")]

    def __str__(self) -> str:
        return self.key


class Message(models.Model):
    """What somebody must be told: a mail and, for a person who signs in, a notice in the pages. It names no family;
    it carries at most a link and a count.

    Leased while it is being sent and swept every minute, so that a mail server that is away for
    a day delays messages and a killed worker neither loses nor doubles them.
    """

    class ByMail(models.TextChoices):
        ONCE = "once", "At once"
        DAILY = "daily", "Once a day, in the morning"
        NONE = "none", "Not at all"

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    # Of a notice: whose it is, what it leads to, whose record it is about, and when it was read in the pages.
    user_id = models.BigIntegerField(null=True)
    url = models.CharField(max_length=300, blank=True)
    family_id = models.UUIDField(null=True)
    urgent = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)
    by_mail = models.CharField(max_length=5, choices=ByMail.choices, default=ByMail.ONCE)
    send_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="message_waiting", condition=models.Q(sent_at__isnull=True)),
            models.Index(fields=["user_id", "-id"], name="notice_of_user", condition=models.Q(user_id__isnull=False)),
            models.Index(
                fields=["user_id"],
                name="notice_not_read",
                condition=models.Q(user_id__isnull=False, read_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Transition(models.Model):
    """The legal changes of state, copied from every app's `workflow.py` by `migrate`.

    The database trigger reads this table, so the rule has one home. `source` is empty for a first state.
    """

    id = models.BigAutoField(primary_key=True)
    table_name = models.CharField(max_length=80)
    column_name = models.CharField(max_length=80)
    source = models.CharField(max_length=40, blank=True)
    target = models.CharField(max_length=40)
    actor = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table_name", "column_name", "source", "target"], name="transition_once"),
        ]

    def __str__(self) -> str:
        return f"{self.table_name}: {self.source or 'new'} to {self.target}"


class Backup(models.Model):
    """A back-up that is due, being made or made: one a day, and those made by hand. It is good once it has an end."""

    id = models.BigAutoField(primary_key=True)
    # The day (Europe/London), or when somebody asked for it by hand.
    key = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    leased_until = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=32, blank=True)
    tries = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=80, blank=True)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    files = models.PositiveIntegerField(default=0)
    # Files that rows name and that were not there.
    missing = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["-finished_at"], name="backup_good", condition=models.Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name or self.key
