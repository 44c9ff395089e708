"""The production shape: valid against the Compose schema, the same commands everywhere, no secret in the file."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.setup.test_production import REQUIRED

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
ROLES = ("EHS_OWNER_PASSWORD", "EHS_APP_PASSWORD", "EHS_BACKUP_PASSWORD")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text())["services"]


def procfile():
    return {
        name: shlex.split(command)
        for name, command in (line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    }


def test_it_follows_the_compose_schema():
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_development_and_production_run_the_same_commands(services):
    for name, command in procfile().items():
        assert services[name]["command"] == command
    image = (ROOT / "Dockerfile").read_text()
    assert f"CMD {str(procfile()['web']).replace(chr(39), chr(34))}" in image


def test_more_than_one_web_and_worker_and_exactly_one_beat(services):
    assert services["web"]["deploy"]["replicas"] == 2
    assert services["worker"]["deploy"]["replicas"] == 2
    assert "deploy" not in services["beat"]
    assert {"postgres", "redis", "migrate", "proxy"} < services.keys()


def test_every_setting_that_production_requires_is_given(services):
    for name in ("migrate", "web", "worker", "beat"):
        assert REQUIRED.keys() <= services[name]["environment"].keys(), name


def test_every_setting_that_may_be_set_reaches_the_parts(services):
    """One that is written into `.env` and reaches nothing would be off without a word: a directory, a contact."""
    code = "\n".join(
        path.read_text() for app in ("cluster_ehs", "clusters", "referrals") for path in (ROOT / app).rglob("*.py")
    )
    read = set(re.findall(r'environ\.get\(\s*"((?:EHS|HARM|TRUSTED|WEB)_\w+)"', code))
    read |= set(
        re.findall(r"^\| `((?:EHS|TRUSTED|WEB)_\w+)`", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    )
    # Of the image, of a process by itself, or for a server that is not in the image.
    own = {"EHS_ENV", "EHS_VAR", "EHS_PART", "EHS_PG_BIN"}
    assert {"EHS_OIDC_CLIENT_SECRET", "EHS_SECURITY_CONTACT", "TRUSTED_PROXIES"} <= read
    for name in ("web", "worker", "backup", "beat"):
        assert read - own - services[name]["environment"].keys() - {"WEB_CONCURRENCY"} == set(), name


def test_nothing_secret_and_nothing_for_developers_goes_into_the_image():
    """`COPY . .` takes what is not named here; secrets lie in `.env` beside the compose file."""
    left_out = set((ROOT / ".dockerignore").read_text().split())
    assert left_out >= {".git", ".env", ".env.*", "**/*.env", "**/*.key", "**/*.pem", "**/*.backup", "**/*.dump"}
    assert left_out >= {".ci", "tests", "docs", "scripts"}
    image = (ROOT / "Dockerfile").read_text()
    assert "COPY . ." in image
    assert not re.search(r"^(?:ARG|ENV)\b.*(?:SECRET|PASSWORD|TOKEN)", image, re.MULTILINE)


def test_only_migrate_holds_the_owner_and_only_the_database_the_other_passwords(services):
    holders = {name: str(service.get("environment", {})) for name, service in services.items()}
    assert {name for name, text in holders.items() if "EHS_OWNER_PASSWORD" in text} == {"migrate", "postgres"}
    assert {name for name, text in holders.items() if "EHS_BACKUP_PASSWORD" in text} == {"backup", "postgres"}
    assert all(variable in holders["postgres"] for variable in ROLES)


def test_files_are_shown_to_the_scanner_by_all_who_take_them_and_nothing_waits_for_it(services):
    for name in ("web", "worker"):
        assert services[name]["environment"]["EHS_VIRUS_SCANNER"] == "${EHS_VIRUS_SCANNER-tcp://clamav:3310}"
    assert not [name for name, one in services.items() if "clamav" in one.get("depends_on", {})]


def test_every_secret_comes_from_the_environment_and_must_be_there():
    text = COMPOSE.read_text()
    for name in re.findall(r"\$\{(\w*(?:PASSWORD|SECRET|KEY)\w*)", text):
        # A relay inside the network needs no password, and the key of back-ups is the public one.
        if name not in ("EMAIL_HOST_PASSWORD", "EHS_BACKUP_KEY", "SECRET_KEY_FALLBACKS"):
            assert f"${{{name}:?}}" in text
            assert f"${{{name}:-" not in text


def test_database_and_queue_are_reached_from_inside_alone(services):
    for name in ("postgres", "redis"):
        assert services[name]["networks"] == ["inside"]
    # The scanner fetches its signatures, by a network that nobody else is on.
    assert services["clamav"]["networks"] == ["inside", "signatures"]
    assert [name for name, one in services.items() if "signatures" in one.get("networks", [])] == ["clamav"]
    for name in ("postgres", "redis", "clamav"):
        assert "ports" not in services[name]
    assert yaml.safe_load(COMPOSE.read_text())["networks"]["inside"]["internal"] is True


def test_the_database_logs_no_statement_parameter_or_words_of_an_error(services):
    said = set(services["postgres"]["command"])
    assert said >= {
        "log_min_messages=log",
        "log_min_error_statement=panic",
        "log_error_verbosity=terse",
        "log_statement=none",
        "log_min_duration_statement=-1",
        "log_parameter_max_length=0",
        "log_parameter_max_length_on_error=0",
    }


def test_the_proxy_logs_no_query_or_private_link_and_keeps_the_figures_inside():
    proxy = (COMPOSE.parent / "deploy" / "nginx.conf").read_text()
    shape = re.search(r"log_format short '([^']*)'", proxy)
    assert not re.search(r"\$(?:request|request_uri|args|query_string|uri)\b(?!_)", shape[1])
    for private in ("f|survey|answer|taken-on|calendar", "/account/invitation/", "/account/password/reset/key/"):
        assert private in proxy
    assert "location = /metrics { return 404; }" in proxy
    assert "proxy_set_header X-Request-ID $request_id;" in proxy


def test_the_proxy_is_new_enough_for_what_its_file_says(services):
    proxy = (COMPOSE.parent / "deploy" / "nginx.conf").read_text()
    version = tuple(map(int, services["proxy"]["image"].removeprefix("nginx:").split(".")))
    assert "http2 on;" not in proxy or version >= (1, 25, 1)
    assert "nginx 1.25.1 or newer" in (ROOT / "docs" / "operations.md").read_text()


def test_the_check_script_uses_the_same_roles_and_versions(services):
    check = (ROOT / ".ci" / "run").read_text()
    assert services["postgres"]["image"] == "postgres:15"
    assert "postgresql-15" in check
    assert services["redis"]["image"] == "redis:7"
    assert "deploy/roles.sql" in check
    assert any("deploy/roles.sql" in volume for volume in services["postgres"]["volumes"])
    assert all(variable in check for variable in ROLES)
