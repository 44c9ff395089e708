"""Which groups of the council’s directory mean which roles here, as managers say on a page."""
