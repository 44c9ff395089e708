"""The order of the apps, where import-linter cannot look: foreign keys and imports inside functions."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
ORDER = [
    "core",
    "clusters",
    "families",
    "referrals",
    "triage",
    "cases",
    "formulation",
    "outcomes",
    "imports",
    "monitoring",
    "keeping",
    "demo",
]


@pytest.mark.parametrize(
    "model", [m for m in apps.get_models() if m._meta.app_label in ORDER], ids=lambda m: m._meta.label
)
def test_a_foreign_key_points_down_the_list(model: type) -> None:
    here = ORDER.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if field.is_relation and field.concrete and field.related_model._meta.app_label in ORDER:
            assert ORDER.index(field.related_model._meta.app_label) <= here, field


def sources() -> list[Path]:
    folders = [ROOT / "cluster_ehs", *(ROOT / app for app in ORDER[1:])]
    return [p for folder in folders for p in folder.rglob("*.py")]


def test_nothing_is_imported_inside_a_function() -> None:
    late = [
        f"{path.relative_to(ROOT)}:{inner.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert not late


def test_a_file_stays_within_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > 420
    }
    assert not long
