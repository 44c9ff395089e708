import pytest

from families.names import after, fold, folded_tokens, identity_tokens, skeleton, slips, sound_tokens, words


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Zdeňka", "zdenka"),
        ("  NOVÁK ", "novak"),
        ("O’Brien", "obrien"),
        ("O'Brien", "obrien"),
        ("Smith-Jones", "smith jones"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Strauß", "strauss"),
        ("Ștefan", "stefan"),
        ("Æthelred", "aethelred"),
        ("محمد", "محمد"),
        ("مُحَمَّد", "محمد"),
        ("李小龍", "李小龍"),
        ("Юрий", "юрии"),
        ("हिन्दी", "हिन्दी"),
        ("J. R. (Bob)", "j r bob"),
        ("", ""),
        ("--", ""),
    ],
)
def test_folding(name: str, folded: str) -> None:
    assert fold(name) == folded
    assert fold(folded) == folded


def test_a_double_name_is_found_whole_and_in_parts() -> None:
    assert folded_tokens("Anne-Marie") == ["anne", "marie", "annemarie"]
    assert "annemarie" in folded_tokens("Annemarie")


@pytest.mark.parametrize(
    ("one", "other"),
    [("Catherine", "Kathryn"), ("Stephen", "Steven"), ("Smith", "Smyth"), ("Mohammed", "Muhamad"), ("Nowak", "Novak")],
)
def test_names_that_sound_alike_share_a_key(one: str, other: str) -> None:
    assert set(sound_tokens(one)) & set(sound_tokens(other))


def test_names_that_do_not_sound_alike_share_none() -> None:
    assert not set(sound_tokens("Okafor")) & set(sound_tokens("Smith"))


def test_scripts_without_sound_keys_keep_the_folded_word() -> None:
    assert sound_tokens("张伟") == []
    assert identity_tokens("张伟") == ["张伟"]


def test_a_name_is_heard_alike_in_another_script_and_in_another_spelling() -> None:
    for one, other in (("محمد", "Mohammed"), ("یوسف", "Yusuf"), ("Szymański", "Shimanski"), ("Kováč", "Kowacz")):
        assert set(sound_tokens(one)) & set(sound_tokens(other)), one
    assert skeleton("novakova") == skeleton("novak")
    assert not set(sound_tokens("Kowalski")) & set(sound_tokens("Kaczmarek"))


def test_a_slip_of_the_keys_makes_few_words() -> None:
    made = slips("novak")
    assert {"noak", "novvak", "nvoak", "movak"} <= set(made)
    assert "novak" not in made
    assert len(made) < 320


def test_the_range_of_a_prefix() -> None:
    assert "kat" <= "katherine" < after("kat")
    assert not after("kat") > "kau"


def test_words_are_bounded_and_distinct() -> None:
    assert words("a" * 500, "A") == ["a" * 60, "a"]
