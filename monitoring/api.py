"""The evaluation's tables for programs: the same counts as the page, the download and the report."""

from datetime import UTC
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from cluster_ehs.core import scope
from cluster_ehs.core.api import ApiView, StrictSerializer, asked
from clusters.api import ApiRequest, Place
from clusters.models import Cluster
from clusters.people import duties
from monitoring import policies
from monitoring.exports import printed
from monitoring.tables import Evaluation, Period, evaluation

MOST_CLUSTERS = 200


class TablesQuery(StrictSerializer):
    received_from = serializers.DateField(help_text="The first day on which a referral counts.")
    received_to = serializers.DateField(help_text="The last day, counted too.")
    cluster = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=MOST_CLUSTERS,
        help_text="Left out: every Cluster whose figures the token's owner sees.",
    )
    as_at = serializers.DateTimeField(required=False, help_text="What was decided or ended later does not count yet.")

    def validate(self, attrs: dict) -> dict:
        if attrs["received_from"] > attrs["received_to"]:
            raise ValidationError({"received_to": ["The last day must not be before the first."]})
        return attrs


class TableRow(serializers.Serializer):
    name = serializers.CharField()
    count = serializers.IntegerField()
    percent = serializers.DecimalField(
        max_digits=7, decimal_places=2, allow_null=True, help_text="Of the denominator; null when nothing was received."
    )


class TableShown(serializers.Serializer):
    key = serializers.CharField(help_text="The table's number in the publication, or a word of ours.")
    title = serializers.CharField()
    about = serializers.CharField()
    denominator = serializers.IntegerField()
    missing = serializers.IntegerField(allow_null=True, help_text="Of how many it is not known.")
    rows = TableRow(many=True)


class PrintedNote(serializers.Serializer):
    table = serializers.CharField()
    row = serializers.CharField()
    note = serializers.CharField()


class MonitoringTables(serializers.Serializer):
    """`tables` are those of the publication, `beside` are ours."""

    clusters = Place(many=True)
    received_from = serializers.DateField(source="period.start")
    received_to = serializers.DateField(source="period.end")
    # In UTC: before the railways London's offset had seconds, which no date-time of the web can say.
    as_at = serializers.DateTimeField(default_timezone=UTC)
    referrals = serializers.IntegerField()
    children = serializers.IntegerField(help_text="Distinct: a child referred twice is one child.")
    tables = TableShown(many=True)
    beside = TableShown(many=True)
    notes = PrintedNote(many=True, help_text="Where a printed figure of the publication cannot be right.")


class MonitoringTablesView(ApiView):
    """Figures for managers and leaders, exact, without names."""

    scopes: ClassVar = {"GET": "monitoring:read"}

    @extend_schema(summary="The evaluation's tables", parameters=[TablesQuery], responses=MonitoringTables)
    def get(self, request: ApiRequest) -> Response:
        policies.check_reads_reports(request.user)
        given = asked(request, TablesQuery)
        clusters = self._clusters(request, given.get("cluster"))
        with scope.figures():
            made = evaluation(
                clusters=[cluster.pk for cluster in clusters],
                names=[cluster.name for cluster in clusters],
                period=Period(given["received_from"], given["received_to"]),
                as_at=given.get("as_at"),
            )
        return Response({**MonitoringTables(_with(made, clusters)).data})

    def _clusters(self, request: ApiRequest, wanted: list[int] | None) -> list[Cluster]:
        mine = duties(request.user)
        seen = Cluster.objects.filter(retired_on__isnull=True)
        if wanted is None:
            return list(seen if mine.is_manager else seen.filter(pk__in=mine.leads))
        policies.check_see_figures(request.user, wanted)
        found = list(Cluster.objects.filter(pk__in=wanted))
        if len(found) < len(set(wanted)):
            raise ValidationError({"cluster": ["There is no such Cluster."]})
        return found


def _with(made: Evaluation, clusters: list[Cluster]) -> dict:
    notes = [{"table": p.table, "row": p.row, "note": p.note} for p in printed(made).values() if p.note]
    names = ("period", "as_at", "referrals", "children", "tables", "beside")
    return {**{name: getattr(made, name) for name in names}, "clusters": clusters, "notes": notes}
