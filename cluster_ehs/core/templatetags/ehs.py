"""The components, as tags and filters of every template. `/gallery/` shows them, `docs/look.md` explains them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.template.defaulttags import CsrfTokenNode
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from cluster_ehs.core import drafts, form_markup

register = template.Library()

TAG_COLOURS = {"grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow", ""}


# --- forms ---
@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> SafeString:
    """Django's token and, signed, whose page this is: a form sent after the session ended is kept for that person."""
    token = SafeString(CsrfTokenNode().render(context))
    user = context.get("user")
    if not token or user is None or not user.is_authenticated:
        return token
    return token + format_html('<input type="hidden" name="who" value="{}">', drafts.who_token(user))


@register.simple_tag
def form_field(field: BoundField) -> SafeString:
    """One field with its label, hint, error and input: `{% form_field form.note %}`."""
    return form_markup.render_field(field)


@register.simple_tag
def hidden_fields(form: Any) -> SafeString:
    """The form's hidden fields, and which draft it is, so that the draft goes when the form is taken."""
    found = mark_safe("".join(str(field) for field in form.hidden_fields()))  # noqa: S308 (Django's own widget output)
    key = getattr(form, "draft_key", "")
    if key and "draft_version" not in form.fields:
        found += format_html(
            '<input type="hidden" name="draft_key" value="{}"><input type="hidden" name="draft_version" value="{}">',
            key,
            form.draft_version,
        )
    return found


@register.simple_tag
def draft_attributes(form: Any) -> SafeString:
    """For the script that saves while typing: where to, under which key, from which version on."""
    if not getattr(form, "draft_key", ""):
        return SafeString("")
    return format_html(
        ' data-draft-url="{}" data-draft-key="{}" data-draft-version="{}"',
        reverse("draft-save"),
        form.draft_key,
        form.draft_version,
    )


@register.inclusion_tag("ehs/error_summary.html", takes_context=True)
def error_summary(context: template.Context, form: Any) -> dict[str, Any]:
    """The errors with links to their inputs. The layout shows it above the heading, so the form does not repeat it.

    A page that shows it in answer to a sent form is answered with 422, see `ScopeMiddleware`.
    """
    if not has_errors(form) or getattr(form, "summary_shown", False):
        return {"entries": []}
    form.summary_shown = True
    request = context.get("request")
    if request is not None:
        request.form_refused = True
    return {"entries": form_markup.error_entries(form)}


@register.filter
def has_errors(form: Any) -> bool:
    """Whether a bound form or formset has any error; False for anything else."""
    if isinstance(form, BaseFormSet):
        return form.is_bound and (any(form.errors) or bool(form.non_form_errors()))
    return isinstance(form, forms.BaseForm) and bool(form.errors)


# --- words for dates, times and numbers; all in Europe/London ---
def local(value: Any) -> Any:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.filter
def long_date(value: date | None) -> str:
    """17 November 2026."""
    value = local(value)
    return f"{value.day} {value:%B %Y}" if value else ""


@register.filter
def written_date(text: str) -> str:
    """A date that was kept as text (2016-04-20), as people write it; other text stays as it is."""
    try:
        return long_date(date.fromisoformat(text))
    except (TypeError, ValueError):
        return text or ""


@register.filter
def day_here(value: date | None) -> str:
    """A day as the language of the page writes it: 17 November 2026, 17. listopadu 2026."""
    value = local(value)
    if not value:
        return ""
    language = (get_language() or "en")[:2]
    text = date_format(value, {"cs": "j. E Y", "sk": "j. n. Y"}.get(language, "j E Y"))
    return text.lower() if language == "ro" else text


@register.filter
def short_date(value: date | None) -> str:
    """17 Nov, with the year when it is not this one."""
    value = local(value)
    if not value:
        return ""
    year = "" if value.year == timezone.localdate().year else f" {value.year}"
    return f"{value.day} {value:%b}{year}"


@register.filter
def week_day(value: date | None) -> str:
    """Tue 17 Nov, for a diary."""
    value = local(value)
    return f"{value:%a} {short_date(value)}" if value else ""


