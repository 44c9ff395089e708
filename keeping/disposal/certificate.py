"""What a certificate says was removed, in words: rows by what they were, never whose."""

from django.apps import apps

from keeping.disposal.models import Disposal

WORDS = {
    "files": "Files, with what was drawn of them",
    "history": "Entries of the history",
    "core_draft": "Drafts",
    "core_once": "Marks of forms that were sent",
    "core_message": "Notices and mails",
    "families_family": "Family records",
    "families_person": "People",
    "families_persontoken": "Words of the search",
    "families_storedfile": "Records of files",
    "families_circumstances": "Circumstances",
    "keeping_retentionreview": "Decisions before the disposal",
    "triage_endingoutcome": "Outcomes of endings",
}


def counts_in_words(disposal: Disposal) -> list[tuple[str, int]]:
    """(what, how many) by number, without what was not there."""
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
    lines = []
    for key, number in disposal.counts.items():
        table, _, column = key.partition(".")
        what = WORDS.get(key) or names.get(table, table.replace("_", " "))
        what = what[:1].upper() + what[1:]
        if number:
            lines.append((f"{what}: names taken out of the words ({column})" if column else what, number))
    return sorted(lines, key=lambda line: (-line[1], line[0]))
