"""The screening pages: load, check, call a service, answer."""
