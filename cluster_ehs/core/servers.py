"""The embedded servers' addresses and launcher (placeholder until the launcher lands)."""

from pathlib import Path

VAR = Path(__file__).resolve().parent.parent.parent / "var"


def database_url() -> str:
    return "postgresql://ehs_app:ehs_app@127.0.0.1:5432/ehs"


def database_owner_url() -> str:
    return "postgresql://ehs_owner:ehs_owner@127.0.0.1:5432/ehs"


def redis_url() -> str:
    return "redis://127.0.0.1:6379/0"


def ensure_started() -> None:
    """Start what is not running."""
