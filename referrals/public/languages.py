"""The languages of the public form: how each is called by its own speakers, and which way it is written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """slug: in the address. code: Django's. rtl: written from right to left."""

    slug: str
    code: str
    name: str
    english: str
    rtl: bool = False


LANGUAGES = {
    language.slug: language
    for language in (
        Language("en", "en-gb", "English", "English"),
        Language("ro", "ro", "Română", "Romanian"),
        Language("cs", "cs", "Čeština", "Czech"),
        Language("sk", "sk", "Slovenčina", "Slovak"),
        Language("pl", "pl", "Polski", "Polish"),
        Language("ur", "ur", "اردو", "Urdu", rtl=True),
        Language("ar", "ar", "العربية", "Arabic", rtl=True),
    )
}
TRANSLATED = {slug: language for slug, language in LANGUAGES.items() if slug != "en"}
