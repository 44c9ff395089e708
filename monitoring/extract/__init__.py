"""Evaluation extracts: a pseudonymised file, one line per child, made for one named purpose, logged, and ending."""
