"""The forms of the partner directory's feeds and of the register of schools."""

from django import forms
from django.core.validators import FileExtensionValidator

from cluster_ehs.core.forms import EhsForm, EhsModelForm, YesNoField
from cluster_ehs.core.uploads import UploadField
from clusters.directory.models import Feed
from clusters.forms import NARROW


class FeedForm(EhsModelForm):
    url = forms.URLField(
        label="Address",
        max_length=500,
        assume_scheme="https",
        help_text="Of a feed in the shape of Open Referral UK 3.0, with the filters that it knows, such as "
        "https://directory.example/api/services?taxonomy_term_id=family.",
    )
    is_on = YesNoField(label="Is it read by itself?", initial=True)

    class Meta:
        model = Feed
        fields = ["name", "url", "every_hours", "is_on"]
        labels = {"every_hours": "How often"}
        widgets = {"every_hours": forms.RadioSelect}


CSV = FileExtensionValidator(["csv"], "The file must be named .csv. Download it as CSV, as the register offers it.")


class RegisterForm(EhsForm):
    submit_label = "Upload and check"
    file = UploadField(
        validators=[CSV],
        label="Register of schools",
        help_text="The CSV of establishments from Get Information about Schools, for your authority; up to 20 MB.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )
    links = UploadField(
        validators=[CSV],
        label="Links between schools",
        required=False,
        help_text="The register’s CSV of links: it says which school succeeds which.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )
    authority = forms.RegexField(
        r"^\d{3}$",
        label="Authority whose schools are added",
        help_text="Three digits; 383 is Leeds.",
        widget=forms.TextInput(attrs=NARROW),
    )
