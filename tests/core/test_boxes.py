"""What is kept sealed opens with its secret and for its purpose alone; what the release before sealed is still read."""

import base64
from hashlib import sha256
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.fernet import Fernet
from django.core.management import call_command

from cluster_ehs.core.boxes import Box, NotOpened
from clusters.signing_in.adapter import MFAAdapter
from referrals.public import draft
from referrals.public.models import PublicDraft
from tests.fixtures_cast import Cast


def test_it_opens_with_its_secret_for_its_purpose_and_unchanged_alone() -> None:
    box = Box(["one"], purpose="a")
    sealed = box.seal("Zdeňka")
    assert box.open(sealed) == "Zdeňka"
    assert box.seal("Zdeňka") != sealed, "the same text twice is not seen to be the same"
    assert Box(["two", "one"], purpose="a").open(sealed) == "Zdeňka", "the secret was replaced"
    raw = bytearray(base64.urlsafe_b64decode(sealed))
    raw[-1] ^= 1
    changed = base64.urlsafe_b64encode(bytes(raw)).decode()
    for other, text in ((Box(["two"], purpose="a"), sealed), (Box(["one"], purpose="b"), sealed), (box, changed)):
        with pytest.raises(NotOpened):
            other.open(text)
    for nothing in ("", "x", "not sealed at all", "ß"):
        with pytest.raises(NotOpened):
            box.open(nothing)


def as_before(secret: bytes, text: str) -> str:
    return Fernet(base64.urlsafe_b64encode(secret)).encrypt(text.encode()).decode()


def test_keys_of_second_factors_sealed_by_the_release_before_are_read_and_sealed_anew(
    cast: Cast, settings: Any
) -> None:
    TOTP.activate(cast.leader, "JBSWY3DPEHPK3PXP")
    factor = Authenticator.objects.get(user=cast.leader)
    old = "sealed:" + as_before(sha256(f"second-factor:{settings.SECRET_KEY}".encode()).digest(), "JBSWY3DPEHPK3PXP")
    Authenticator.objects.filter(pk=factor.pk).update(data={**factor.data, "secret": old})
    assert MFAAdapter().decrypt(old) == "JBSWY3DPEHPK3PXP"
    call_command("reseal_second_factors")
    kept = Authenticator.objects.get(user=cast.leader).data["secret"]
    assert kept.startswith("box:")
    assert MFAAdapter().decrypt(kept) == "JBSWY3DPEHPK3PXP"


def test_an_answer_that_was_begun_before_the_release_is_gone_on_with(db: None) -> None:
    answers = draft.begin()
    with draft.form_scope(answers.secret):
        row = PublicDraft.objects.get()
        plain = draft._opened(row.sealed, answers.secret)
        old = as_before(sha256(f"seal:{answers.secret}".encode()).digest(), plain)
        PublicDraft.objects.filter(pk=row.pk).update(sealed=old)
        assert draft.load(answers.secret) == answers
        draft.save(answers)
        assert not PublicDraft.objects.get().sealed.startswith("gAAAA")
        assert draft.load(answers.secret) == answers
