# Every target works on a fresh clone: it makes .venv once, from package registries alone, and again when pins change.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
NODE_STAMP := node_modules/.ready
PYTEST_ARGS ?= -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help setup climb test lint types docs bench engine-demo schemas lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(STAMP) $(NODE_STAMP)  ## Make .venv and node_modules with the pinned dependencies

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "phaseup needs Python 3.11 or newer; none found on PATH (set PYTHON=/path/to/python)" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-input -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-input --no-deps -e .
	@touch $@

$(NODE_STAMP): package.json package-lock.json .npmrc
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { \
		echo "phaseup's workers need Node 20 or newer; none found on PATH" >&2; exit 2; }
	npm ci --silent
	@touch $@

climb: $(STAMP)  ## Rehearse every system's ladder, up and down, without a cloud
	@$(BIN)/phaseup climb --down

test: $(STAMP) $(NODE_STAMP)  ## Run the tests (the genuine engine's only where pulumi is on PATH)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(STAMP)  ## Style and imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP)  ## Type check
	@$(BIN)/ty check --no-progress

docs: $(STAMP)  ## Make the pages of docs/ that come from blueprints, specs and the rehearsal
	@$(BIN)/python -m phaseup.docs

bench: $(STAMP)  ## Measure, and write docs/figures.md
	@$(BIN)/python -m bench

engine-demo: $(STAMP)  ## Walk a stack up the ladder with the genuine pulumi on simulated clouds
	@$(BIN)/python -m phaseup.engine.demo

schemas: $(STAMP)  ## Write stacks/schemas anew from the models
	@$(BIN)/python -m stacks.models.schemas

lock:  ## Make requirements.lock anew from pyproject.toml, in a virtual environment of its own
	@test -n "$(PYTHON)" || { echo "phaseup needs Python 3.11 or newer" >&2; exit 2; }
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --disable-pip-version-check --no-input '.[dev]'
	{ echo "# Made by 'make lock' from pyproject.toml; every version is exact."; \
	  build/lock/bin/pip freeze --exclude phaseup; } > requirements.lock
	rm -rf build/lock

clean:  ## Remove what was made
	rm -rf $(VENV) node_modules build dist .cache .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
