# Everything is a target here; `make` alone lists them. Only Python 3.11, git and make are needed.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT
# The locked node of .venv comes first, so that every machine builds with the same one.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# What one process has compiled the next ones take: tests and faults start many.
unexport PYTHONDONTWRITEBYTECODE
STAMPS := var/setup
ASSETS := $(shell find static/src -type f 2>/dev/null)
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test lint stop bench screens faults load audit sbom lock

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

setup: $(STAMPS)/python $(STAMPS)/assets $(STAMPS)/messages ## environment, packages, assets; quick when nothing has changed

$(STAMPS)/python: requirements-dev.txt
	@mkdir -p -m 711 var && mkdir -p $(STAMPS)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

$(STAMPS)/node: package.json package-lock.json .npmrc $(STAMPS)/python
	npm ci --silent --ignore-scripts
	@touch $@

$(STAMPS)/assets: $(STAMPS)/node $(ASSETS)
	npm run --silent build
	@touch $@

# In Python, so that Debian's gettext is not needed.
$(STAMPS)/messages: $(wildcard locale/*/LC_MESSAGES/*.po) $(STAMPS)/python
	$(BIN)/python -m cluster_ehs.core.catalogues
	@touch $@

run: setup ## the whole program with demonstration records at 127.0.0.1:8000 (PORT=… changes it); Ctrl-C stops it all
	@scripts/run

test: setup lint ## lint, types, layers and every test, the browser's too where Chromium is found
	pytest -n 2

lint: setup ## the checks that run nothing
	ruff check .
	ruff format --check .
	mypy .
	lint-imports
	find . -path ./node_modules -prune -o -path ./var -prune -o -path ./.venv -prune -o -path '*/templates/*.html' -print | xargs -r djhtml --check
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m scripts.migration_lint

stop: ## stop the embedded servers that a manage.py command has started
	@$(BIN)/python -m cluster_ehs.core.servers stop

bench: setup ## a city's worth of records, measured (minutes)
	$(BIN)/python -m scripts.bench

screens: setup ## a picture of each page for each role into build/screens/
	$(BIN)/python -m scripts.screens

faults: setup ## kill, stop and fill up parts while people write, and count (hours; FAULTS=list, RUNS=5)
	$(BIN)/python -m scripts.faults

load: setup ## many people at once
	$(BIN)/python -m scripts.load

audit: setup ## known weaknesses in the locked packages; what could not be asked is not checked, and fails
	$(BIN)/python -m scripts.audit

sbom: setup ## what a release is made of, as CycloneDX: build/sbom.cdx.json
	$(BIN)/python -m scripts.sbom

lock: setup ## resolve and lock the packages anew
	$(COMPILE) --upgrade -o requirements.txt
	$(COMPILE) --upgrade --extra dev -c requirements.txt -o requirements-dev.txt
	npm install --package-lock-only