@register.filter
def clock(value: datetime | None) -> str:
    """10:52."""
    value = local(value)
    return f"{value:%H:%M}" if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """17 November 2026 at 10:52."""
    return _("%(date)s at %(time)s") % {"date": long_date(value), "time": clock(value)} if value else ""


@register.filter
def ago(value: date | None) -> str:
    """Today, yesterday, 2 days ago, tomorrow, in 3 days: whole days of the calendar."""
    value = local(value)
    if not value:
        return ""
    day = value.date() if isinstance(value, datetime) else value
    days = (timezone.localdate() - day).days
    if days in (-1, 0, 1):
        return {0: _("today"), 1: _("yesterday"), -1: _("tomorrow")}[days]
    if days > 0:
        return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}
    return ngettext("in %(days)s day", "in %(days)s days", -days) % {"days": -days}


@register.filter
def days_text(days: int | None) -> str:
    return "" if days is None else ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


@register.filter
def weeks_text(weeks: int | None) -> str:
    """“7 weeks” from the number of whole weeks."""
    return "" if weeks is None else ngettext("%(n)s week", "%(n)s weeks", weeks) % {"n": weeks}


@register.filter
def age_text(years: int | None) -> str:
    """A child's age in whole years as one writes it beside the name."""
    if years is None:
        return _("age not known")
    return _("under 1") if years < 1 else str(years)


@register.filter
def year_text(code: str) -> str:
    """A school year as people say it, from its code of the school census: Year 7, Reception."""
    named = {"R": _("Reception"), "N1": _("Nursery"), "N2": _("Nursery")}
    if code.isdecimal():
        return _("Year %(number)s") % {"number": code}
    return named.get(code, code)


# --- components ---
@register.simple_tag
def tag(label: Any, colour: str = "") -> SafeString:
    """A status word on a colour. The word carries the meaning, the colour only helps."""
    if colour not in TAG_COLOURS:
        raise template.TemplateSyntaxError(f"No tag colour {colour!r}; there are {sorted(TAG_COLOURS)}")
    modifier = f" govuk-tag--{colour}" if colour not in ("", "blue") else ""
    return format_html('<strong class="govuk-tag{}">{}</strong>', modifier, label)


@register.simple_tag
def tags(items: Iterable[tuple[Any, str]]) -> SafeString:
    """Several status words in a row: pairs of label and colour."""
    inner = format_html_join("", "<li>{}</li>", ((tag(label, colour),) for label, colour in items))
    return format_html('<ul class="eh-tags">{}</ul>', inner) if inner else SafeString("")


@register.simple_block_tag
def card(content: str, title: Any = "", kind: str = "", level: int = 2, note: Any = "", id: str = "") -> SafeString:
    """A box with a heading. `kind` is late, near or soft; `note` stands beside the heading."""
    heading = ""
    if title:
        size = "m" if level == 2 else "s"
        heading = format_html('<h{} class="govuk-heading-{}">{}</h{}>', level, size, title, level)
        if note:
            heading = format_html(
                '<div class="eh-card__head">{}<span class="eh-quiet eh-small">{}</span></div>', heading, note
            )
    return format_html(
        '<section class="eh-card{}"{}>{}{}</section>',
        f" eh-card--{kind}" if kind else "",
        format_html(' id="{}"', id) if id else "",
        heading,
        content,
    )


@register.inclusion_tag("components/sub_navigation.html")
def sub_navigation(items: Sequence[Mapping[str, Any]], label: Any = "") -> dict[str, Any]:
    """A row of links, one of them current: navigation, tabs. Each has label, url, current, and if wanted count."""
    return {"items": items, "label": label or _("Sections")}


@register.inclusion_tag("components/identity_bar.html")
def identity_bar(
    name: Any,
    line: Any = "",
    tags: Iterable[tuple[Any, str]] = (),
    more: Any = "",
    line_more: Any = "",
    more_more: Any = "",
) -> dict[str, Any]:
    """Whose record this is: the page's h1, who belongs to the family, flags, lead worker and reference.

    line_more, more_more: what goes on from line and more where there is room, and is left out on a phone.
    """
    shown = {"line": line, "line_more": line_more, "more": more, "more_more": more_more}
    return {"name": name, "tags": list(tags or ()), **shown}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]], bordered: bool = True) -> dict[str, Any]:
    """Question and answer rows. Each has key, value, and if wanted url with action (“Change”)."""
    return {"rows": rows, "bordered": bordered}


