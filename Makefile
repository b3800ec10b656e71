# Every target sets up what it needs: a Python ≥ 3.11 with venv, make and a shell are enough.
# ARGS="…" reaches the program behind demo, test, bench and describe.
PYTHON ?= python3
BIN := .venv/bin
SEEDS ?= 20
.DEFAULT_GOAL := help
.SHELLFLAGS := -eu -c
.DELETE_ON_ERROR:
.PHONY: help demo test check bench sim soak golden describe lock clean

help: ## show these lines
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do \
		printf '  make %-10s %s\n' "$$name" "$$text"; done

demo: .venv/app.stamp ## a live demo market on an embedded PostgreSQL (ARGS="--seconds 20 --json")
	@$(BIN)/exchange demo $(ARGS)

# All tests share the cores; the few that ARGS choose are done sooner by one, which sets up nothing twice.
test: .venv/app.stamp ## all tests, embedded PostgreSQL included (ARGS="tests/core -k book")
	@$(BIN)/python -m pytest $(or $(ARGS),--numprocesses auto --dist worksteal)

check: .venv/app.stamp ## ruff, mypy, import contracts and style tests
	$(BIN)/ruff check --quiet
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/style

bench: .venv/app.stamp ## benchmarks: ratios of one run (ARGS="e2e --json")
	@$(BIN)/python -m benchmarks $(ARGS)

sim: .venv/app.stamp ## simulate seeded faults (SEED=42, or SEEDS=200 for that many; WIDE=1: every command)
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS)) $(if $(WIDE),--wide) $(ARGS)

soak: .venv/app.stamp ## the long simulation: 500 seeds
	@$(BIN)/python -m tests.simulation --seeds 500 $(ARGS)

golden: .venv/app.stamp ## rewrite the golden files; read the diff before committing it
	@$(BIN)/python -m tests.golden --write $(ARGS)

describe: .venv/app.stamp ## regenerate what is derived from the messages: schemas, reject table
	@$(BIN)/exchange describe --write $(ARGS)

lock: .venv/uv.stamp ## resolve the dependencies again into requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --no-annotate --extra embedded --extra audit --group test \
		pyproject.toml clients/python/pyproject.toml -o requirements.lock

clean: ## remove the environment and everything that tools left behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

# The environment: an installer inside the venv, then exactly what the lock names, then our own two
# distributions as editable installs. Each stamp is written last, so an interrupted step is done again.
.venv/uv.stamp:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ": name one with make PYTHON=…")'
	@echo 'Setting up .venv, once: an installer, then the packages of requirements.lock …' >&2
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
	@touch $@

.venv/deps.stamp: .venv/uv.stamp requirements.lock
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.lock || { \
		echo 'The packages were not got. Where a proxy has certificates of its own: UV_SYSTEM_CERTS=1 make …' >&2; exit 1; }
	@touch $@

.venv/app.stamp: .venv/deps.stamp pyproject.toml clients/python/pyproject.toml
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation \
		--reinstall-package quickmatch-exchange --reinstall-package quickmatch-client \
		--editable . --editable clients/python
	@touch $@
