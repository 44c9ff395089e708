"""Text being typed is kept on the server: while typing, and when a form arrives after the session has ended.

A draft belongs to one user and one key. A long form in sections keeps them all in one draft: a key
`referral:1234#school` is the part `school` of the draft `referral:1234`, with a version of its own.
The fields are kept as the browser sent them: a list of texts for each name. One of them, PAGE, names the page that
wrote last: a page whose answer was lost on the way goes on from its own text, and one that is sent takes only its own
draft away.
"""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.forms.utils import ErrorDict
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from cluster_ehs.core.models import Draft

Fields = dict[str, list[str]]
FormT = TypeVar("FormT", bound=forms.BaseForm)
KEPT = "kept:"
# Forms that no view gave a key are kept by the page that they stand on.
OF_PAGE = "page:"
# 1 January 2020, so that versions counted in seconds stay small.
EPOCH = 1_577_836_800
# A page left open over a long weekend still knows whose it is.
WHO_AGE = 7 * 24 * 60 * 60
PAGE = "draft_page"
NOT_TYPED = {"csrfmiddlewaretoken", "who", "draft_version", "draft_key"}
_SIGNER = signing.TimestampSigner(salt="drafts.who")


class Stale(Exception):
    """The draft was saved elsewhere since; `saved` is what it says now."""

    def __init__(self, saved: "Saved") -> None:
        super().__init__("saved elsewhere")
        self.saved = saved


class NotTyped(Exception):
    """The key names a place in a draft that no form writes."""


@dataclass(frozen=True)
class Saved:
    version: int
    fields: Fields
    at: datetime
    done: bool = False

    @property
    def clock(self) -> str:
        return f"{timezone.localtime(self.at):%H:%M:%S}"


def load(user: Any, key: str) -> Draft | None:
    """The user's draft of that key, or None. Only the owner's rows can be seen."""
    return Draft.objects.filter(user_id=user.pk, key=key).first()


def unfinished(user: Any) -> list[Draft]:
    """All drafts of the user, the latest first: read once for the several lists of one page."""
    found = user.__dict__.get("_drafts")
    if found is None:
        found = user.__dict__["_drafts"] = list(Draft.objects.filter(user_id=user.pk).order_by("-saved_at")[:100])
    return found


def discard(user: Any, key: str) -> None:
    Draft.objects.filter(user_id=user.pk, key=key).delete()


def finish(request: HttpRequest, key: str) -> None:
    """The form was taken, so its draft goes, unless another page has written there since, unheard of by this one."""
    owner: Any = request.user
    rows = Draft.objects.filter(user_id=owner.pk, key=storable(key))
    heard, page = request.POST.get("draft_version", ""), request.POST.get(PAGE)
    if heard.isdecimal() and len(heard) < 10:
        known = Q(version__lte=int(heard))
        rows = rows.filter(known | Q(**{f"data__{PAGE}": [page]}) if page else known)
    rows.delete()


def save(
    *, user: Any, key: str, fields: Fields, version: int, title: str = "", url: str = "", done: bool = False
) -> Saved:
    """Keep what is typed. Raises Stale when another page saved since this one last heard (`version`), NotTyped when the
    key names what the program itself keeps in a draft.

    done: the section was finished by its form, not merely saved while typing.
    """
    whole, _, part = key.partition("#")
    with transaction.atomic():
        # A draft in sections was begun with its own title and page; a section does not put its own there.
        draft = _locked(user, whole, title="" if part else title, url="" if part else url)
        if not _is_typed(draft, part):
            raise NotTyped
        before = _read(draft, part)
        new = not before.fields and (bool(part) or draft.version == 0)
        own = bool(fields.get(PAGE)) and fields.get(PAGE) == before.fields.get(PAGE)
        if not (new or own or before.version == version):
            raise Stale(before)
        if part:
            following = max(before.version, version if new else 0) + 1
            draft.data[part] = {"fields": fields, "version": following, "done": done}
            draft.version += 1
        else:
            # A draft begun again after its form was sent does not count from where an old page may have stopped.
            following = draft.version = (int(time.time()) - EPOCH if new else before.version) + 1
            draft.data = fields
        draft.save()
    return Saved(following, fields, draft.saved_at, done)


def _locked(user: Any, key: str, *, title: str, url: str) -> Draft:
    """The draft's row, locked; made when there is none, also when two pages make it at once."""
    rows = Draft.objects.select_for_update().filter(user_id=user.pk, key=key)
    draft = rows.first()
    if draft is None:
        try:
            with transaction.atomic():
                Draft.objects.create(user_id=user.pk, key=key, title=title[:200], url=url[:300], version=0)
        except IntegrityError:
            pass
        draft = rows.get()
    if title or url:
        draft.title, draft.url = title[:200] or draft.title, url[:300] or draft.url
    return draft


