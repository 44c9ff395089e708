"""`make audit`: a list of weaknesses or the plain word that none was asked for, and never a silent success."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import audit

BASE = Path(__file__).resolve().parents[2]


def test_without_a_registry_it_says_not_checked_and_fails(tmp_path: Path) -> None:
    for name in ("npm",):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho \'{"message": "getaddrinfo ENOTFOUND"}\'\nexit 1\n')
        program.chmod(0o755)
    away = {"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1", "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "scripts.audit"],
        cwd=BASE,
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "package-lock.json: not checked (getaddrinfo ENOTFOUND)" in done.stdout
    assert "requirements.txt: not checked" in done.stdout


def test_make_audit_asks_for_every_lock_and_a_weakness_fails(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    # Within `make test` a make says which folder it is in.
    quietly = ["make", "--no-print-directory", "--dry-run", "audit"]
    said = subprocess.run(quietly, cwd=BASE, capture_output=True, text=True, check=True).stdout
    assert said.rstrip().endswith("python -m scripts.audit")
    asked: list[list[str]] = []

    def answer(command: list[str]) -> tuple[dict[str, Any], str]:
        asked.append(command)
        well = {"dependencies": [{"name": "x", "version": "1", "vulns": []}]}
        return ({"vulnerabilities": {"z": {"severity": "high"}}} if command[0] == "npm" else well), ""

    monkeypatch.setattr(audit, "ask", answer)
    assert audit.main() == 1
    assert [("pip_audit" in command, command[-1]) for command in asked[:2]] == [
        (True, "requirements.txt"),
        (True, "requirements-dev.txt"),
    ]
    assert asked[2][:2] == ["npm", "audit"]
    told = capsys.readouterr().out
    assert "requirements.txt: no known weakness" in told
    assert "package-lock.json: known weaknesses\n  z: high" in told


def test_an_answer_is_read() -> None:
    found = {"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "CVE-1"}]}, {"name": "y", "version": "2"}]}
    assert audit.python_weaknesses(found) == ["x 1: CVE-1"]
    assert audit.python_weaknesses({}) is None
    assert audit.node_weaknesses(json.loads('{"vulnerabilities": {"z": {"severity": "high"}}}')) == ["z: high"]
    assert audit.node_weaknesses({"message": "away"}) is None
