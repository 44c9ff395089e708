"""Work for the worker, made in the database of the environment: `python -m scripts.faults.work SITE`.

A process that stays: for each line `[kind, argument]` of JSON it makes such a piece of work and answers with a line.
"""

import io
import json
import sys
import uuid
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.utils import timezone  # noqa: E402
from PIL import Image  # noqa: E402

from cluster_ehs.core.scope import NamedActor, acting_as, acting_as_user  # noqa: E402
from clusters.directory import sync  # noqa: E402
from clusters.directory.models import DirectoryEntry, Feed  # noqa: E402
from clusters.models import Cluster, School, User  # noqa: E402
from families.files import keep_content  # noqa: E402
from families.models import Person, StoredFile  # noqa: E402
from families.previews import ask_for_preview  # noqa: E402
from imports import services as imports  # noqa: E402
from imports.models import ImportRun  # noqa: E402
from keeping.disposal import services as disposal  # noqa: E402
from keeping.models import RightsRequest  # noqa: E402
from keeping.requests import services as requests  # noqa: E402
from keeping.subject_access import services as subject_access  # noqa: E402
from monitoring import schedules  # noqa: E402
from monitoring.extract.services import ask_extract  # noqa: E402
from monitoring.reports import start_report  # noqa: E402
from monitoring.returns import services as returns  # noqa: E402
from monitoring.segments.services import ask_segments  # noqa: E402
from monitoring.suite import REPORTS  # noqa: E402
from outcomes.surveys.models import Survey, SurveyInvitation, SurveyStratum  # noqa: E402
from tests.fixtures_cast import a_family, a_person, a_referral, a_service, decided  # noqa: E402
from tests.imports.sheets import a_row, write_csv  # noqa: E402
from triage.models import Offer  # noqa: E402

ROWS = 60
START, END = date(2026, 1, 1), date(2026, 3, 31)