def _is_typed(draft: Draft, part: str) -> bool:
    """Whether what stands there is text of a form: not what the program has put into a draft in sections."""
    if not part:
        return all(isinstance(values, list) for values in draft.data.values())
    kept = draft.data.get(part)
    return kept is None or (isinstance(kept, dict) and {"fields", "version"} <= kept.keys())


def _read(draft: Draft, part: str) -> Saved:
    if not part:
        return Saved(draft.version, draft.data, draft.saved_at)
    kept = draft.data.get(part, {})
    return Saved(kept.get("version", 0), kept.get("fields", {}), draft.saved_at, kept.get("done", False))


def part(draft: Draft, name: str) -> Saved:
    """One section of a draft in sections; version 0 and no fields when it was never touched."""
    return _read(draft, name)


def typed(request: HttpRequest) -> Fields:
    """The texts of a posted form, without what the page put there by itself."""
    return {
        storable(name): [storable(value) for value in values]
        for name, values in request.POST.lists()
        if name not in NOT_TYPED
    }


def storable(text: Any) -> str:
    """The text as PostgreSQL can hold it: without NUL, and with a mark for half of a character."""
    return str(text).replace("\x00", "").encode(errors="replace").decode()


def as_posted(fields: Mapping[str, Any]) -> QueryDict:
    """The fields as a form takes them: `Form(drafts.as_posted(draft.data))`."""
    data = QueryDict(mutable=True)
    for name, values in fields.items():
        data.setlist(name, values if isinstance(values, list) else [str(values)])
    return data


def unjudged(form: FormT) -> FormT:
    """A form that shows what was typed so far without complaining about what is not there yet."""
    form._errors = ErrorDict()
    return form


# --- a form that no view gave a key ---
def take_up(form: Any, request: HttpRequest | None) -> None:
    """Give a form with room for text a draft of its page, and go on from what was being typed there.

    Called while the form is drawn. `form.kept` is the draft that is shown, for the page to say so.
    """
    if form.draft_key or not form.drafted or request is None or form.method != "post":
        return
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not any(is_text(field) for field in form.fields.values()):
        return
    place = f"{form.action or request.path}:{type(form).__name__}{form.prefix or ''}"
    form.draft_key = f"{OF_PAGE}{place}"[:200]
    if form.is_bound:
        heard = form.data.get("draft_version") or ""
        form.draft_version = int(heard) if heard.isdecimal() and len(heard) < 10 else 0
        return
    draft = load(user, form.draft_key)
    if draft:
        form.draft_version, form.kept = draft.version, draft
        form.is_bound, form.data = True, as_posted(draft.data)
        unjudged(form)


def is_text(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.Textarea) and not field.disabled


# --- a form that arrives after the session has ended ---
def who_token(user: Any) -> str:
    """Signed into every form: whose page it is, also when the session has ended by the time it is sent."""
    return _SIGNER.sign(str(user.pk))


def whose(mark: str) -> int | None:
    """The user whose page carries this mark; None for a forged or a very old one."""
    try:
        return int(_SIGNER.unsign(mark, max_age=WHO_AGE))
    except (signing.BadSignature, ValueError):
        return None


@dataclass(frozen=True)
class Kept:
    id: uuid.UUID
    user_id: int


def has_words(fields: Fields) -> bool:
    """Whether somebody wrote something: more than ticks, dates and marks of the page's own."""
    return any(" " in value.strip() for values in fields.values() for value in values)


def keep_posted(request: HttpRequest, title: str = "What you typed when your sign-in had ended") -> Kept | None:
    """Keep a form that cannot be taken now for the person whose page it was; None when nobody's, or empty."""
    user_id, fields = whose(request.POST.get("who", "")), typed(request)
    if user_id is None or not any(any(values) for values in fields.values()):
        return None
    data = {"fields": fields, "files": [file.name for file in request.FILES.values()]}
    url = request.get_full_path()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ehs_keep_draft(%s, %s, %s, %s, %s)",
            [user_id, f"{KEPT}{uuid.uuid4()}", title, url, json.dumps(data)],
        )
        kept = cursor.fetchone()[0]
    return Kept(kept, user_id) if kept else None


def page_of(request: HttpRequest) -> str:
    """The path of the page that a script's request comes from; empty when it does not say."""
    referrer = urlsplit(request.META.get("HTTP_REFERER", ""))
    return referrer.path if referrer.netloc == request.get_host() else ""
