"""The tables of this app; each package keeps its own."""
