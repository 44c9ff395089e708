"""Names as they are compared: folded and by sound. Pure functions without a database.

People spell a name in many ways, and the spelling that was heard on the telephone must still find the child.
"""

import unicodedata

from metaphone import doublemetaphone

# Letters that decomposition leaves whole.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n"}
)
_APOSTROPHES = "'’‘`´ʼʻ′"
# Longer than any name part; the column holds 80.
_LONGEST = 60
_END = "\U0010ffff"


def fold(text: str) -> str:
    """Lower case without accents and punctuation, words parted by one space. Other scripts are kept.

    >>> fold("Zdeňka O’Brien-Łukasz")
    'zdenka obrien lukasz'
    """
    # Only European and Arabic marks are dropped: in Devanagari and others a mark is a vowel.
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in apart if not ("\u0300" <= c <= "\u036f" or "\u064b" <= c <= "\u0652"))
    plain = "".join(c for c in unicodedata.normalize("NFC", bare).translate(_LETTERS) if c not in _APOSTROPHES)
    return " ".join("".join(c if _belongs(c) else " " for c in plain).split())


def _belongs(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"


def words(*names: str) -> list[str]:
    """The distinct folded words of some names, in order."""
    return list(dict.fromkeys(word[:_LONGEST] for name in names for word in fold(name).split()))


def folded_tokens(*names: str) -> list[str]:
    """Every word of the names, and each name of several words also written as one: Anne-Marie, Annemarie."""
    joined = [fold(name).replace(" ", "")[:_LONGEST] for name in names]
    return list(dict.fromkeys([*words(*names), *(token for token in joined if token)]))


def sounds(word: str) -> list[str]:
    """The sound keys of one folded word, the likelier first; none for scripts that have none here.

    W is heard as V as well: Nowak and Novak are one name in two spellings.
    """
    keys = (*doublemetaphone(word.replace("w", "v")), *doublemetaphone(word))
    return [key for key in dict.fromkeys(keys) if key]


def sound_tokens(*names: str) -> list[str]:
    return list(dict.fromkeys(key for token in folded_tokens(*names) for key in sounds(token)))


def after(token: str) -> str:
    """The least text that sorts after everything beginning with the token (collation C)."""
    return token + _END


def identity_tokens(*names: str) -> list[str]:
    """One token per word, by sound where there is one: what two spellings of the same person share."""
    return list(dict.fromkeys((sounds(word) or [word])[0] for word in words(*names)))
