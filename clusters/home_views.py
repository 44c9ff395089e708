"""One's own house number and postcode, of which only a fingerprint is kept (`clusters.home`)."""

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cluster_ehs.core.forms import EhsForm
from clusters.changes import record, wrong
from clusters.home import home_key
from clusters.http import UserRequest
from clusters.models import User
from clusters.views.pages import form_page


class HomeForm(EhsForm):
    submit_label = "Save"
    number = forms.CharField(label="House or flat number", max_length=10, required=False)
    postcode = forms.CharField(label="Postcode", max_length=10, required=False)


@transaction.atomic
def set_home(user: User, *, number: str, postcode: str) -> None:
    """Keep the fingerprint; both left empty takes it away. Raises ValidationError when one is missing."""
    key = home_key(number, postcode)
    if (number.strip() or postcode.strip()) and not key:
        raise wrong("number" if postcode.strip() else "postcode", "Enter both the number and the postcode, or neither.")
    User.objects.filter(pk=user.pk).update(home_key=key)
    record(by=user, kind="account", text="Gave their home." if key else "Took their home away.", about=user)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: UserRequest) -> HttpResponse:
    form = HomeForm(request.POST or None)
    back = reverse("account")

    def act() -> str:
        set_home(request.user, **form.values)
        return back

    given = "It is given. Enter it anew, or leave both empty to take it away. " if request.user.home_key else ""
    return form_page(
        request,
        form,
        title="Where you live",
        act=act,
        done="Saved.",
        back=back,
        lead=f"{given}If you open the record of a family at your own address, somebody asks why. The address itself "
        "is not kept and nobody can read it, only a fingerprint that is compared.",
    )
