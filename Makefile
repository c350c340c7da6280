# One door. Slow things (target Pythons, the toolchain, downloads) are kept outside the checkout, in
# $XDG_CACHE_HOME/crosswheel-tests and crosswheel's own cache, so that only the first run pays for them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
COMPARISON := $(VENV)-comparison
SITE := $(VENV)-site
BUILDIFIER := $(VENV)/node_modules/.bin/buildifier
BENCHMARK_RUNS ?= 5
# In the order of collection, so that the longest begin first; tests/process_groups.py tells which do, and which stay together.
TEST_PROCESSES ?= 2
PYTEST := $(BIN)/pytest --numprocesses $(TEST_PROCESSES) --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup check lint types unit test e2e pythons session bench compare demo corpus docs site requirements clean

help: ## Say what there is to make.
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.ready ## Install what is missing: Debian's packages (as root), the virtual environment.

$(VENV)/.ready: requirements/development.txt pyproject.toml requirements/install_system_packages.sh
	requirements/install_system_packages.sh $(PYTHON)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/development.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(BUILDIFIER): requirements/package.json requirements/package-lock.json $(VENV)/.ready
	requirements/install_system_packages.sh $(PYTHON) lint
	cp requirements/package.json requirements/package-lock.json $(VENV)
	npm ci --prefix $(VENV) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(COMPARISON)/.ready: requirements/comparison.txt
	requirements/install_system_packages.sh $(PYTHON) bench
	$(PYTHON) -m venv --clear $(COMPARISON)
	$(COMPARISON)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/comparison.txt
	@touch $@

$(SITE)/.ready: requirements/site.txt
	requirements/install_system_packages.sh $(PYTHON)
	$(PYTHON) -m venv --clear $(SITE)
	$(SITE)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/site.txt
	@touch $@

check: lint types unit ## Everything quick: style, types, tests that need no network and build nothing.

lint: setup $(BUILDIFIER)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BUILDIFIER) -mode=check -lint=warn -r MODULE.bazel BUILD.bazel python rules tests/bazel docs/examples
	$(BUILDIFIER) -mode=check -lint=warn -type=build tests/golden/starter/BUILD.bazel.txt
	$(BUILDIFIER) -mode=check -lint=warn -type=module tests/golden/starter/MODULE.bazel.txt

types: setup
	$(BIN)/mypy

unit: setup
	$(PYTEST) -m "not e2e"

# One run of pytest, so that its last line is the sum of everything.
test: lint types ## Everything: what `check` does and the end-to-end tests.
	$(PYTEST)

e2e: setup ## The end-to-end tests: real packages, run under qemu.
	$(PYTEST) -m "e2e and not source_python and not long"

pythons: setup ## End-to-end tests with Pythons compiled from source: on musl, and without the GIL (10 minutes).
	requirements/install_system_packages.sh $(PYTHON) pythons
	$(BIN)/pytest -m source_python

session: setup ## crossenv's documented session in a cross environment: numpy, bcrypt and cryptography by pip (10 minutes).
	$(BIN)/pytest -m long

demo: setup ## The main job on docs/examples/web-service, served under qemu at the end.
	$(BIN)/python docs/examples/web-service/demo.py

bench: setup $(COMPARISON)/.ready ## Measure; rewrites docs/reference/benchmarks.md.
	$(BIN)/python tests/benchmarks/run.py --comparison $(COMPARISON)/bin/python --runs $(BENCHMARK_RUNS)
	$(BIN)/python tests/benchmarks/layer_ways.py --comparison $(COMPARISON)/bin/python --runs $(BENCHMARK_RUNS)
	$(BIN)/python tests/benchmarks/bazel_load.py
	$(BIN)/python docs/generate.py

compare: setup $(COMPARISON)/.ready ## Build a few sdists by crosswheel, by crossenv and in emulation; part of docs/reference/benchmarks.md.
	$(BIN)/python tests/benchmarks/ways_of_building.py --comparison $(COMPARISON)/bin/python
	$(BIN)/python docs/generate.py

corpus: setup ## Cross build the most used packages with native code, as far as not done (CORPUS=arguments); rewrites docs/reference/corpus.md.
	-$(BIN)/python tests/corpus/run.py $(CORPUS)
	$(BIN)/python docs/generate.py

docs: setup ## Rewrite the generated pages of docs/reference.
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/generate_targets.py

site: $(SITE)/.ready ## The documentation as a web site, in site/; a broken link, a missing anchor, an unlisted page is an error.
	$(SITE)/bin/sphinx-build --quiet --nitpicky --fail-on-warning --keep-going --fresh-env --doctree-dir $(SITE)/doctrees docs site

pictures: setup ## The pictures of the guides, from the examples and other real runs; builds those.
	$(BIN)/python docs/report_pictures.py

requirements: setup ## Compile requirements/*.in anew, with hashes.
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make requirements" \
	  pyproject.toml requirements/development.in --extra dev --extra zstd -o requirements/development.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make requirements" \
	  requirements/comparison.in -o requirements/comparison.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make requirements" \
	  requirements/site.in -o requirements/site.txt

clean: ## Remove what was made inside the checkout.
	rm -rf $(VENV) $(COMPARISON) $(SITE) site .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf docs/examples/web-service/.demo docs/examples/web-service/pylock.toml docs/examples/web-service/wheels.plan.json
