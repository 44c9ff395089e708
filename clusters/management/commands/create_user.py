import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clusters.models import Cluster, Post, Role, School, User
from clusters.roles import asking
from clusters.services import staff


@dataclass(frozen=True)
class Operator:
    """Who runs a command on the server; history names it so."""

    pk: None = None
    actor_name: str = "command line"


class Command(BaseCommand):
    help = (
        "Make a user with a role: the first manager, before anybody can invite. "
        "The password is asked for, read from standard input (--password-stdin), or set by a mailed link (--invite)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True)
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--cluster", help="Name of the Cluster of a practitioner, leader or panel guest.")
        parser.add_argument("--school", help="Name or URN of the school of a referrer.")
        parser.add_argument("--post", choices=Post.values, default="", help="Post of a practitioner.")
        parser.add_argument("--technical", action="store_true", help="May also read the technical pages.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--password-stdin", action="store_true")
        how.add_argument("--invite", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        cluster, school = self.cluster(options["cluster"]), self.school(options["school"])
        try:
            with transaction.atomic():
                person = staff.make_person(
                    by=Operator(),
                    name=options["name"],
                    email=options["email"].strip().lower(),
                    is_staff=options["technical"],
                )
                asked = options["role"] == Role.MANAGER and asking.there_is_a_manager()
                if asked:
                    asking.ask(
                        by=Operator(), to=person, reason="Asked for on the server", starts_on=timezone.localdate()
                    )
                else:
                    staff.put_role(
                        by=Operator(),
                        to=person,
                        role=options["role"],
                        starts_on=timezone.localdate(),
                        post=options["post"],
                        cluster=cluster,
                        school=school,
                    )
                if options["invite"]:
                    staff.send_invitation(person)
                else:
                    self.set_password(person, from_stdin=options["password_stdin"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if asked:
            self.stdout.write(f"{person} ({person.email}) is a manager when a manager confirms it, within seven days.")
            return
        self.stdout.write(f"{person} ({person.email}) is a {Role(options['role']).label.lower()}.")

    def set_password(self, person: User, *, from_stdin: bool) -> None:
        password = sys.stdin.readline().rstrip("\n") if from_stdin else getpass("Password: ")
        if not from_stdin and getpass("Password again: ") != password:
            raise CommandError("The two passwords are not the same.")
        validate_password(password, person)
        person.set_password(password)
        person.save(update_fields=["password"])

    def cluster(self, name: str | None) -> Cluster | None:
        if not name:
            return None
        found = Cluster.objects.filter(name=name).first()
        if found is None:
            known = ", ".join(f"“{known}”" for known in Cluster.objects.values_list("name", flat=True))
            raise CommandError(f"There is no Cluster “{name}”. There are: {known or 'none yet'}.")
        return found

    def school(self, name: str | None) -> School | None:
        if not name:
            return None
        found = School.objects.filter(urn=name).first() or School.objects.filter(name=name).first()
        if found is None:
            raise CommandError(f"There is no school “{name}”.")
        return found
