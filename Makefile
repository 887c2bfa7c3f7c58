# make run: set up, demonstration data when the store is empty, serve. make test: everything.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test setup chromium check bench screenshots lock

run: setup
	$(BIN)/consumo-whatsapp demo --if-empty
	exec $(BIN)/consumo-whatsapp serve

test: setup chromium check
	$(BIN)/pytest -n 2 --dist loadfile

setup: .venv/.ready node_modules/.ready

# The lock is installed as it stands: names, versions and hashes, nothing else.
.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The page's small plotly.js, where there is npm. What npm answered lies in .cache/npm.log; an attempt
# that failed is not repeated by each set-up, or every start without a network would wait for it.
node_modules/.ready: package.json package-lock.json .npmrc
	@mkdir -p .cache; \
	if ! command -v npm >/dev/null; then \
	  echo "No npm: the page loads plotly.py's whole plotly.js, 0.8 MB more at a first visit."; \
	elif npm ci --cache "$(CURDIR)/.cache/npm" >.cache/npm.log 2>&1; then \
	  touch $@; \
	else \
	  echo "npm fetched nothing (see .cache/npm.log): the page loads plotly.py's whole plotly.js; remove node_modules to try again."; \
	  mkdir -p node_modules && touch $@; \
	fi

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
