"""Who is told that a scheduled report is ready: one mail per schedule and day, a link, no figures and no names."""

from django.conf import settings
from django.urls import reverse

from cluster_ehs.core.tasks import queue_message
from clusters.models import User
from monitoring import policies
from monitoring.models import ReportRun, Schedule
from monitoring.suite import BY_KEY


def tell_readers(run: ReportRun) -> None:
    """Queue the mails when the last report that was due with this one is done; in the caller's transaction.

    Who is told was settled when the run was started; somebody who may no longer see the figures is not told.
    """
    if run.schedule_id is None or not run.recipient_ids:
        return
    # Two that end at once: the second waits here and then sees that it is the last.
    Schedule.objects.select_for_update().get(pk=run.schedule_id)
    batch = ReportRun.objects.filter(schedule=run.schedule_id, due_on=run.due_on, audience=run.audience)
    if batch.exclude(status=ReportRun.Status.DONE).exists():
        return
    made = list(batch.order_by("created_at").defer("snapshot"))
    for reader in User.objects.filter(pk__in=run.recipient_ids, is_active=True, email__isnull=False):
        seen = [
            each
            for each in made
            if policies.can_see_clusters(reader, each.cluster_ids)
            and policies.can_see_report(reader, BY_KEY[each.report])
        ]
        if not seen:
            continue
        url = reverse("report-run", args=[seen[0].pk])
        what = "a report is" if len(seen) == 1 else f"{len(seen)} reports are"
        titles = "\n".join(f"“{each.title}”" for each in seen)
        queue_message(
            key=f"report:{seen[0].pk}:{reader.pk}",
            to=reader.email or "",
            subject=f"{settings.LABELS['service']}: {what} ready",
            body=f"{titles}\n\nReady to read. Sign in:\n\n{settings.PUBLIC_URL}{url}\n",
            user_id=reader.pk,
            url=url,
        )
