"""Input shapes of an import: the file, and what a Cluster's own words mean."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.uploads import UploadField
from clusters.models import Cluster
from imports.labels import HEADINGS, Labels
from imports.models import ImportRun
from imports.reader import COLUMNS


class UploadForm(EhsForm):
    submit_label = gettext_lazy("Upload and check")

    cluster = forms.TypedChoiceField(label="Cluster", coerce=int)
    file = UploadField(
        label="Referral sheet",
        help_text=".xlsx, or .csv; up to 20 MB. Nothing goes in before you have seen what was found.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    by_address = forms.BooleanField(
        label="Children with the same last name, postcode and address are one family",
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, clusters: Sequence[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["cluster"]
        field.choices = [(cluster.pk, cluster.name) for cluster in clusters]  # type: ignore[attr-defined]
        if len(clusters) == 1:
            field.initial, field.widget = clusters[0].pk, forms.HiddenInput()


class WordsForm(EhsForm):
    """One question for each heading and each word that is not known. Left empty, it stays as it is."""

    submit_label = gettext_lazy("Save and check again")
    submit_class = "govuk-button--secondary"
    mark_optional = False

    def __init__(self, *args: Any, run: ImportRun, labels: Labels, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: dict[str, tuple[str, str]] = {}
        shown = run.preview
        free = [name for name in COLUMNS if name not in shown["columns"]]
        for number, heading in enumerate(shown["unknown_headings"]):
            choices = [("", "Kept with the record as it is"), *((name, name) for name in free)]
            self._ask(f"heading-{number}", HEADINGS, heading, f"Column “{heading}” is", "", choices)
        for number, unknown in enumerate(shown["unknown"]):
            column, text, nearest = unknown["column"], unknown["text"], unknown["nearest"]
            others = [label for label in labels.all_of(column) if label not in nearest]
            choices = [("", "Not matched: these rows are rejected")]
            groups: list[Any] = [("Most alike", [(n, n) for n in nearest]), ("All", [(o, o) for o in others])]
            rows = f"{unknown['rows']} row{'' if unknown['rows'] == 1 else 's'}"
            self._ask(f"value-{number}", column, text, f"“{text}” in {column} means", rows, [*choices, *groups])

    def _ask(self, name: str, column: str, text: str, label: str, hint: str, choices: list[Any]) -> None:
        self.asked[name] = (column, text)
        self.fields[name] = forms.ChoiceField(
            label=label, required=False, choices=[c for c in choices if c[1]], help_text=hint
        )

    def words(self) -> Iterator[tuple[str, str, str]]:
        """(column, written, meant) of what was answered."""
        for name, (column, text) in self.asked.items():
            if meant := self.cleaned_data.get(name):
                yield column, text, meant