class Making:
    """What can be asked for; each answers with what it is found by afterwards."""

    def __init__(self, site: dict[str, Any]) -> None:
        self.leader, self.manager = (User.objects.get(pk=site[who]) for who in ("leader", "manager"))
        self.practitioner = User.objects.get(pk=site["practitioner"])
        self.cluster, self.child = site["cluster"], site["child"]

    def clusters(self) -> list[Cluster]:
        return list(Cluster.objects.filter(pk=self.cluster))

    def report(self, _: str) -> str:
        with acting_as_user(self.leader.pk):
            run = start_report(by=self.leader, clusters=self.clusters(), period_from=START, period_to=END)
        return str(run.pk)

    def sheet(self, _: str) -> str:
        """Sixty referrals, received and started. Answers with the run and what their names begin with."""
        mark = uuid.uuid4().hex[:8]
        rows = [a_row(reference=f"{mark}-{n}", child_first_name=f"C{mark}{n}", address=f"{n} Row") for n in range(ROWS)]
        with TemporaryDirectory() as folder:
            content = write_csv(Path(folder) / "s.csv", rows).read_bytes()
        file = SimpleUploadedFile("s.csv", content)
        with acting_as_user(self.leader.pk):
            run = imports.receive_file(by=self.leader, cluster=self.clusters()[0], file=file, by_address=True)
            ImportRun.objects.filter(pk=run.pk).update(status=ImportRun.Status.QUEUED)
        imports.run_soon(run.pk, run.cluster_id)
        return f"{run.pk} {mark}"

    def statutory_return(self, _: str) -> str:
        with acting_as_user(self.manager.pk):
            today = timezone.localdate()
            run = returns.ask(
                by=self.manager, kind="annex_a", clusters=self.clusters(), as_at=today, reason="a run of faults"
            )
        return str(run.pk)

    def extract(self, _: str) -> str:
        with acting_as_user(self.manager.pk):
            extract = ask_extract(
                by=self.manager,
                clusters=self.clusters(),
                period_from=START,
                period_to=timezone.localdate(),
                purpose="a run",
                recipient="nobody",
                basis="none",
            )
        return str(extract.pk)

    def segments(self, _: str) -> str:
        with acting_as_user(self.manager.pk):
            period = {"period_from": START, "period_to": timezone.localdate()}
            return str(ask_segments(by=self.manager, clusters=self.clusters(), **period).pk)

    def feed(self, url: str) -> str:
        """A reading of the feed at this address from its beginning."""
        feed, _ = Feed.objects.get_or_create(name="City directory", defaults={"url": url, "is_on": False})
        Feed.objects.filter(pk=feed.pk).update(pages={})
        DirectoryEntry.objects.filter(feed=feed).update(last_modified="")
        run = sync.start(feed=feed)
        if run is None:
            raise RuntimeError("the feed is being read already")
        return str(run.pk)

    def copy_of_what_is_held(self, _: str) -> str:
        with acting_as_user(self.practitioner.pk):
            child = Person.objects.select_related("family").get(pk=self.child)
            asked = RightsRequest.objects.filter(kind="access").first() or requests.log_request(
                by=self.practitioner,
                family=child.family,
                person=child,
                kind="access",
                asker="parent",
                channel="in_person",
                received_on=timezone.localdate(),
                asker_name="Jana Novák",
                wanted="Everything",
                responsibility_how="Birth certificate",
                competence="not_yet",
            )
        with acting_as_user(self.leader.pk):
            return str(subject_access.gather(by=self.leader, asked=asked).pk)

    def schedule(self, _: str) -> str:
        """A schedule with two reports that is due today."""
        with acting_as_user(self.manager.pk):
            made = schedules.save_schedule(
                by=self.manager,
                schedule=None,
                name=f"Run {uuid.uuid4().hex[:8]}",
                clusters=self.clusters(),
                recipients=[self.manager],
                when="weekly",
                weekday=timezone.localdate().isoweekday(),
                reports=[report.key for report in REPORTS[:2]],
            )
        return str(made.pk)

    def picture(self, _: str) -> str:
        """A picture of a family that has no preview yet. Answers with its path."""
        out = io.BytesIO()
        Image.effect_noise((1600, 1200), 50).save(out, "PNG")
        kept = keep_content(name="picture.png", content_type="image/png", content=out.getvalue())
        with acting_as_user(self.practitioner.pk):
            family = Person.objects.select_related("family").get(pk=self.child).family
            StoredFile.objects.create(
                cluster_id=family.cluster_id, family=family, author=self.practitioner, **vars(kept)
            )
            ask_for_preview(path=kept.path, content_type=kept.content_type)
        return kept.path

    def disposal(self, _: str) -> str:
        """A family of whom nothing goes on, with a file; two people agree that they go. Answers with the disposal."""
        mark = uuid.uuid4().hex
        with acting_as(NamedActor.IMPORTER, clusters=[self.cluster]):
            family = a_family(self.clusters()[0], f"Gone{mark}", number=uuid.uuid4().int % 10**6 + 10**5)
            a_person(family, "Kim")
            kept = keep_content(name="letter.txt", content_type="text/plain", content=mark.encode())
            StoredFile.objects.create(
                cluster_id=family.cluster_id, family=family, author=self.practitioner, **vars(kept)
            )
        with acting_as_user(self.leader.pk):
            asked = disposal.ask(by=self.leader, family=family, rule="a run", ended_on=None, due_on=START)
        with acting_as_user(self.manager.pk):
            disposal.answer(by=self.manager, disposal=asked, yes=True)
        return f"{asked.pk} {family.pk} {kept.path}"

    def survey_reminder(self, _: str) -> str:
        """A survey whose first reminder is due today, with a family that was asked and has not answered."""
        today = timezone.localdate()
        with acting_as(NamedActor.IMPORTER, clusters=[self.cluster]):
            child = Person.objects.select_related("family").get(pk=self.child)
            survey = Survey.objects.create(
                title=f"Run {uuid.uuid4().hex[:8]}",
                starts_on=START,
                ends_on=END,
                cluster_ids=[self.cluster],
                seed=1,
                wanted=1,
                answer_until=today + timedelta(days=30),
                first_reminder_on=today,
                drawn_by=self.manager,
                drawn_at=timezone.now(),
            )
            stratum = SurveyStratum.objects.create(
                survey=survey, service=a_service("family_support"), population=1, drawn=1
            )
            SurveyInvitation.objects.create(
                survey=survey,
                stratum=stratum,
                cluster_id=self.cluster,
                family=child.family,
                state=SurveyInvitation.State.SENT,
                sent_on=today - timedelta(days=10),
            )
        return str(survey.pk)

    def long_wait(self, _: str) -> str:
        """A family who reaches eight weeks of waiting."""
        number = uuid.uuid4().int % 10**6 + 10**5
        with acting_as(NamedActor.IMPORTER, clusters=[self.cluster]):
            if not Offer.objects.filter(status=Offer.Status.WAITING).exists():
                child = a_person(a_family(self.clusters()[0], "Waits", number=number), "Kim")
                decided(a_referral(child, number=number, school=School.objects.get(urn="900001")), by=self.leader)
            crossed = timezone.localdate() - timedelta(weeks=Offer.ALARM_WEEKS)
            return str(Offer.objects.filter(status=Offer.Status.WAITING).update(waiting_since=crossed))


def main() -> None:
    making = Making(json.loads(sys.argv[1]))
    for line in sys.stdin:
        kind, argument = json.loads(line)
        make: Callable[[str], str] = getattr(making, kind)
        print(json.dumps(make(argument)), flush=True)


if __name__ == "__main__":
    main()
