"""What the page of a report asks: which Clusters, which days, as at when."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from clusters.models import Cluster
from monitoring.suite.shapes import Report
from monitoring.tables_forms import TablesForm


class SuiteForm(TablesForm):
    submit_label = gettext_lazy("Show the report")

    def __init__(self, *args: Any, clusters: Sequence[Cluster], report: Report, **kwargs: Any) -> None:
        super().__init__(*args, clusters=clusters, **kwargs)
        if not report.compares:
            del self.fields["before"]
