"""“Who can see this?”: the row policies themselves answer, person by person, and each answer has its reason."""
