# make run: set up, demonstration data when the store is empty, serve. make test: everything.
# make run PORT=8060 HOST=0.0.0.0 serves at another port and address.
PYTHON ?= python3
BIN := .venv/bin

# HOST counts where the command line gives it: some shells set a variable of that name.
ADDRESS = $(if $(PORT),--port $(PORT)) $(if $(filter command,$(origin HOST)),--host $(HOST))

.PHONY: run test setup services check bench screenshots lock

run: setup
	$(BIN)/consumo-whatsapp demo --if-empty
	@exec $(BIN)/consumo-whatsapp serve $(ADDRESS)

test: setup services check
	$(BIN)/pytest -n 2 --dist loadfile

setup: .venv/.ready node_modules/.ready

.venv/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON): install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m tools.set_up
	@touch $@

# The page's small plotly.js, where there is npm. What npm answered lies in .cache/npm.log; an attempt
# that failed is not repeated by each set-up, or every start without a network would wait for it.
node_modules/.ready: package.json package-lock.json .npmrc
	@mkdir -p .cache; \
	if ! command -v npm >/dev/null || ! command -v node >/dev/null; then \
	  echo "No npm: the page loads plotly.py's whole plotly.js, 0.8 MB more at a first visit."; \
	elif echo "Fetching the page's small plotly.js with npm…" && npm ci --omit=dev --cache "$(CURDIR)/.cache/npm" >.cache/npm.log 2>&1; then \
	  touch $@; \
	else \
	  echo "npm fetched nothing (see .cache/npm.log): the page loads plotly.py's whole plotly.js; remove node_modules to try again."; \
	  mkdir -p node_modules && touch $@; \
	fi

# Biome, the linter of scripts and styles, where there is npm. It is large (100 MB) and no part of the
# page, so that make check alone fetches it.
node_modules/.linter: node_modules/.ready
	@if ! command -v npm >/dev/null || ! command -v node >/dev/null; then \
	  echo "No npm: the scripts and styles in assets/ are not linted."; \
	elif echo "Fetching the linter of scripts and styles with npm…" && npm install --no-save --cache "$(CURDIR)/.cache/npm" >.cache/npm.log 2>&1; then \
	  touch $@; \
	else \
	  echo "npm fetched no linter (see .cache/npm.log): scripts and styles are not linted; remove node_modules/.linter to try again."; \
	  touch $@; \
	fi

# Redis, Chromium and what they need: installed once, before several workers of pytest look for them.
services: setup
	@$(BIN)/python -m tests.services

check: setup node_modules/.linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@if [ -e node_modules/.bin/biome ]; then \
	  echo node_modules/.bin/biome check && node_modules/.bin/biome check; \
	fi

screenshots: setup services
	$(BIN)/python -m bench.screenshots

bench: setup services
	$(BIN)/python -m bench

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv, which set-up does not install: python3 -m pip install uv in an environment of your own" >&2; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock
