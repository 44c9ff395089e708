"""A picture of each page for each role, at the width of a phone and of a desk: `make screens`."""
