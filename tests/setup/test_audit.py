"""`make audit`: a list of weaknesses or the plain word that none was asked for, and never a silent success."""

import json
import os
import subprocess
import sys
from pathlib import Path

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


def test_an_answer_is_read() -> None:
    found = {"dependencies": [{"name": "x", "version": "1", "vulns": [{"id": "CVE-1"}]}, {"name": "y", "version": "2"}]}
    assert audit.python_weaknesses(found) == ["x 1: CVE-1"]
    assert audit.python_weaknesses({}) is None
    assert audit.node_weaknesses(json.loads('{"vulnerabilities": {"z": {"severity": "high"}}}')) == ["z: high"]
    assert audit.node_weaknesses({"message": "away"}) is None
