# make run: set up, demonstration data when the store is empty, serve. make test: everything.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test setup chromium check bench screenshots lock

run: setup
	$(BIN)/consumo-whatsapp demo --if-empty
	exec $(BIN)/consumo-whatsapp serve

test: setup chromium check
	$(BIN)/pytest -n 2 --dist loadfile

setup: .venv/.ready

# The lock is installed as it stands: names, versions and hashes, nothing else.
.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

chromium: setup
	$(BIN)/python tests/chromium.py

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

screenshots: setup chromium
	$(BIN)/python -m bench.screenshots

bench: setup chromium
	$(BIN)/python -m bench

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock
