"""What staff send back about something that came in from outside."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.uploads import UploadField
from clusters.models import Cluster
from families.forms import long
from referrals.models import Intake

FILE_BYTES = 5 * 1024 * 1024


class TakeForm(EhsForm):
    """Which child it is: one that is known, a new one in a known family, or a new child and family."""

    child = forms.UUIDField(required=False, widget=forms.HiddenInput)
    family = forms.UUIDField(required=False, widget=forms.HiddenInput)
    new = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(name) for name in ("child", "family", "new")):
            raise ValidationError("Choose the child, or say that the child is new")
        return values


class SetAsideForm(EhsForm):
    submit_label = "Set aside"
    submit_class = "govuk-button--warning"
    mark_optional = False

    reason = long("Why does this become no referral?", rows=3, max_length=500, required=True)


class FileForm(EhsForm):
    submit_label = "Take the rows"
    mark_optional = False

    source = forms.ChoiceField(
        label="Who sends it?",
        choices=[(s.value, s.label) for s in (Intake.Source.POLICE, Intake.Source.SPA, Intake.Source.CSWS)],
        widget=forms.RadioSelect,
    )
    file = UploadField(
        label="File",
        help_text=".csv, up to 5 MB and 1,000 rows",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES:
            raise ValidationError("The file is larger than 5 MB. Split it.")
        if not file.name.lower().endswith(".csv"):
            raise ValidationError("The file must be named .csv. Save the sheet as CSV.")
        return file


class PassForm(EhsForm):
    submit_label = "Pass it on"
    mark_optional = False

    cluster = forms.ModelChoiceField(label="Cluster", queryset=Cluster.objects.none(), empty_label="Choose")

    def __init__(self, *args: Any, but: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Cluster.objects.filter(retired_on__isnull=True).exclude(pk=but or 0)
        self.fields["cluster"].queryset = others  # type: ignore[attr-defined]
