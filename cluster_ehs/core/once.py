"""A double click, a resent form and a repeated API call make one record."""

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from cluster_ehs.core.denied import Conflict
from cluster_ehs.core.models import Once


def once(*, user_id: int, key: UUID | str | None, make: Callable[[], Any], request_body: Any = None) -> Any:
    """Run `make` the first time this user sends this key; later, answer what it answered then.

    `make` returns something JSON can hold (a URL, an id). A second delivery that arrives while the
    first is still running waits for it. What comes without a key is taken as sent once. Raises Conflict
    when the same key comes with another body.
    """
    key, fingerprint = str(key or uuid4()), ""
    if request_body is not None:
        fingerprint = hashlib.sha256(json.dumps(request_body, sort_keys=True, default=str).encode()).hexdigest()
    try:
        with transaction.atomic():
            mark = Once.objects.create(user_id=user_id, key=key, fingerprint=fingerprint)
    except IntegrityError:
        earlier = Once.objects.get(user_id=user_id, key=key)
        if earlier.fingerprint != fingerprint:
            raise Conflict("This idempotency key was used before with other content.") from None
        return earlier.result
    mark.result = make()
    mark.save(update_fields=["result"])
    return mark.result
