"""Migrations in a fraction of the time; what comes out is compared in tests/setup/test_upgrade.py.

While it migrates, Django draws anew, for each operation, every model that is related to the changed one. Here nearly
all models hang on a family, so hundreds of operations draw a hundred models each: nine tenths of the time. What only
adds (a model, a field, an index, a constraint) needs the changed model alone; what else comes finds all drawn anew.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from django.db.migrations.state import ProjectState

ADDING = ("add_model", "add_field", "_append_option")


def _adding(method: Callable[..., None]) -> Callable[..., None]:
    def only_this_model(state: ProjectState, *args: Any, **options: Any) -> None:
        state.__dict__["adding"] = True
        try:
            method(state, *args, **options)
        finally:
            del state.__dict__["adding"]

    return only_this_model


def _reload_model(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    if "apps" not in state.__dict__:
        return
    # Django's own mark for "related models are not up to date": RunPython draws all of them anew when it sees it.
    state.is_delayed = True
    if "adding" in state.__dict__:
        state._reload({(app_label, model_name)})  # type: ignore[attr-defined]
    else:
        state.clear_delayed_apps_cache()


@contextmanager
def drawing_only_what_is_added() -> Iterator[None]:
    """Within it, `migrate` draws only the model to which something is added."""
    with ExitStack() as patches:
        for name in ADDING:
            patches.enter_context(patch.object(ProjectState, name, _adding(getattr(ProjectState, name))))
        patches.enter_context(patch.object(ProjectState, "reload_model", _reload_model))
        yield
