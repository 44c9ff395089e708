"""Every write of who we are, by what it is about."""
