# make run     sets up what running needs, makes demonstration data when the store is empty, serves;
#              make run PORT=8060 at another port; HOST=… at another address (README, Settings)
# make check   lint, types, contracts and unit tests: the loop while you work, under a minute
# make test    all checks and all tests
# make test-cluster CLICKHOUSE_URL=clickhousedb://…   what needs a ClickHouse server or cluster; all
#              that it makes there are databases whose names begin with consumo_test_
# make wheel   builds the package into dist/
# make bench, make documents, make screenshots, make lock   renew what is made from the code
PYTHON ?= python3
BIN := .venv/bin

# HOST is taken from the command line only: some shells set a variable of that name.
ADDRESS = $(if $(PORT),--port $(PORT)) $(if $(filter command,$(origin HOST)),--host $(HOST))

.PHONY: run test test-cluster setup setup-dev services lint check wheel bench screenshots documents lock

run: setup
	$(BIN)/consumo-whatsapp demo --if-empty
	@exec $(BIN)/consumo-whatsapp serve $(ADDRESS)

# Three workers on two cores: some tests wait for clocks and for the page.
test: setup-dev services lint
	$(BIN)/pytest -n 3 --dist loadfile

test-cluster: setup-dev
	CLICKHOUSE_URL='$(CLICKHOUSE_URL)' $(BIN)/pytest tests/cluster
	@test -z '$(CLICKHOUSE_URL)' || CLICKHOUSE_URL='$(CLICKHOUSE_URL)' $(BIN)/pytest -k clickhouse \
	  tests/integration/test_clickhouse_store.py tests/integration/test_publishing.py \
	  tests/integration/test_oracle.py tests/integration/test_breakdown.py

check: setup-dev lint
	$(BIN)/pytest -q -n 2 --dist loadfile tests/unit tests/architecture

# What running needs, and no test tools.
setup: .venv/.ready node_modules/.ready

# The same with the tools of checks and tests.
setup-dev: setup .venv/.ready-dev

.venv/.ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON): install Python 3.11 or newer (Debian: apt-get install python3 python3-venv)" >&2; exit 1; }
	@$(PYTHON) -m tools.set_up
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@$(BIN)/python -m tools.set_up --dev
	@touch $@

# The page's small plotly.js, where npm is installed. npm's output is in .cache/npm.log. A failed
# attempt is not repeated by later set-ups: without a network every start would wait for it.
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

# Redis and Chromium, which some tests need: installed once, before pytest's workers look for them.
services: setup-dev
	@$(BIN)/python -m tests.services

lint: setup-dev node_modules/.linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@if [ -e node_modules/.bin/biome ]; then \
	  echo node_modules/.bin/biome check && node_modules/.bin/biome check; \
	fi

# setuptools would also pack what an earlier build left in build/.
wheel: setup
	rm -rf build
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --wheel-dir dist .

screenshots: setup-dev services
	$(BIN)/python -m bench.screenshots

bench: setup-dev services
	$(BIN)/python -m bench
	$(BIN)/python -m bench --sizes 100 --only published
	$(BIN)/python -m bench.chatwoot --kills 50
	$(BIN)/python -m bench.kills --kills 50

# Documents, and parts of them, that are made from the code.
documents: setup-dev
	$(BIN)/python -m tools.public_surface
	$(BIN)/python -m tools.architecture
	$(BIN)/python -m tools.data_contract
	$(BIN)/python -m tools.importing
	$(BIN)/python -m tools.store_document

# Two locks: what running needs, and what checks and tests need beside it.
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv, which set-up does not install: python3 -m pip install uv in an environment of your own" >&2; exit 1; }
	$(COMPILE) --extra setup -o requirements.lock
	$(COMPILE) --extra setup --extra dev --constraint requirements.lock \
	  $$(sed -nE 's/^([a-z0-9.-]+)==.*/--no-emit-package \1/p' requirements.lock) -o requirements-dev.lock
