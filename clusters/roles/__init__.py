"""Roles that need more than one person's word: a manager's by two people, and acting up for a time."""
