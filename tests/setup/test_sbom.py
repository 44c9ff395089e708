"""The inventory of a release: everything that is locked stands in it, with what tells it from any other."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripts import sbom
from tests.setup.test_locks import locked, normal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return sbom.make()


@pytest.fixture(scope="module")
def components(whole: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """By the kind of their address: pypi, npm, deb, docker."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in whole["components"]:
        found.setdefault(re.match(r"pkg:(\w+)/", each["purl"])[1], []).append(each)
    return found


def test_it_is_a_document_of_cyclonedx_about_this_program(whole: dict[str, Any], components: dict[str, Any]) -> None:
    assert (whole["bomFormat"], whole["specVersion"]) == ("CycloneDX", "1.6")
    assert whole["metadata"]["component"]["name"] == "cluster-early-help"
    references = [each["bom-ref"] for each in whole["components"]]
    assert len(set(references)) == len(references)
    assert {each["ref"] for each in whole["dependencies"]} <= {*references, whole["metadata"]["component"]["bom-ref"]}
    # Its schema takes seconds for all of them: here for some of each kind, by `make sbom` for the whole.
    some = [each for kind in components.values() for each in kind[:3]]
    known = {each["bom-ref"] for each in some}
    part = {**whole, "components": some, "dependencies": [one for one in whole["dependencies"] if one["ref"] in known]}
    sbom.check(part)
    part["components"] = [{key: value for key, value in some[0].items() if key != "name"}]
    with pytest.raises(sbom.Unmade, match="'name' is a required property"):
        sbom.check(part)


def test_each_locked_package_of_python_is_there_with_its_hashes(components: dict[str, Any]) -> None:
    text = (ROOT / "requirements-dev.txt").read_text()
    hashes = {
        normal(entry.partition("==")[0]): set(re.findall(r"--hash=sha256:(\w+)", entry))
        for entry in re.split(r"\n(?=[\w.-]+==)", text)
        if "==" in entry
    }
    listed = {normal(each["name"]): each for each in components["pypi"]}
    everything = {normal(name): version for name, version in locked("requirements-dev.txt").items()}
    assert {name: each["version"] for name, each in listed.items()} == everything
    for name, each in listed.items():
        said = {one["content"] for reference in each["externalReferences"] for one in reference["hashes"]}
        assert said == hashes[name] != set(), name
    program = {normal(name) for name in locked("requirements.txt")}
    assert {name for name, each in listed.items() if each["scope"] == "required"} == program


def test_each_locked_package_of_npm_is_there_with_its_digest(components: dict[str, Any]) -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    wanted = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in packages.items() if path}
    listed = {
        ("/".join(filter(None, (each.get("group"), each["name"]))), each["version"]) for each in components["npm"]
    }
    assert listed == wanted
    assert all(each["hashes"] for each in components["npm"])


def test_debians_packages_and_the_images_are_there(components: dict[str, Any]) -> None:
    lines = (ROOT / "debian-packages.txt").read_text().splitlines()
    debian = {each["name"]: each["scope"] for each in components["deb"]}
    assert {line for line in lines if line and not line.startswith("#")} <= debian.keys()
    assert (debian["libpango-1.0-0"], debian["postgresql-client"], debian["chromium"]) == (
        "required",
        "required",
        "excluded",
    )
    images = {f"{each['name']}:{each['version']}" for each in components["docker"]}
    assert {"postgres:15", "redis:7", "nginx:1.28", "clamav/clamav:1.4", "python:3.11-slim-bookworm"} <= images


def test_a_part_that_cannot_be_made_makes_no_inventory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sbom, "NPM", ["no-such-npm"])
    assert sbom.main(tmp_path / "sbom.cdx.json") == 1
    assert "no-such-npm: FileNotFoundError" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
