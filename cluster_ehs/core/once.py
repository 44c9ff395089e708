"""A double click, a resent form and a repeated API call make one record."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import DatabaseError, connection

from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Once

# A second delivery waits here until the first has ended, then finds its row.
MARK = """
INSERT INTO core_once (user_id, key, fingerprint, at) VALUES (%s, %s, %s, now())
ON CONFLICT ON CONSTRAINT once_one_per_key DO NOTHING RETURNING id
"""


OTHER_CONTENT = "This idempotency key was used before with other content."


def with_content(key: UUID | str | None, content: Any) -> UUID:
    """A key for this content: the same form sent twice is one, a form sent again with other words is another.

    For a record with a version, which itself tells whoever comes second.
    """
    return uuid5(UUID(str(key)) if key else uuid4(), json.dumps(content, sort_keys=True, default=str))


def once(
    *,
    user_id: int,
    key: UUID | str | None,
    make: Callable[[], Any],
    request_body: Any = None,
    other_content: str = OTHER_CONTENT,
) -> Any:
    """Run `make` the first time this user sends this key; later, answer what it answered then.

    `make` returns something JSON can hold (a URL, an id). A second delivery that arrives while the
    first is still running waits for it. What comes without a key is taken as sent once. When `make` raises,
    nothing is kept: a corrected form may come with the same key. Raises Conflict when the same key comes with
    another body: what was written since would else be dropped without a word.
    """
    key, fingerprint = str(key or uuid4()), ""
    if request_body is not None:
        fingerprint = hashlib.sha256(json.dumps(request_body, sort_keys=True, default=str).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(MARK, [user_id, key, fingerprint])
        mark = cursor.fetchone()
    if mark is None:
        earlier = Once.objects.get(user_id=user_id, key=key)
        if earlier.fingerprint != fingerprint:
            raise Conflict(other_content)
        return earlier.result
    try:
        result = make()
    except Exception:
        # In a transaction that failed altogether there is nothing left to take back.
        with suppress(DatabaseError):
            Once.objects.filter(pk=mark[0]).delete()
        raise
    Once.objects.filter(pk=mark[0]).update(result=result)
    return result


def answered(*, user_id: int, key: UUID | str | None) -> Any:
    """What the first delivery of this key answered; None when there was none.

    For a form whose second delivery would be refused for no other reason than what the first one made.
    """
    if not key or "\x00" in str(key):
        return None
    mark = Once.objects.filter(user_id=user_id, key=str(key)).first()
    return mark.result if mark else None
