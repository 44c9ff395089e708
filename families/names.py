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

    W is heard as V as well: Nowak and Novak are one name in two spellings. The last key is `skeleton`, for names that
    came here through another spelling than English.
    """
    keys = (*doublemetaphone(word.replace("w", "v")), *doublemetaphone(word), skeleton(word))
    return [key for key in dict.fromkeys(keys) if key]


# Two letters or more that stand for one sound somewhere between Warsaw, Bratislava, Bucharest, Cairo and Lahore.
_GROUPS = (
    ("szcz", "S"), ("tsch", "S"), ("tch", "S"), ("sch", "S"), ("dzh", "S"), ("sh", "S"), ("sz", "S"), ("cz", "S"),
    ("ch", "S"), ("zh", "S"), ("rz", "S"), ("ts", "S"), ("dz", "S"), ("dj", "S"), ("ck", "K"), ("kh", "K"), ("gh", "K"),
    ("ph", "F"), ("th", "T"), ("dh", "T"), ("bh", "P"), ("qu", "K"),
)  # fmt: skip
_CLASS = {
    **dict.fromkeys("bp", "P"), **dict.fromkeys("dt", "T"), **dict.fromkeys("gkqx", "K"), **dict.fromkeys("fvw", "F"),
    **dict.fromkeys("sz", "S"), "j": "J", "l": "L", "m": "M", "n": "N", "r": "R",
    # Arabic and Urdu letters in the same classes; vowels and breaths have none.
    **dict.fromkeys("بپ", "P"), **dict.fromkeys("تطدضةٹڈثذظ", "T"), **dict.fromkeys("كکقخغگ", "K"), "ف": "F",
    **dict.fromkeys("سصشزجچژ", "S"), "ل": "L", "م": "M", **dict.fromkeys("نں", "N"), **dict.fromkeys("رڑ", "R"),
}  # fmt: skip
_FEMALE_ENDS = ("ova", "owa")


def skeleton(word: str) -> str:
    """The consonants of one folded word by class, as it is heard in any of our families' languages; "" for none.

    Hisses are one class, as are voiced and voiceless stops; vowels and h are left out but for a vowel at the
    beginning, where y and j count as one. The ending of a woman's name (Nováková) is left out.

    >>> skeleton("lukasz") == skeleton("lukash") and skeleton("yusuf") == skeleton("iusuf")
    True
    """
    if len(word) > 6 and word.endswith(_FEMALE_ENDS):
        word = word[:-3]
    begins = "A" if word[:1] in {"a", "e", "i", "o", "u", "y"} or word[:1] in "اأإآعءيی" else ""
    keys, before, place = [], "", 0
    while place < len(word):
        group, key = next(((g, k) for g, k in _GROUPS if word.startswith(g, place)), ("", ""))
        letter = word[place]
        if not group:
            soft = letter == "c" and word[place + 1 : place + 2] in {"", "e", "i", "y"}
            key = ("S" if soft else "K") if letter == "c" else _CLASS.get(letter, "")
        # Doubled letters are one sound; the same sound after a vowel is another.
        if key and key != before:
            keys.append(key)
        before = key
        place += len(group) or 1
    consonants = "".join(keys)
    return f"~{begins}{consonants}" if len(consonants) > 1 or (begins and consonants) else ""


def sound_tokens(*names: str) -> list[str]:
    return list(dict.fromkeys(key for token in folded_tokens(*names) for key in sounds(token)))


_LETTERS_OF_SLIPS = "abcdefghijklmnopqrstuvwxyz"


def slips(word: str) -> list[str]:
    """Every word that one slip of the keys makes of this folded one: a letter left out, doubled, swapped or wrong."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {a + b[1:] for a, b in cuts if b}
    found |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    found |= {a + letter + b[1:] for a, b in cuts if b for letter in _LETTERS_OF_SLIPS}
    found |= {a + letter + b for a, b in cuts for letter in _LETTERS_OF_SLIPS}
    return sorted(found - {word})


def after(token: str) -> str:
    """The least text that sorts after everything beginning with the token (collation C)."""
    return token + _END


def identity_tokens(*names: str) -> list[str]:
    """One token per word, by sound where there is one: what two spellings of the same person share."""
    return list(dict.fromkeys((sounds(word) or [word])[0] for word in words(*names)))
