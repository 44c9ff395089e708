"""Who may see figures and who may schedule reports."""

from collections.abc import Collection

from cluster_ehs.core.denied import Denied
from clusters.models import User
from clusters.people import duties
from monitoring.models import ReportRun
from monitoring.suite.shapes import Report


def check_reads_reports(user: User) -> None:
    mine = duties(user)
    if not (mine.is_manager or mine.leads):
        raise Denied("Reports are for managers and Cluster leaders.")


def check_see_figures(user: User, cluster_ids: Collection[int]) -> None:
    """A manager sees every Cluster's figures, a leader those of the own Clusters, nobody else any."""
    check_reads_reports(user)
    mine = duties(user)
    if not cluster_ids:
        raise Denied("Choose at least one Cluster.")
    if not mine.is_manager and not set(cluster_ids) <= mine.leads:
        raise Denied("A Cluster leader sees the figures of the own Clusters only.")


def can_see_clusters(user: User, cluster_ids: Collection[int]) -> bool:
    mine = duties(user)
    return bool(cluster_ids) and (mine.is_manager or set(cluster_ids) <= mine.leads)


def check_see_report(user: User, report: Report) -> None:
    """A report of the suite that is not for everybody who reads reports."""
    check_reads_reports(user)
    if report.managers_only and not duties(user).is_manager:
        raise Denied("This report is for managers.")


def can_see_report(user: User, report: Report) -> bool:
    return not report.managers_only or duties(user).is_manager


def check_see_run(user: User, run: ReportRun) -> None:
    check_see_figures(user, run.cluster_ids)


def can_keep_inside(user: User, run: ReportRun) -> bool:
    return duties(user).is_manager or run.asked_by_id == user.pk


def check_keep_inside(user: User, run: ReportRun) -> None:
    check_see_run(user, run)
    if not can_keep_inside(user, run):
        raise Denied("Whoever asked for a report, or a manager, says that nobody outside got it.")


def check_edit_schedules(user: User) -> None:
    if not duties(user).is_manager:
        raise Denied("Schedules are set up by managers.")


def can_edit_schedules(user: User) -> bool:
    return duties(user).is_manager


def can_read_reports(user: User) -> bool:
    mine = duties(user)
    return mine.is_manager or bool(mine.leads)
