# Two commands are all that a newcomer needs: `make run` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help run demo test test-pure test-oracle-dialect test-oracle oracle-sql check lint types contracts fuzz quick bench-hessian bench-door report lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.installed ## set everything up and serve on http://127.0.0.1:8080
	@$(BIN)/billing-center up

demo: $(VENV)/.installed ## play three months of a small company through the public doors
	@$(BIN)/billing-center demo

test: $(VENV)/.installed-dev ## set everything up and run all tests
	@$(BIN)/python -m pytest

test-pure: $(VENV)/.installed-dev ## the codec's tests once more, without its compiled short cut
	@$(BIN)/python -c "import sys, pytest; sys.modules['rpc.hessian._quick'] = None; sys.exit(pytest.main(['-q', 'tests/rpc/hessian']))"

fuzz: $(VENV)/.installed-dev ## feed the codec spoilt calls for FUZZ_SECONDS (3600)
	@$(BIN)/python -m tests.rpc.hessian.fuzz $(or $(FUZZ_SECONDS),3600)

quick: $(VENV)/.installed ## compile the codec's short cut anew
	@$(BIN)/python -m rpc.hessian.build_quick

bench-hessian: $(VENV)/.installed-dev ## the codec beside python-hessian, hessian.js and Java
	@$(BIN)/python -m benchmarks.hessian.compile_codec && $(BIN)/python -m benchmarks.hessian.compare 2

check: lint types contracts test-pure test test-oracle-dialect ## what CI runs

test-oracle-dialect: $(VENV)/.installed-dev ## every test with a database once more, in the Oracle dialect on H2
	@$(BIN)/python -m pytest -q --database h2 -m database tests

test-oracle: $(VENV)/.installed-dev ## every test with a database on the server of BILLING_TEST_ORACLE_URL
	@$(BIN)/python -m pytest --database oracle -m database tests

oracle-sql: $(VENV)/.installed-dev ## write tests/oracle/golden anew: every statement that is sent, for Oracle 19c
	@$(BIN)/python -m pytest -q --database h2 --oracle-sql rewrite --ignore tests/peers --ignore tests/packaging tests

lint: $(VENV)/.installed-dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	@$(BIN)/mypy

contracts: $(VENV)/.installed-dev
	@$(BIN)/lint-imports

# The stamps make a second run start at once; a changed lock installs anew.
$(VENV)/bin/python:
	@echo "Creating the environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml rpc/hessian/_quick.c | $(VENV)/bin/python
	@echo "Installing what requirements.lock names (once) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what requirements-dev.lock names (once) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

report: $(VENV)/.installed-dev ## every benchmark in one run: docs/benchmarks/README.md (SIZE=glance|usual|million)
	@$(BIN)/python -m benchmarks.report $(or $(SIZE),usual)

bench-door: $(VENV)/.installed-dev ## the Hessian door beside Java's
	@$(BIN)/python -m benchmarks.door.compare

lock: ## resolve the dependencies anew into the two lock files (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group build -o requirements.lock pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --group build --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## remove the environment and the embedded database
	@rm -rf $(VENV) var
