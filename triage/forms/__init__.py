"""Input shapes and wording of the screening pages."""
