"""`make sbom`: one CycloneDX file of everything that is not ours, for each release.

From the locks: Python's by cyclonedx-py, npm's by npm itself; then Debian's packages and the images, which this adds.
What only development and tests use has the scope `excluded`. The same locks on the same machine give the same file.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

BASE = Path(__file__).resolve().parents[1]
TARGET = BASE / "build" / "sbom.cdx.json"
VERSION = SchemaVersion.V1_6
PYTHON = [
    *(sys.executable, "-m", "cyclonedx_py", "requirements", "requirements-dev.txt"),
    *("--pyproject", "pyproject.toml", "--mc-type", "application"),
    *("--spec-version", VERSION.to_version(), "--output-format", "JSON", "--output-reproducible", "--no-validate"),
]
NPM = ["npm", "sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", "--package-lock-only"]
RELEASE = "bookworm"


class Unmade(Exception):
    """A part could not be made. The message says which and why."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def ask(command: Sequence[str], folder: Path = BASE) -> dict[str, Any]:
    """The JSON that a program gives. The locked node of this environment comes first. Raises Unmade."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        program = shutil.which(command[0], path=path) or command[0]
        done = subprocess.run(  # noqa: S603 - commands of our own
            [program, *command[1:]],
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return json.loads(done.stdout)
    except subprocess.CalledProcessError as error:
        raise Unmade(f"{command[0]}: {error.stderr.strip()[-500:]}") from None
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise Unmade(f"{command[0]}: {type(error).__name__}") from None


def python_part() -> dict[str, Any]:
    """What is locked for development and tests too; what the program itself needs is told apart by its own lock."""
    needed = {normal(name) for name in re.findall(r"^([\w.-]+)==", _text("requirements.txt"), re.MULTILINE)}
    found = ask(PYTHON)
    for component in found["components"]:
        # The line of the lock with all its hashes; they stand at the reference to what is installed.
        component.pop("description", None)
        component["scope"] = "required" if normal(component["name"]) in needed else "excluded"
    return found


def npm_part() -> dict[str, Any]:
    """Styles, scripts and what builds them. npm wants a version of ours, which stands in pyproject.toml alone."""
    ours = json.loads(_text("package.json"))
    ours["version"] = tomllib.loads(_text("pyproject.toml"))["project"]["version"]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "package.json").write_text(json.dumps(ours))
        for beside in ("package-lock.json", ".npmrc"):
            shutil.copy(BASE / beside, folder)
        found = ask(NPM, folder)
    for component in found["components"]:
        # Where it lies in node_modules; and all are “optional” for npm, though the styles go to every browser.
        component.pop("properties", None)
        component.pop("scope", None)
    return found


def debian_part() -> Iterator[dict[str, Any]]:
    """By name; with the version where this machine has it, since Debian's own lists say what is current."""
    image = re.search(r"apt-get install -y --no-install-recommends(.*?)&&", _text("Dockerfile"), re.DOTALL)
    runs = set(re.findall(r"[a-z][\w.+-]+", image[1])) if image else set()
    listed = {line.strip() for line in _text("debian-packages.txt").splitlines() if line.strip() and line[0] != "#"}
    for name in sorted(runs | listed):
        purl = PackageURL("deb", "debian", name, _installed(name) or None, {"distro": RELEASE})
        version = {"version": purl.version} if purl.version else {}
        scope = "required" if name in runs else "excluded"
        yield {"type": "library", "name": name, **version, "purl": str(purl), "scope": scope}


def _installed(name: str) -> str:
    if shutil.which("dpkg-query") is None:
        return ""
    done = subprocess.run(  # noqa: S603
        ["dpkg-query", "-W", "-f", "${Version}", name],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def image_part() -> Iterator[dict[str, Any]]:
    named = re.findall(r"^\s*image: ([\w./-]+):([\w.-]+)$", _text("docker-compose.yml"), re.MULTILINE)
    named += re.findall(r"^FROM ([\w./-]+):([\w.-]+)", _text("Dockerfile"), re.MULTILINE)
    for name, tag in sorted(set(named)):
        namespace, _, last = name.rpartition("/")
        purl = PackageURL("docker", namespace or None, last, tag)
        yield {"type": "container", "name": name, "version": tag, "purl": str(purl)}


def _text(name: str) -> str:
    return (BASE / name).read_text()


def make() -> dict[str, Any]:
    """All parts in one document. Raises Unmade."""
    whole, npm = python_part(), npm_part()
    rest = [{**part, "bom-ref": part["purl"]} for part in (*debian_part(), *image_part())]
    whole["components"] += [*npm["components"], *rest]
    root = npm["metadata"]["component"]["bom-ref"]
    whole["dependencies"] += [each for each in npm["dependencies"] if each["ref"] != root]
    return whole


def check(whole: dict[str, Any]) -> None:
    """Raises Unmade when it is none by CycloneDX's own schema."""
    if wrong := JsonStrictValidator(VERSION).validate_str(json.dumps(whole)):
        raise Unmade(f"Not a document by the schema of CycloneDX {VERSION.to_version()}: {wrong}")


def main(target: Path = TARGET) -> int:
    try:
        whole = make()
        check(whole)
    except Unmade as error:
        print(f"No inventory was written. {error}", file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(whole, indent=1) + "\n")
    print(f"{target}: {len(whole['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
