from django import forms

from cluster_ehs.core.forms import EhsForm


class DocumentForm(EhsForm):
    submit_label = "Keep this file"

    file = forms.FileField(
        label="Add a file",
        help_text="PDF, Word, Excel, picture or text, up to 20 MB. Everybody who reads the case reads it.",
    )
    kind = forms.CharField(label="What is it?", max_length=60, required=False)
