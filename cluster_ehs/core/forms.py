"""The bases of every form: GOV.UK markup through the "ehs" template pack, a token against double submits, the version
that the editor saw, and saving while typing. Views give the rest: `{% crispy form %}` is the whole form.
"""

import uuid
from collections.abc import Iterable
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.forms.utils import pretty_name
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from cluster_ehs.core import drafts
from cluster_ehs.core.date_fields import DateParts, DatePartsField, DateTimeParts, DateTimePartsField, subject

__all__ = [
    "DateParts",
    "DatePartsField",
    "DateTimeParts",
    "DateTimePartsField",
    "EhsFilterForm",
    "EhsForm",
    "EhsModelForm",
    "Score",
    "ScoreField",
    "TickRadios",
    "Ticks",
    "YesNoField",
]

SERVICE_FIELDS = ("once", "version")


class Ticks(forms.CheckboxSelectMultiple):
    """Several choices as chips: who was there, which services."""


class TickRadios(forms.RadioSelect):
    """One choice as chips: what kind of contact."""


class Score(forms.RadioSelect):
    """0 to 10 in a row. `was` is last time's score, marked in the row; `low` and `high` word the two ends."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, was: int | None = None, low: str = "", high: str = ""):
        super().__init__(attrs)
        self.was, self.low, self.high = was, low, high


class ScoreField(forms.TypedChoiceField):
    """A score from 0 to 10; None when it was not asked and the field is optional."""

    widget = Score

    def __init__(self, *, not_asked: str = "", **kwargs: Any) -> None:
        choices: list[tuple[Any, Any]] = [(number, str(number)) for number in range(11)]
        if not kwargs.get("required", True):
            choices.append(("", not_asked or gettext_lazy("Not asked today")))
        super().__init__(choices=choices, coerce=int, empty_value=None, **kwargs)
        self.error_messages["invalid_choice"] = gettext_lazy("The score must be a whole number from 0 to 10")


class YesNoField(forms.TypedChoiceField):
    """Yes, No and, with `unknown`, Not known; True, False or None."""

    widget = forms.RadioSelect

    def __init__(self, *, unknown: bool = False, **kwargs: Any) -> None:
        choices: list[tuple[str, Any]] = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
        if unknown:
            choices.append(("unknown", gettext_lazy("Not known")))
        kwargs.setdefault("widget", forms.RadioSelect(attrs={"choices_class": "govuk-radios--inline"}))
        super().__init__(choices=choices, coerce=self.read, empty_value=None, **kwargs)

    @staticmethod
    def read(value: str) -> bool | None:
        return {"yes": True, "no": False}.get(value)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


class OnceField(forms.UUIDField):
    """The token against double submits: made for each rendering, kept when the form comes back with errors."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid.uuid4)

    def bound_data(self, data: Any, initial: Any) -> Any:
        return data or initial


def required_message(field: forms.Field) -> str:
    """What to do when the field was left empty, naming the field."""
    label = subject(field.label)
    if label.startswith("“"):
        return _("Answer %(label)s") % {"label": label}
    name = label if label[:2].isupper() else label[:1].lower() + label[1:]
    if isinstance(field, forms.FileField):
        return _("Choose a file: %(name)s") % {"name": name}
    if isinstance(field, forms.BooleanField):
        return _("Tick “%(label)s” to continue") % {"label": label}
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return _("Choose %(name)s") % {"name": name}
    return _("Enter %(name)s") % {"name": name}


def limit_messages(field: forms.Field) -> dict[str, str]:
    """What to say when a text is too long or a number beyond its limits, naming the field and the limit.

    On pages in another language the one sentence of it that is translated there.
    """
    name = subject(field.label)
    found = {}
    if isinstance(field, forms.CharField) and field.max_length:
        english = (get_language() or "en").startswith("en")
        found["max_length"] = (
            f"{name} must be {field.max_length:,} characters or fewer"
            if english
            else _("This is too long. Please make it shorter")
        )
    if isinstance(field, forms.IntegerField):
        for code, limit, word in (("min_value", field.min_value, "more"), ("max_value", field.max_value, "less")):
            if limit is not None and not callable(limit):
                found[code] = _("%(name)s must be %(limit)s or %(word)s") % {"name": name, "limit": limit, "word": word}
    return found


class DraftingHelper(FormHelper):
    """Draws a form with what was being typed into it."""

    def render_layout(self, form: Any, context: Any, template_pack: str = "ehs") -> Any:
        drafts.take_up(form, context.get("request"))
        return super().render_layout(form, context, template_pack=template_pack)


