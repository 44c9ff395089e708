from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cluster_ehs.core.scope import NamedActor, acting_as
from clusters.models import Cluster
from monitoring.exports import as_csv, as_json, printed
from monitoring.tables import Period, evaluation


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a day. Write it as 2021-01-31.") from None


def moment(text: str) -> datetime:
    """A date and time; a day alone means its end, in Leeds."""
    try:
        found = parse_datetime(text) if len(text) > len("2021-01-31") else None
    except ValueError:
        raise CommandError(f"“{text}” is not a moment. Write it as 2021-07-01T12:00.") from None
    if found is None:
        found = datetime.combine(day(text), time.max)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


class Command(BaseCommand):
    help = "Print the evaluation's tables for the referrals that one or several Clusters received in a period."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--cluster", action="append", metavar="NAME", help="May be given several times.")
        which.add_argument("--all", action="store_true", help="Every Cluster of the city.")
        parser.add_argument("--from", dest="start", required=True, metavar="DAY", help="First day, as 2021-01-31.")
        parser.add_argument("--to", dest="end", required=True, metavar="DAY", help="Last day; it counts too.")
        parser.add_argument("--as-at", metavar="MOMENT", help="What had happened by then. Default: now.")
        parser.add_argument("--format", choices=["csv", "json"], default="csv")
        parser.add_argument(
            "--notes", action="store_true", help="A sixth column in the CSV: where the publication is wrong."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        period = Period(day(options["start"]), day(options["end"]))
        if period.end < period.start:
            raise CommandError("--to lies before --from.")
        clusters = self._clusters(options["cluster"])
        with acting_as(NamedActor.FIGURES):
            made = evaluation(
                clusters=[c.pk for c in clusters],
                names=[c.name for c in clusters],
                period=period,
                as_at=moment(options["as_at"]) if options["as_at"] else None,
            )
        if options["format"] == "json":
            self.stdout.write(as_json(made))
            return
        self.stdout.write(as_csv(made, notes=options["notes"]), ending="")
        if not options["notes"]:
            for row in printed(made).values():
                if row.note:
                    self.stderr.write(f"Table {row.table}, {row.row}: {row.note}")

    def _clusters(self, names: list[str] | None) -> list[Cluster]:
        if names is None:
            return list(Cluster.objects.all())
        found = {c.name: c for c in Cluster.objects.filter(name__in=names)}
        for name in names:
            if name not in found:
                raise CommandError(f"There is no Cluster named “{name}”.")
        return list({c.pk: c for c in found.values()}.values())
