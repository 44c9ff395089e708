"""What the reader of a copy may press and type. Forms of one line each; what is wrong is said above the entries."""

from django import forms

from cluster_ehs.core.uploads import UploadField
from keeping.subject_access.models import Reason
from keeping.subject_access.sections import SECTIONS

# “Not read yet” is set by the program alone.
REASONS = [(reason.value, reason.label) for reason in Reason if reason != Reason.TO_READ]

DEEDS = ("words", "line", "entry", "undo", "undo-words", "instead", "not-instead", "ready")


class ShowForm(forms.Form):
    """Which entries are shown."""

    section = forms.ChoiceField(choices=[("", "All chapters"), *SECTIONS.items()], required=False)
    only = forms.ChoiceField(
        choices=[("", "Every entry"), ("marked", "With something withheld"), ("files", "Documents not read yet")],
        required=False,
    )
    page = forms.IntegerField(min_value=1, required=False)


class MarkForm(forms.Form):
    """do: what is pressed. entry, line, mark: on what."""

    do = forms.ChoiceField(choices=[(word, word) for word in DEEDS])
    entry = forms.UUIDField(required=False)
    line = forms.IntegerField(min_value=0, required=False)
    mark = forms.UUIDField(required=False)
    words = forms.CharField(max_length=200, required=False)
    everywhere = forms.BooleanField(required=False)
    reason = forms.ChoiceField(choices=REASONS, required=False)
    document = UploadField(required=False, allow_empty_file=True)
