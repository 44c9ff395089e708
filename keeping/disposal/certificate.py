"""What a certificate says was removed, in words: rows by what they were, never whose."""

from django.apps import apps

from cluster_ehs.core import plain_words
from keeping.disposal.models import Disposal

WORDS = {
    "files": "File, and what was drawn of it",
    "history": "Entry of the history",
    "core_draft": "Draft",
    "core_once": "Mark of a form that was sent",
    "core_message": "Notice or mail",
    "families_family": "Family record",
    "families_persontoken": "Word of the search",
    "families_storedfile": "Line about a file",
    "keeping_retentionreview": "Decision before the disposal",
    "triage_endingoutcome": "Outcome of an ending",
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
