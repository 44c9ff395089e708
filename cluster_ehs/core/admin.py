"""The technical pages at `/technical/`: every table, to read only, for who has the technical right.

They show what the row policies let the reader see, like any page, and leave the same trace when a family's row is
opened. Nothing is added, changed or deleted here: services do that.
"""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Field, ForeignKey, Model
from django.http import HttpRequest, HttpResponse

from cluster_ehs.core import audit

# Secrets, and the links in mails that open accounts.
HIDDEN = {"password", "digest", "body"}
LISTED = ("reference", "code", "name", "label", "kind", "status", "cluster", "at", "starts_on", "created_at")
OURS = {
    "core",
    "clusters",
    "families",
    "referrals",
    "triage",
    "cases",
    "formulation",
    "outcomes",
    "imports",
    "monitoring",
    "keeping",
}


class ReadOnlyAdmin(admin.ModelAdmin):
    read_only = True
    actions = None
    show_full_result_count = False
    list_per_page = 50

    def __init__(self, model: type[Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        fields: dict[str, Field] = {field.name: field for field in model._meta.fields}
        # No child's name in a list: a family's rows are named by key and reference.
        of_family = "family" in fields or "family_id" in fields or model._meta.label == "families.Family"
        wanted = [name for name in LISTED if name in fields and not (of_family and name in {"name", "label"})]
        self.__dict__.update(
            list_display=["pk", *wanted],
            list_select_related=[name for name in wanted if isinstance(fields[name], ForeignKey)],
            ordering=["-pk"],
            exclude=[name for name in fields if name in HIDDEN],
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None and getattr(found, "family_id", None) and getattr(found, "cluster_id", None):
            user: Any = request.user
            audit.look(by=user, at=found, page=f"technical: {self.opts.verbose_name}"[:80])
        return found

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own log of the admin is always empty here; the row itself is the answer."""
        return self.change_view(request, object_id, extra_context=extra_context)


for model in apps.get_models():
    if model._meta.app_label in OURS:
        admin.site.register(model, ReadOnlyAdmin)
