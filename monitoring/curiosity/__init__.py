"""Looks at records that somebody should ask about, found once a week, and the records opened in an emergency."""
