"""`make audit`: known weaknesses of the locked packages. What could not be asked is "not checked", and fails."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BASE = Path(__file__).resolve().parents[1]
PYTHON = [
    sys.executable,
    "-m",
    "pip_audit",
    "--require-hashes",
    "--disable-pip",
    "--progress-spinner=off",
    "-f",
    "json",
]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def ask(command: Sequence[str]) -> tuple[dict, str]:
    """The JSON that a command answers, or nothing and why."""
    if shutil.which(command[0]) is None:
        return {}, f"{command[0]} is not installed"
    try:
        done = subprocess.run(command, cwd=BASE, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603
    except OSError as error:
        return {}, f"{command[0]}: {error.strerror}"
    except subprocess.TimeoutExpired:
        return {}, "no answer within ten minutes"
    try:
        return json.loads(done.stdout), ""
    except ValueError:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        return {}, lines[-1].strip() if lines else f"it ended with {done.returncode}"


def python_weaknesses(found: dict) -> list[str] | None:
    """`package version: id` for each; None when the answer is not one."""
    if not isinstance(found.get("dependencies"), list):
        return None
    return [
        f"{package['name']} {package['version']}: {weakness['id']}"
        for package in found["dependencies"]
        for weakness in package.get("vulns", [])
    ]


def node_weaknesses(found: dict) -> list[str] | None:
    if not isinstance(found.get("vulnerabilities"), dict):
        return None
    return [f"{name}: {told.get('severity', 'unknown')}" for name, told in found["vulnerabilities"].items()]


def main() -> int:
    status = 0
    asked = [(lock, [*PYTHON, "-r", lock], python_weaknesses) for lock in LOCKS]
    asked.append(("package-lock.json", ["npm", "audit", "--json", "--package-lock-only"], node_weaknesses))
    for lock, command, judge in asked:
        found, why = ask(command)
        weaknesses = judge(found)
        if weaknesses is None:
            words = why or found.get("message") or "the registry did not answer with a list"
            print(f"{lock}: not checked ({words})")
            status = max(status, 2)
        elif weaknesses:
            print(f"{lock}: known weaknesses\n" + "\n".join(f"  {line}" for line in weaknesses))
            status = max(status, 1)
        else:
            print(f"{lock}: no known weakness")
    return status


if __name__ == "__main__":
    sys.exit(main())
