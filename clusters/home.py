"""A fingerprint of where somebody lives: compared with the addresses of families, never shown and not to be turned back
into an address without the program's secret key."""

import re

from django.utils.crypto import salted_hmac


def home_key(address: str, postcode: str) -> str:
    """Of the first number of an address (house or flat) and the postcode; empty when either is missing."""
    number = re.search(r"\d+[a-z]?", address.lower())
    code = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    if number is None or not code:
        return ""
    return salted_hmac("clusters.home", f"{number[0]} {code}", algorithm="sha256").hexdigest()
