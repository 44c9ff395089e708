"""What people ask of us about their data: a copy, a correction, a complaint; with its clock and its log."""
