"""What the page of a report asks: which Clusters, which days, as at when."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from clusters.models import Cluster
from monitoring.suite.shapes import Report
from monitoring.tables_forms import TablesForm


def name_of(cluster: Cluster) -> str:
    """A Cluster's name; a retired one says since when, for its earlier days can still be counted."""
    return cluster.name if cluster.retired_on is None else f"{cluster.name} (until {cluster.retired_on:%d/%m/%Y})"


class SuiteForm(TablesForm):
    submit_label = gettext_lazy("Show the report")

    def __init__(self, *args: Any, clusters: Sequence[Cluster], report: Report, **kwargs: Any) -> None:
        super().__init__(*args, clusters=clusters, **kwargs)
        self.fields["cluster"].choices = [(c.pk, name_of(c)) for c in clusters]  # type: ignore[attr-defined]
        self.fields["start"].label, self.fields["end"].label = "From", "To"
        if not report.compares:
            del self.fields["before"]
