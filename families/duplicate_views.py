"""The queue of duplicates: two records side by side, what was decided, and merges that can be undone."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import audit
from cluster_ehs.core.forms import EhsForm
from cluster_ehs.core.paging import page
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.people import duties
from families import duplicates, merging, policies
from families.matching import compare, facts_of
from families.models import DuplicatePair, Gender, Merge, Person
from families.selectors import members

MERGES_SHOWN = 20
SHOWS = {"open": "To look at", "not_sure": "Not sure", "different": "Different people"}
# What is laid side by side: the label, and where it stands.
LINES = (
    ("First name", "first_name"),
    ("Last name", "last_name"),
    ("Known as", "known_as"),
    ("Date of birth", "birth_date"),
    ("Gender", "get_gender_display"),
    ("School", "school"),
    ("Year group", "year_group"),
    ("UPN", "upn"),
    ("NHS number", "nhs_number"),
    ("Ethnicity", "ethnicity"),
    ("First language", "first_language"),
    ("Telephone", "telephone"),
    ("Another address", "other_address"),
)
OF_FAMILY = (
    ("Family", "name"),
    ("Reference", "reference"),
    ("Address", "address"),
    ("Postcode", "postcode"),
    ("Family telephone", "telephone"),
)


class DecideForm(EhsForm):
    """What a leader says about two records; and if they are one, which is kept and who else is the same."""

    with_token = False
    submit_label = "Save the decision"

    decision = forms.ChoiceField(
        label="Are they the same person?",
        choices=(
            ("same", "The same person: make one record of them"),
            ("different", "Different people"),
            ("not_sure", "Not sure yet"),
        ),
        widget=forms.RadioSelect,
    )
    keep = forms.ChoiceField(
        label="Which record is kept?",
        required=False,
        choices=(("one", "The first"), ("two", "The second")),
        widget=forms.RadioSelect,
        help_text="What it leaves blank is filled from the other. The other stays as an original, and the merge can be "
        "undone.",
    )
    note = forms.CharField(
        label="Why?", required=False, max_length=300, help_text="In one line, for whoever asks again"
    )

    def __init__(self, *args: Any, pair: DuplicatePair, people: dict[str, list[Person]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["decision"].widget.attrs["reveals"] = {"same": "keep"}
        fields["keep"].choices = [(key, _said(person)) for key, person in (("one", pair.one), ("two", pair.two))]
        self.others: dict[str, Person] = {}
        if pair.one.family_id != pair.two.family_id:
            choices = [("", "Somebody else: comes over as they are")]
            choices += [(str(p.pk), f"The same as {_said(p)}") for p in people["one"] if p.pk != pair.one_id]
            for person in people["two"]:
                if person.pk != pair.two_id:
                    name = f"other_{person.pk}"
                    self.others[name] = person
                    fields[name] = forms.ChoiceField(
                        label=f"{_said(person)}, of the second family", choices=choices, required=False
                    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "same" and not values.get("keep"):
            self.add_error("keep", "Choose the record that is kept")
        chosen = [values.get(name) for name in self.others if values.get(name)]
        if len(chosen) != len(set(chosen)):
            self.add_error(None, "Two people of one family cannot both be the same person of the other")
        return values

    def same_people(self) -> dict[UUID, UUID]:
        """Of the second family -> of the first."""
        return {
            person.pk: UUID(self.cleaned_data[name]) for name, person in self.others.items() if self.cleaned_data[name]
        }


def _said(person: Person) -> str:
    born = f", born {person.birth_date:%-d %B %Y}" if person.birth_date else ""
    return f"{person}{born}"


@require_safe
def duplicate_list(request: UserRequest) -> HttpResponse:
    """What a leader has to look at, what was decided, and what was merged."""
    policies.check_duplicates(request.user)
    leads = list(duties(request.user).leads)
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    found = page(duplicates.queue(leads, status=show), request, order=("-score", "id"))
    merges = list(
        Merge.objects.filter(cluster_id__in=leads)
        .select_related("family", "merged_by", "undone_by")
        .order_by("-merged_at")[:MERGES_SHOWN]
    )
    names = merging.pairs_of(merges) if merges else {}
    context = {
        "page": found,
        "show": show,
        "shows": [
            {"label": label, "url": f"{reverse('duplicate-list')}?show={key}", "current": key == show}
            for key, label in SHOWS.items()
        ],
        "merges": [(merge, *names.get(merge.pk, ("", ""))) for merge in merges],
    }
    return render(request, "families/duplicates.html", context)


@require_http_methods(["GET", "POST"])
def duplicate(request: UserRequest, pair: UUID) -> HttpResponse:
    """Two records side by side; what differs is marked. The look at both is recorded."""
    rows = DuplicatePair.objects.select_related(
        *(f"{one}__{of}" for one in ("one", "two") for of in ("family", "school", "ethnicity", "first_language"))
    )
    found = rows.filter(pk=pair).first()
    if found is None:
        # The second click of two: one of the records is an original now.
        if not DuplicatePair.objects.filter(pk=pair, status=DuplicatePair.Status.SAME).exists():
            raise Http404
        messages.info(request, "These two records are one already.")
        return redirect("duplicate-list")
    policies.check_merge(request.user, found.cluster_id)
    people = {"one": members(found.one.family), "two": members(found.two.family)}
    form = DecideForm(posted(request), pair=found, people=people, initial={"keep": "one"})
    form.cancel_url = reverse("duplicate-list")
    if request.method == "POST" and form.is_valid():
        return _decide(request, found, form)
    if request.method == "GET":
        for family in {found.one.family_id: found.one.family, found.two.family_id: found.two.family}.values():
            audit.look(by=request.user, at=family, page="duplicates")
    context = {
        "pair": found,
        "form": form,
        "lines": _lines(found),
        "likeness": compare(facts_of(found.one), facts_of(found.two)),
        "one_family": found.one.family_id == found.two.family_id,
        "people": people,
    }
    return render(request, "families/duplicate.html", context)


def _decide(request: UserRequest, pair: DuplicatePair, form: DecideForm) -> HttpResponse:
    values = form.cleaned_data
    if values["decision"] != "same":
        duplicates.decide(by=request.user, pair_id=pair.pk, status=values["decision"], note=values["note"])
        messages.success(request, "Your decision was kept. This pair is not asked about again.")
        return redirect("duplicate-list")
    kept, gone = (pair.one, pair.two) if values["keep"] == "one" else (pair.two, pair.one)
    others = form.same_people()
    if values["keep"] == "two":
        others = {kept_pk: gone_pk for gone_pk, kept_pk in others.items()}
    merging.merge_people(by=request.user, kept=kept, gone=gone, others=others)
    messages.success(request, "The two records are one now. The merge can be undone in the list of duplicates.")
    return redirect("family", pk=kept.family_id)


def _lines(pair: DuplicatePair) -> list[dict[str, Any]]:
    found = []
    for fields, one, two in (
        (LINES, pair.one, pair.two),
        (OF_FAMILY, pair.one.family, pair.two.family),
    ):
        for label, name in fields:
            values = [getattr(record, name) for record in (one, two)]
            texts = [value() if callable(value) else value for value in values]
            if name == "get_gender_display":
                # Not known is no difference: it is shown as any other blank.
                known = [getattr(record, "gender", "") != Gender.UNKNOWN for record in (one, two)]
                texts = [text if said else "" for text, said in zip(texts, known, strict=True)]
            if any(texts):
                # Two records always have two references: marking them would hide what matters.
                differs = texts[0] != texts[1] and all(texts) and name != "reference"
                found.append({"label": label, "values": texts, "differs": differs, "date": name == "birth_date"})
    return found


@require_POST
def merge_undo(request: UserRequest, merge: UUID) -> HttpResponse:
    """Take a merge back. What was moved returns; the page said what happens to what was written since."""
    found = Merge.objects.filter(pk=merge).select_related("family").first()
    if found is None:
        raise Http404
    merging.undo(by=request.user, merge=found)
    messages.success(request, "The merge was undone. Both records are there again.")
    return redirect("duplicate-list")
