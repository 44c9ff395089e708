"""The public form: one thing per page, no sign-in, no session, the same answers whether or not a child is known."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cluster_ehs.core import drafts as posted_drafts
from cluster_ehs.core.lawful_basis import basis
from cluster_ehs.core.limits import address_of, over
from cluster_ehs.core.requests import posted
from clusters.http import UserRequest
from clusters.models import Cluster, School
from clusters.people import duties
from referrals import policies
from referrals.public import draft as drafts
from referrals.public import services
from referrals.public.draft import COOKIE, Answers, form_scope
from referrals.public.forms import AT_SCHOOL, BY_SLUG, STEPS, CheckForm, CodeForm, ContactForm, SchoolForm, StepForm
from referrals.public.languages import LANGUAGES
from referrals.public.texts import shows_unconfirmed, speaking

View = Callable[..., HttpResponse]
NOTICE = "<!-- machine-made -->"
MOST_SCHOOLS = 20
# The form of a page, which the buttons of the languages send.
STEP_FORM = "ask"


def in_language(view: View) -> View:
    """Open to everybody, in the language of the address, kept by no browser or proxy, and not without limit."""

    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def shown(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if language not in LANGUAGES:
            raise Http404
        with speaking(LANGUAGES[language]):
            try:
                if request.method == "POST" and over("ask", address_of(request), at_most=600, seconds=services.HOUR):
                    raise services.TooMany
                answer = view(request, language, *args, **kwargs)
            except services.TooMany:
                answer = page(request, language, "limited", status=429)
            answer["Cache-Control"] = "no-store, private"
            return answer

    return shown


def page(
    request: HttpRequest,
    language: str,
    name: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of the form; it says that a machine translated it while any text on it is unconfirmed."""
    path = request.path.removeprefix(f"/ask/{language}/")
    others = [(each, f"/ask/{each.slug}/{path}") for each in LANGUAGES.values()]
    known = {
        "spoken": LANGUAGES[language],
        "languages": others,
        "out_of_hours": number_text(settings.OUT_OF_HOURS_TELEPHONE),
        "notice": NOTICE,
        "basis": basis().plain,
    }
    html = render_to_string(f"referrals/public/{name}.html", {**known, **(context or {})}, request=request)
    said = ""
    if shows_unconfirmed(html, language):
        said = render_to_string("referrals/public/_machine.html", {}, request=request)
    return HttpResponse(html.replace(NOTICE, said), status=status)


def number_text(number: str) -> str:
    """A telephone number that keeps its order, and stays on one line, in a text that runs from right to left."""
    return f"\u2066{number.replace(' ', chr(0xA0))}\u2069" if number else ""


def to(name: str, language: str, *args: str) -> HttpResponse:
    return redirect(name, language, *args)


@in_language
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, language: str) -> HttpResponse:
    """What to do in an emergency, then what this is; POST begins."""
    if request.method == "GET":
        with form_scope(request.COOKIES.get(COOKIE, "")):
            answers = drafts.load(request.COOKIES.get(COOKIE, ""))
            unfinished = answers is not None and not answers.sent and bool(answers.steps)
        return page(request, language, "start", {"unfinished": unfinished})
    if over("begin", address_of(request), at_most=60, seconds=services.HOUR):
        raise services.TooMany
    return _with_cookie(to("public-step", language, STEPS[0].slug), drafts.begin())


