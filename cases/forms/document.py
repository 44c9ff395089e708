"""Files that are added, letters that are written, the reason why a file is removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from cluster_ehs.core.forms import DatePartsField, EhsForm, Ticks
from cluster_ehs.core.uploads import UploadField, check_uploads
from clusters.models import Term
from families.models import Person

ACCEPT = "image/jpeg,image/png,application/pdf,.docx,.xlsx,.txt,.csv"


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(UploadField):
    """One file or several; the kind of each is checked by the service, which names the one that is wrong."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=ManyFiles(attrs={"multiple": True, "accept": ACCEPT}), allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        uploads = data if isinstance(data, list | tuple) else [data] if data else []
        found = [forms.FileField.clean(self, each, initial) for each in uploads or [None]]
        check_uploads(found)
        return found


class DocumentForm(EhsForm):
    """What is said counts for all the files that are added together."""

    submit_label = "Keep"

    files = FilesField(  # type: ignore[assignment]  # a field, not the files that Django keeps under this name
        label="Add files",
        help_text="Photographs (several at once, from a phone’s camera), PDF, Word, Excel, text. Up to 20 MB each.",
    )
    kind = forms.ChoiceField(label="What kind?", required=False)
    title = forms.CharField(label="What is it?", max_length=120, required=False, help_text="Such as: Letter from CAMHS")
    dated_on = DatePartsField(label="Date of the document", required=False, latest=timezone.localdate)
    people = forms.MultipleChoiceField(label="Who is it about?", required=False, widget=Ticks)
    private = forms.BooleanField(
        label="Only I and my clinical supervisor open it",
        required=False,
        help_text="For material of therapy and counselling. Everything else is read by everybody who reads the case.",
    )

    def __init__(self, *args: Any, kinds: list[Term], people: list[Person], **kwargs: Any) -> None:
        self.kinds = {term.label: term for term in kinds}
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Not said"), *((label, label) for label in self.kinds)]
        self.fields["people"].choices = [(str(person.pk), person.short_name) for person in people]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        term = self.kinds.get(data.get("kind", ""))
        # Some kinds are private whether it was ticked or not.
        data["private"] = bool(data.get("private")) or (term is not None and term.group == "private")
        return data


class CaseLetterForm(EhsForm):
    """A letter as its text gives it; it may be put in other words before it is kept."""

    submit_label = "Keep this letter"
    mark_optional = False

    to_name = forms.CharField(label="To", max_length=160)
    to_address = forms.CharField(label="Address", max_length=260, required=False)
    subject = forms.CharField(label="Heading", max_length=160)
    body = forms.CharField(label="Text", widget=forms.Textarea(attrs={"rows": 16, "dir": "auto"}), max_length=8000)


class RemoveForm(EhsForm):
    submit_label = "Remove this file"
    submit_class = "govuk-button--warning"

    why = forms.CharField(label="Why is it removed?", max_length=300)
