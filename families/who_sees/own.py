"""The records of this app of which it can be asked."""

from django.urls import reverse

from families.models import Family, StoredFile
from families.who_sees.askable import Askable, Part, may_be_asked


def fill() -> None:
    may_be_asked(
        Askable(
            kind="family",
            load=lambda pk: Family.objects.filter(pk=pk).select_related("cluster").first(),
            title=str,
            back=lambda family: reverse("family", args=[family.pk]),
            parts=(
                Part("The family’s record", "families_family"),
                Part("Where the family lives", "families_familyaddress", if_other=True),
            ),
        )
    )
    may_be_asked(
        Askable(
            kind="document",
            load=lambda pk: StoredFile.objects.filter(pk=pk).select_related("family__cluster", "author").first(),
            title=lambda file: f"Document: {file}",
            back=lambda file: reverse("family", args=[file.family_id]),
            parts=(Part("The document", "families_storedfile", text=True),),
            note=lambda file: "It was removed: of these, only a leader can still open it." if file.removed_at else "",
        )
    )
