"""The pages of the public form, one thing on each. Every text is short, since it is read in seven languages."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from cluster_ehs.core.forms import DatePartsField, EhsForm
from referrals.models import Agreed
from referrals.rules import OLDEST, check_birth_date

PROFESSIONAL, PARENT, YOUNG = "professional", "parent", "young"
# A professional too; said apart since it is the route that the evaluation counts.
AT_SCHOOL = "school"
YES_NO = [("yes", _("Yes")), ("no", _("No"))]
LONG = 20_000
HEADING = {"page_heading": True, "label_class": "govuk-label--l"}
LEGEND = {"page_heading": True, "label_class": "govuk-fieldset__legend--l"}


def line(label: Any, *, needed: Any = "", most: int = 120, **kwargs: Any) -> forms.CharField:
    """One line of text; `needed` is what is said when it is left empty."""
    attrs = kwargs.pop("attrs", {})
    errors = {"required": needed} if needed else None
    return forms.CharField(
        label=label,
        required=bool(needed),
        max_length=most,
        error_messages=errors,
        widget=forms.TextInput(attrs=attrs),
        **kwargs,
    )


def story(label: Any, *, needed: Any = "", hint: Any = "") -> forms.CharField:
    """Room for a story. Its limit is said when it is passed: a running count would speak English on every page."""
    widget = forms.Textarea(attrs={"rows": 7, **HEADING})
    errors = {"required": needed} if needed else None
    limit = MaxLengthValidator(LONG, message=_("This is too long. Please make it shorter"))
    return forms.CharField(
        label=label, required=bool(needed), error_messages=errors, help_text=hint, widget=widget, validators=[limit]
    )


def choice(label: Any, choices: Any, *, needed: Any, hint: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=choices,
        help_text=hint,
        error_messages={"required": needed, "invalid_choice": needed},
        widget=forms.RadioSelect(attrs=dict(LEGEND)),
    )


class StepForm(EhsForm):
    """One page. `title` is its heading unless the only question is; `who` says whose way it lies on."""

    slug: ClassVar[str]
    title: ClassVar[Any] = ""
    lead: ClassVar[Any] = ""
    who: ClassVar[tuple[str, ...]] = (PROFESSIONAL, PARENT, YOUNG)
    submit_label = _("Continue")
    with_token = False

    @property
    def heading(self) -> Any:
        """For the title of the page in the browser."""
        return self.title or next(iter(self.fields.values())).label


class WhoForm(StepForm):
    slug = "who"

    who_asks = choice(
        _("Who are you?"),
        [
            (AT_SCHOOL, _("I work at the school of the child")),
            (PROFESSIONAL, _("I work with the child or the family")),
            (PARENT, _("I am a parent or carer")),
            (YOUNG, _("I am the young person")),
        ],
        needed=_("Choose who you are"),
    )


class SchoolForm(StepForm):
    """The school, searched for and chosen on one page, without a script. It says which Cluster helps."""

    slug = "school"
    title = _("Which school?")
    lead = _("The school of the child or young person. It tells us who can help.")
    NONE = "none"

    search = line(_("Name of the school"), attrs={"autocomplete": "off"})
    school = forms.ChoiceField(label=_("Choose the school"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, found: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mark_optional = False
        self.fields["school"].choices = [*found, (self.NONE, _("Another school, or not at a school"))]  # type: ignore[attr-defined]


class NameForm(StepForm):
    slug = "name"
    title = _("Who needs help?")
    lead = _("The child or young person.")

    first_name = line(_("First name"), needed=_("Enter a first name"), most=80, attrs={"autocomplete": "off"})
    last_name = line(_("Last name"), needed=_("Enter a last name"), most=80, attrs={"autocomplete": "off"})


class BirthForm(StepForm):
    slug = "age"
    title = _("How old is the child or young person?")

    birth_date = DatePartsField(
        label=_("Date of birth"), required=False, help_text=_("For example 27 3 2016"), latest=timezone.localdate
    )
    age = forms.IntegerField(
        label=_("Or the age in years"),
        required=False,
        min_value=0,
        max_value=OLDEST,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Enter an age in years, from 0 to 25, in numbers")
        ),
        widget=forms.TextInput(attrs={"class": "govuk-input--width-2", "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not values.get("birth_date") and values.get("age") is None:
            self.add_error("birth_date", now("Enter the date of birth or the age"))
        try:
            check_birth_date(values.get("birth_date"))
        except ValidationError:
            self.add_error("birth_date", now("Check the year: we help children and young people up to 25"))
        return values


class HomeForm(StepForm):
    slug = "home"
    title = _("Where does the family live?")
    lead = _("Leave this empty if there is no fixed address, or if it is not safe to say.")

    address = line(_("Address"), most=200)
    postcode = line(_("Postcode"), most=10, attrs={"class": "govuk-input--width-10", "dir": "ltr"})


class WorryForm(StepForm):
    slug = "worries"

    worrying = story(
        _("What are you worried about?"),
        needed=_("Enter what you are worried about"),
        hint=_("Write in any language."),
    )


class SafetyForm(StepForm):
    slug = "safety"

    harm = choice(
        _("Is somebody hurting the child, or is the child in danger?"),
        YES_NO,
        needed=_("Choose yes or no"),
        hint=_("If the child is in danger now, call 999. Do not wait for this form."),
    )


class WellForm(StepForm):
    slug = "well"

    going_well = story(_("What is going well?"), hint=_("People who help, what the child likes, what works."))


class WantsForm(StepForm):
    slug = "wants"

    family_wants = story(_("What would help?"), hint=_("In the words of the family."))


class AgreeForm(StepForm):
    slug = "agree"
    who = (PROFESSIONAL,)

    agreed = choice(
        _("Does the family know that you ask for help?"),
        [
            (Agreed.YES.value, _("Yes, the family knows and agrees")),
            (Agreed.KNOWS.value, _("The family knows and has not agreed yet")),
            (Agreed.NO.value, _("No, the family does not know")),
        ],
        needed=_("Choose whether the family knows"),
    )


class ConsentForm(StepForm):
    """A parent asks for the own family; a young person may ask without the parents knowing."""

    slug = "consent"
    who = (PARENT, YOUNG)

    ask_school = choice(
        _("May we talk to the school about this?"),
        YES_NO,
        needed=_("Choose yes or no"),
        hint=_("We keep what you write and use it only to help you. You can say no."),
    )


class CarerForm(StepForm):
    slug = "carer"
    title = _("Who is the parent or carer?")
    who = (PROFESSIONAL,)

    carer_first_name = line(_("First name"), most=80, attrs={"autocomplete": "off"})
    carer_last_name = line(_("Last name"), most=80, attrs={"autocomplete": "off"})
    carer_telephone = line(
        _("Telephone"), most=40, attrs={"class": "govuk-input--width-20", "inputmode": "tel", "dir": "ltr"}
    )


class ContactForm(StepForm):
    slug = "contact"
    title = _("How can we reach you?")

    name = line(_("Your name"), needed=_("Enter your name"), attrs={"autocomplete": "name"})
    role = line(_("Your role"), attrs={"autocomplete": "organization-title"})
    organisation = line(_("School, service or organisation"), most=160, attrs={"autocomplete": "organization"})
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        help_text=_("We send a code to it before you finish."),
        error_messages={"invalid": _("Enter an e-mail address like name@example.org")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "dir": "ltr"}),
    )
    telephone = line(
        _("Telephone"),
        most=40,
        attrs={"autocomplete": "tel", "class": "govuk-input--width-20", "inputmode": "tel", "dir": "ltr"},
    )
    interpreter = forms.BooleanField(label=_("I would like an interpreter"), required=False)
    restricted = forms.BooleanField(
        label=_("Somebody who works in early help is close to the family and must not read this"),
        required=False,
        help_text=_("Then only the people in charge of the team read it."),
    )

    def __init__(self, *args: Any, asks: str = PROFESSIONAL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = asks
        for name in ("interpreter",) if asks == PROFESSIONAL else ("role", "organisation"):
            del self.fields[name]
        if asks != PROFESSIONAL:
            self.fields["telephone"].help_text = _("If you have no e-mail address, we ring you to check.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.errors or values.get("email"):
            return values
        if self.asks == PROFESSIONAL:
            self.add_error("email", now("Enter your e-mail address"))
        elif sum(letter.isdigit() for letter in values.get("telephone", "")) < 7:
            self.add_error("email", now("Enter an e-mail address or a telephone number"))
        return values


class CheckForm(StepForm):
    slug = "check"
    title = _("Check your answers")
    submit_label = _("Send")
    # People do not see it; what fills in every box of a page gives itself away.
    website = forms.CharField(
        label=_("Leave this box empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1", "group_class": "eh-ask__trap"}),
    )


class CodeForm(StepForm):
    slug = "code"
    title = _("Enter the code")
    submit_label = _("Send")

    code = line(
        _("The code of six numbers"),
        needed=_("Enter the code of six numbers"),
        most=12,
        attrs={"autocomplete": "one-time-code", "class": "govuk-input--width-10", "inputmode": "numeric", "dir": "ltr"},
    )


STEPS: tuple[type[StepForm], ...] = (
    WhoForm,
    SchoolForm,
    NameForm,
    BirthForm,
    HomeForm,
    WorryForm,
    SafetyForm,
    WellForm,
    WantsForm,
    AgreeForm,
    ConsentForm,
    CarerForm,
    ContactForm,
)
BY_SLUG = {form.slug: form for form in STEPS}