@register.inclusion_tag("components/facts.html")
def facts(rows: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """Pairs in little room, such as dates and what happens then."""
    return {"rows": rows}


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Mapping[str, Any]], level: int = 3) -> dict[str, Any]:
    """What happened, newest first. Each has title, at, and if wanted by, text, url, tags."""
    return {"entries": entries, "level": level}


@register.inclusion_tag("components/bar.html")
def bar(used: float, of: float, label: Any, bare: bool = False) -> dict[str, Any]:
    """How much of an allowance is used; amber from 80 %, red when over. `bare` hides the label from sight."""
    share = used / of if of else 0
    return {
        "value": min(used, of) if of else 0,
        "maximum": of or 1,
        "label": label,
        "state": "over" if share > 1 else "near" if share >= 0.8 else "",
        "bare": bare,
    }


@register.inclusion_tag("components/sparkline.html")
def sparkline(
    scores: Sequence[float | None], width: int = 210, height: int = 60, aim: float | None = None
) -> dict[str, Any]:
    """Scores out of 10 as a small line, with the values as its text."""
    known = [score for score in scores or () if score is not None]
    left, right, top, bottom = 8, width - 10, 8, height - 8

    def y(score: float) -> float:
        return round(bottom - (bottom - top) * max(0, min(10, score)) / 10, 1)

    step = (right - left) / (len(known) - 1) if len(known) > 1 else 0
    points = [(round(left + step * number, 1), y(score)) for number, score in enumerate(known)]
    if len(points) == 1:
        points = [(round((left + right) / 2, 1), points[0][1])]
    listed = ", ".join(f"{score:g}" for score in known)
    text = ngettext("Score %(scores)s out of 10", "Scores %(scores)s out of 10", len(known)) % {"scores": listed}
    if aim is not None:
        text += _(", aim %(aim)s") % {"aim": f"{aim:g}"}
    return {
        "width": width,
        "height": height,
        "inner_width": width - 4,
        "inner_height": height - 4,
        "line": " ".join(f"{x},{y_}" for x, y_ in points) if len(points) > 1 else "",
        "last": points[-1] if points else None,
        "aim_y": y(aim) if aim is not None else None,
        "aim_end": width - 2,
        "text": text if known else _("No scores yet"),
    }


@register.inclusion_tag("components/chart.html")
def chart(chart: Any, open_table: bool = False) -> dict[str, Any]:
    """A chart of `core.charts` with its table one click away."""
    return {"chart": chart, "open_table": open_table}


@register.inclusion_tag("components/data_table.html")
def data_table(
    headings: Sequence[Any],
    rows: Iterable[Sequence[Any]],
    caption: Any = "",
    numeric: str = "",
    hide_caption: bool = False,
) -> dict[str, Any]:
    """A table whose rows become small cards on a phone. `numeric` lists the columns of numbers, from 0: "2 3"."""
    columns = {int(number) for number in numeric.split()}
    heads = [{"label": heading, "numeric": number in columns} for number, heading in enumerate(headings)]
    body = [
        [{"value": value, "label": headings[number], "numeric": number in columns} for number, value in enumerate(row)]
        for row in rows
    ]
    return {"heads": heads, "rows": body, "caption": caption, "hide_caption": hide_caption}


@register.inclusion_tag("components/empty.html")
def empty(title: Any, text: Any = "", url: str = "", action: Any = "") -> dict[str, Any]:
    """What to show when there is nothing: why, and what to do."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/pager.html")
def pager(newer: str = "", older: str = "", label: Any = "") -> dict[str, Any]:
    """Keyset paging: addresses of the newer and the older page, either may be empty."""
    return {"newer": newer, "older": older, "label": label or _("Pages")}
