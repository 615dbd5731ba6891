.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
EXTRAS := .venv/.extras

help:  ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */make \1\t/' | expand -t 14

setup: $(STAMP)  ## a virtual environment in .venv with everything locked

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hearout needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: setup  ## start everything: database, desk, workers and a simulated network
	@$(BIN)/hearout up --demo

$(EXTRAS): $(STAMP) requirements-extras.lock
	@echo "Installing what only some need: Spark, PDF, training (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-extras.lock
	@touch $(EXTRAS)

extras: $(EXTRAS)  ## Spark, PDF and training, into the same virtual environment

test: extras  ## every test there is, journeys in a browser and audits on Spark included
	@$(BIN)/python tests/programs.py
	@$(BIN)/pytest -q -n 2 --dist loadfile

check: setup  ## lint, types, layers, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/hearout doctor --code

BENCHES := $(addprefix bench/,reading.py ingest.py webhooks.py screen.py desk.py audit.py)

bench: setup  ## the speed figures, each as a ratio (BENCH=--quick: only whether they run)
	@for bench in $(BENCHES); do echo "== $$bench"; $(BIN)/python $$bench $(BENCH) || exit 1; done

lock: setup  ## resolve the dependencies anew and pin them by hash
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --upgrade -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra spark --extra pdf --extra training --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header -q -c requirements.lock -o requirements-extras.lock

clean:  ## remove the virtual environment and caches; var/ (your data) stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

.PHONY: help setup extras run test check bench lock clean
