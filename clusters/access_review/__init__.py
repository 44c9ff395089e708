"""Each quarter, who has which role is looked at line by line and kept, changed or ended."""
