from pathlib import Path

import pytest

from scripts.migration_lint import ALLOWED, read

HOLDS_UP = {
    "adding-required-field": 'ALTER TABLE "cases_case" ADD COLUMN "colour" text NOT NULL;',
    "require-concurrent-index-creation": 'CREATE INDEX "by_colour" ON "cases_case" ("colour");',
    "adding-foreign-key-constraint": 'ALTER TABLE "cases_case" ADD FOREIGN KEY ("a") REFERENCES "b" ("id");',
    "constraint-missing-not-valid": 'ALTER TABLE "cases_case" ADD CONSTRAINT "c" CHECK ("a" > 0);',
    "disallowed-unique-constraint": 'ALTER TABLE "cases_case" ADD CONSTRAINT "u" UNIQUE ("a");',
    "changing-column-type": 'ALTER TABLE "cases_case" ALTER COLUMN "a" TYPE bigint;',
    "renaming-column": 'ALTER TABLE "cases_case" RENAME COLUMN "a" TO "b";',
    "ban-drop-column": 'ALTER TABLE "cases_case" DROP COLUMN "a" CASCADE;',
    "adding-not-nullable-field": 'ALTER TABLE "cases_case" ALTER COLUMN "a" SET NOT NULL;',
}


@pytest.mark.parametrize("rule", HOLDS_UP)
def test_what_holds_people_up_is_found(rule: str, tmp_path: Path) -> None:
    (tmp_path / "cases.9999_colour.sql").write_text(HOLDS_UP[rule])
    assert ("cases.9999_colour", rule) in {(found.migration, found.rule) for found in read(tmp_path)}


def test_a_table_made_in_the_same_release_is_empty(tmp_path: Path) -> None:
    (tmp_path / "cases.9998_hats.sql").write_text('CREATE TABLE "cases_hat" ("id" bigint NOT NULL PRIMARY KEY);')
    (tmp_path / "cases.9999_walls.sql").write_text('ALTER TABLE "cases_hat" ADD CONSTRAINT "c" CHECK ("id" > 0);')
    assert read(tmp_path) == []


def test_a_rule_is_broken_on_purpose_only_with_its_reason() -> None:
    assert ALLOWED.search("# squawk: ban-drop-column: nothing has read it since 0.2")
    assert not ALLOWED.search("# squawk: ban-drop-column:")