class FormParts:
    """What EhsForm and EhsModelForm share.

    Class attributes, each also a keyword of the constructor where a view has to decide: `submit_label`, `cancel_url`,
    `action`, `draft_key` (saves while typing under this key), `version` (of the record that the editor saw).
    """

    submit_label: Any = gettext_lazy("Save")
    submit_class = ""
    cancel_label: Any = gettext_lazy("Cancel")
    cancel_url: Any = ""
    action = ""
    method = "post"
    draft_key = ""
    draft_version = 0
    # A form with room for text and no key keeps what is typed by the page that it stands on (`drafts.take_up`).
    drafted = True
    kept: Any = None
    form_class = ""
    label_size = "s"
    mark_optional = True
    with_token = True
    # More buttons beside the first: {"name": …, "value": …, "label": …, "classes": "govuk-button--secondary"}.
    more_buttons: Iterable[dict[str, Any]] = ()

    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]
    use_required_attribute = False

    def take_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Keep this class's keywords and give back those for Django's own constructor."""
        ours = {
            "submit_label",
            "submit_class",
            "cancel_url",
            "action",
            "draft_key",
            "draft_version",
            "more_buttons",
            "with_token",
        }
        for name in ours & options.keys():
            setattr(self, name, options.pop(name))
        return options

    def finish(self, version: int | None) -> None:
        for name, field in self.fields.items():
            if field.label is None:
                field.label = pretty_name(name)
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = required_message(field)
            for code, message in limit_messages(field).items():
                field.error_messages.setdefault(code, message)
        if self.with_token:
            self.fields["once"] = OnceField()
        if version is not None:
            self.fields["version"] = forms.IntegerField(required=False, initial=version, widget=forms.HiddenInput)

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, for the service: cleaned data without the token and the version."""
        return {name: value for name, value in self.cleaned_data.items() if name not in SERVICE_FIELDS}

    @property
    def token(self) -> uuid.UUID | None:
        return self.cleaned_data.get("once")

    @property
    def seen_version(self) -> int | None:
        return self.cleaned_data.get("version")

    def revealed(self) -> set[str]:
        """Names of fields shown under a choice of another field (`attrs={"reveals": {"other": "other_text"}}`)."""
        shown = [n for field in self.fields.values() for n in (field.widget.attrs.get("reveals") or {}).values()]
        return {name for names in shown for name in ([names] if isinstance(names, str) else names)}

    def layout(self) -> Layout:
        """Every visible field in order; a form with sections overrides it."""
        revealed = self.revealed()
        names = [name for name, field in self.fields.items() if not field.widget.is_hidden and name not in revealed]
        return Layout(*names)

    @cached_property
    def helper(self) -> FormHelper:
        helper = DraftingHelper()
        helper.form_method = self.method
        helper.form_action = self.action
        helper.form_class = self.form_class
        helper.layout = self.layout()
        helper.attrs = {"novalidate": True}
        helper.submit_label = self.submit_label
        helper.submit_class = self.submit_class
        helper.cancel_label = self.cancel_label
        helper.cancel_url = self.cancel_url
        helper.more_buttons = list(self.more_buttons)
        return helper


class EhsForm(FormParts, forms.Form):
    """A form that no one model stands behind."""

    use_required_attribute = False

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **self.take_options(kwargs))
        self.finish(version)


def form_field(db_field: models.Field, **kwargs: Any) -> forms.Field | None:
    """The form field of a model field: dates in parts, questions with few answers as radios."""
    if isinstance(db_field, models.DateTimeField):
        return db_field.formfield(**{"form_class": DateTimePartsField, **kwargs})
    if isinstance(db_field, models.DateField):
        return db_field.formfield(**{"form_class": DatePartsField, **kwargs})
    return db_field.formfield(**kwargs)


class EhsModelFormMetaclass(ModelFormMetaclass):
    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(form_field)
        return super().__new__(mcs, name, bases, attrs, **kwargs)


class EhsModelForm(FormParts, forms.ModelForm, metaclass=EhsModelFormMetaclass):
    """A model's form. It reads and validates; `save()` is not called by views, services write."""

    use_required_attribute = False

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **self.take_options(kwargs))
        if version is None and self.instance.pk is not None:
            version = getattr(self.instance, "version", None)
        self.finish(version)


class EhsFilterForm(FormParts, forms.Form):
    """The filter above a list: by GET, nothing required, no token. Not for names: those are posted."""

    method = "get"
    submit_label = gettext_lazy("Filter")
    submit_class = "govuk-button--secondary"
    form_class = "eh-filter"
    label_size = ""
    mark_optional = False
    with_token = False
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **self.take_options(kwargs))
        self.finish(None)