def _with_cookie(response: HttpResponse, answers: Answers) -> HttpResponse:
    # Of the whole site: a browser that takes such a cookie from this host alone gives nobody else's answers to fill in.
    response.set_cookie(COOKIE, answers.secret, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_POST
def start_from_school(request: UserRequest) -> HttpResponse:
    """A school user begins with the school and their own name filled in; their sign-in proves the e-mail address."""
    policies.check_own_school(request.user)
    role = next(role for role in duties(request.user).roles if role.school_id)
    answers = drafts.begin()
    user = request.user
    answers.steps = {
        "who": {"who_asks": [AT_SCHOOL]},
        "school": {"search": [str(role.school)], "school": [str(role.school_id)]},
        "contact": {
            "name": [user.name],
            "organisation": [str(role.school)],
            "email": [user.email or ""],
            "telephone": [user.telephone],
        },
    }
    answers.chosen = {"from_school": True}
    services.choose_school(answers, role.school)
    answers.proof = {"proven": user.email or ""}
    with form_scope(answers.secret):
        drafts.save(answers)
    return _with_cookie(to("public-step", "en", "name"), answers)


def with_answers(view: View) -> View:
    """Load what was answered, its row locked, and begin again where there is nothing to load."""

    @wraps(view)
    def shown(request: HttpRequest, language: str, *args: Any, **kwargs: Any) -> HttpResponse:
        with form_scope(request.COOKIES.get(COOKIE, "")):
            answers = drafts.load(request.COOKIES.get(COOKIE, ""))
            if answers is None:
                return to("public-start", language)
            if answers.sent and view.__name__ not in ("done", "leave"):
                return to("public-done", language)
            return view(request, language, answers, *args, **kwargs)

    return shown


def way(answers: Answers) -> list[type[StepForm]]:
    """The pages that this sender passes, in order."""
    asks = drafts.asks_of(answers)
    return [form for form in STEPS if asks in form.who]


def form_of(answers: Answers, form: type[StepForm], data: Any = None) -> StepForm:
    """The page's form with what was sent, else with what was answered before, else empty."""
    if data is None and form.slug in answers.steps:
        data = posted_drafts.as_posted(answers.steps[form.slug])
    extra: dict[str, Any] = {}
    if form is SchoolForm:
        search = (data or {}).get("search") or ""
        extra["found"] = schools_like(search, chosen=(data or {}).get("school") or "")
    if form is ContactForm:
        extra["asks"] = drafts.asks_of(answers)
    return form(data, **extra)


def schools_like(search: str, *, chosen: str = "") -> list[tuple[str, str]]:
    """Schools with all the words in their name; the chosen one stays among them."""
    rows = School.objects.all()
    words = search.split()[:6]
    for word in words:
        rows = rows.filter(name__icontains=word)
    found = list(rows[:MOST_SCHOOLS]) if words else []
    if chosen.isdecimal() and len(chosen) < 10 and chosen not in {str(school.pk) for school in found}:
        found += School.objects.filter(pk=int(chosen))
    return [(str(school.pk), school.name) for school in found]


@in_language
@require_http_methods(["GET", "POST"])
@with_answers
def step(request: HttpRequest, language: str, answers: Answers, step: str) -> HttpResponse:
    if step not in BY_SLUG or BY_SLUG[step] not in way(answers):
        raise Http404
    kind = BY_SLUG[step]
    if request.POST.get("language") in LANGUAGES:
        return _in_another_language(request, answers, step)
    kept = posted_drafts.as_posted(answers.typed[step]) if step in answers.typed else None
    form = form_of(answers, kind, posted(request) or kept)
    if request.method == "GET" and (kept or step in answers.steps):
        form = posted_drafts.unjudged(form)
    searching = isinstance(form, SchoolForm) and request.method == "POST" and not form.data.get("school")
    if request.method == "POST" and form.is_valid() and not searching:
        _keep(answers, kind, form, request)
        drafts.save(answers)
        if "check" in request.GET and not _missing(answers):
            return to("public-check", language)
        return _after(answers, kind, language)
    context = {"form": form, "step": step, "back": _before(answers, kind, language), "searching": searching}
    context["switch"] = STEP_FORM
    form.helper.form_id = STEP_FORM
    if isinstance(form, SchoolForm):
        context["found"] = len(form.fields["school"].choices) - 1  # type: ignore[attr-defined]
        if searching:
            form = posted_drafts.unjudged(form)
    wrong = request.method == "POST" and not searching
    return page(request, language, "step", context, status=422 if wrong else 200)


def _in_another_language(request: HttpRequest, answers: Answers, step: str) -> HttpResponse:
    """The same page in the language that was chosen on it, with what stood on it, right or wrong."""
    answers.typed[step] = {name: values for name, values in posted_drafts.typed(request).items() if name != "language"}
    drafts.save(answers)
    here = reverse("public-step", args=[request.POST["language"], step])
    return redirect(f"{here}?check" if "check" in request.GET else here)


def _keep(answers: Answers, kind: type[StepForm], form: StepForm, request: HttpRequest) -> None:
    answers.steps[kind.slug] = posted_drafts.typed(request)
    answers.typed.pop(kind.slug, None)
    values = form.cleaned_data
    if kind is SchoolForm:
        chosen = values["school"]
        services.choose_school(answers, School.objects.filter(pk=chosen).first() if chosen != SchoolForm.NONE else None)
    if kind.slug == "age":
        born = values.get("birth_date")
        answers.chosen["birth_date"] = born.isoformat() if born else ""


def _before(answers: Answers, kind: type[StepForm], language: str) -> str:
    steps = way(answers)
    place = steps.index(kind)
    return reverse("public-step", args=[language, steps[place - 1].slug]) if place else ""


def _after(answers: Answers, kind: type[StepForm], language: str) -> HttpResponse:
    """The next page of the way that was not answered yet, or the check."""
    steps = way(answers)
    filled_in = set(answers.steps) if answers.chosen.get("from_school") else set()
    rest = steps[steps.index(kind) + 1 :]
    nearest = next((form for form in rest if form.slug not in filled_in), None)
    return to("public-step", language, nearest.slug) if nearest else to("public-check", language)


def _missing(answers: Answers) -> type[StepForm] | None:
    """The first page that is not answered, or not rightly."""
    return next(
        (form for form in way(answers) if form.slug not in answers.steps or not form_of(answers, form).is_valid()), None
    )


@in_language
@require_http_methods(["GET", "POST"])
@with_answers
def check(request: HttpRequest, language: str, answers: Answers) -> HttpResponse:
    """Everything that was answered, each with a way back; POST sends it, after the e-mail address is proven."""
    missing = _missing(answers)
    if missing:
        return to("public-step", language, missing.slug)
    form = CheckForm(posted(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["website"]:
            form.add_error("website", _("Leave this box empty"))
        elif services.too_quick(answers):
            form.add_error(None, _("Please read your answers once more, then send them."))
        elif answers.answer("contact", "email") and not services.is_proven(answers):
            email = answers.answer("contact", "email")
            services.send_code(answers, email=email, address=address_of(request))
            drafts.save(answers)
            return to("public-code", language)
        else:
            services.submit(answers, address=address_of(request), language=language)
            return to("public-done", language)
    context = {"form": form, "parts": _parts(answers, language), "cluster": _cluster(answers)}
    return page(request, language, "check", context, status=422 if request.method == "POST" else 200)


def _cluster(answers: Answers) -> Cluster | None:
    return Cluster.objects.filter(pk=answers.chosen.get("cluster") or 0).first()


def _parts(answers: Answers, language: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Question, answer and way back, for the list of answers. A page that asked several things stands below its title.

    “First name” alone does not say whose.
    """
    parts: list[tuple[str, list[dict[str, Any]]]] = []
    for kind in way(answers):
        rows: list[dict[str, Any]] = []
        form = form_of(answers, kind)
        form.is_valid()
        url = reverse("public-step", args=[language, kind.slug]) + "?check"
        for name, field in form.fields.items():
            value = form.cleaned_data.get(name)
            if kind is SchoolForm and name == "search":
                continue
            text = dict(getattr(field, "choices", None) or {}).get(value, value)
            text = _("Yes") if text is True else "" if text in (None, False) else text
            if isinstance(text, date):
                text = f"{text.day}.{text.month}.{text.year}"
            if "telephone" in name and text:
                text = number_text(text)
            label = field.label
            rows.append({"key": label, "value": str(text) or "–", "url": url, "action": _("Change"), "hidden": label})
        title = form.title if len(rows) > 1 else ""
        if title or not parts or parts[-1][0]:
            parts.append((title, rows))
        else:
            parts[-1][1].extend(rows)
    return parts


@in_language
@require_http_methods(["GET", "POST"])
@with_answers
def code(request: HttpRequest, language: str, answers: Answers) -> HttpResponse:
    """The six numbers from the mail: right, the request is sent."""
    if _missing(answers) or not answers.proof.get("email"):
        return to("public-check", language)
    if "again" in request.POST:
        services.send_code(answers, email=answers.proof["email"], address=address_of(request))
        drafts.save(answers)
        return to("public-code", language)
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        wrong = services.check_code(answers, form.cleaned_data["code"])
        drafts.save(answers)
        if not wrong and services.is_proven(answers):
            services.submit(answers, address=address_of(request), language=language)
            return to("public-done", language)
        form.add_error("code", wrong or _("This code no longer works. Ask for a new one"))
    back = reverse("public-step", args=[language, "contact"])
    context = {"form": form, "back": back, "email": answers.proof["email"]}
    return page(request, language, "code", context, status=422 if request.method == "POST" else 200)


@in_language
@require_safe
@with_answers
def done(request: HttpRequest, language: str, answers: Answers) -> HttpResponse:
    if not answers.sent:
        return to("public-check", language)
    cluster = _cluster(answers)
    telephone = number_text(cluster.telephone) if cluster else ""
    return page(request, language, "done", {"reference": answers.sent, "cluster": cluster, "telephone": telephone})


@in_language
@require_POST
@with_answers
def leave(request: HttpRequest, language: str, answers: Answers) -> HttpResponse:
    """Throw the answers away: on a shared phone, or when somebody comes into the room."""
    drafts.throw_away(answers)
    response = to("public-start", language)
    response.delete_cookie(COOKIE)
    return response


@login_not_required
@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """The plain address: in the browser's language where it is one of ours, else in English."""
    wanted = translation.get_language_from_request(request).split("-")[0]
    return redirect("public-start", wanted if wanted in LANGUAGES else "en")
