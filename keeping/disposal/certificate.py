"""What a certificate says was removed, in words: rows by what they were, never whose."""

from django.apps import apps

from cluster_ehs.core import plain_words
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
    known = {model._meta.db_table: model for model in apps.get_models()}
    lines = []
    for key, number in disposal.counts.items():
        table, _, column = key.partition(".")
        model = known.get(table)
        what = WORDS.get(key) or (plain_words.thing(model) if model else table.replace("_", " ").capitalize())
        if column:
            fields = model._meta.concrete_fields if model else ()
            where = next((plain_words.label(field) for field in fields if field.column == column), column)
            what = f"{what}: names taken out of the words ({plain_words.begun_small(where)})"
        if number:
            lines.append((what, number))
    return sorted(lines, key=lambda line: (-line[1], line[0]))
