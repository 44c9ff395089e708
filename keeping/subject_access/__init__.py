"""A copy of everything held on a person: gathered, marked for redaction, read twice, released."""
