# Every target sets up what it needs; nothing has to be done by hand before it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.PHONY: bench-full kill-test rehearsal demo test check bench docs lock clean

demo: $(READY)            ## run the main job: estate, pull, snapshot, reconcile, reports
	@$(BIN)/splice demo

test: $(READY)            ## run every test; peers that are not installed are skipped with a reason
	@$(BIN)/python -m pytest -n 3 --dist loadgroup

check: $(READY)           ## lint, types, import contracts, unit tests: a few minutes
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports
	@$(BIN)/python -m pytest -n 2 tests/unit tests/architecture

bench: $(READY)           ## measure reconciliation and pulls against hand-written peers, truth checked
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.all_rules
	@$(BIN)/python -m benchmarks.incremental
	@$(BIN)/python -m benchmarks.bulk_pull
	@$(BIN)/python -m benchmarks.snmp_sweep
	@$(BIN)/python -m benchmarks.read_sql
	@$(BIN)/python -m benchmarks.identity
	@$(BIN)/python -m benchmarks.upsert
	@$(BIN)/python -m benchmarks.activation
	@$(BIN)/python -m benchmarks.acquisition
	@$(BIN)/python -m benchmarks.flow_overhead
	@$(BIN)/python -m benchmarks.markets_at_once
	@$(BIN)/python -m benchmarks.storage_size

rehearsal: $(READY)       ## a year of twelve markets' take-over with time moved, and mistakes made on purpose: an hour
	@$(BIN)/python -m benchmarks.rehearsal --at-once --days 45
	@$(BIN)/python -m benchmarks.rehearsal

kill-test: $(READY)       ## kill processes at random moments: 1,000 seeded runs, and 20 through flows: a quarter of an hour
	@$(BIN)/python -m tests.kill

bench-full: $(READY)      ## the same with two million services, and with polars and PostgreSQL beside: half an hour
	@$(BIN)/python -m benchmarks --sizes 500000 --runs 2 --beside polars postgresql
	@$(BIN)/python -m benchmarks --sizes 500000 2000000 --runs 2 --beside polars
	@$(BIN)/python -m benchmarks.explain
	@$(BIN)/python -m benchmarks.compare_step

docs: $(READY)            ## write the generated reference pages anew
	@$(BIN)/splice docs

lock: $(READY)            ## resolve the lock anew from pyproject.toml
	@$(BIN)/uv pip compile -q --no-header --no-annotate --no-emit-index-url --generate-hashes \
		--python-version 3.11 --extra identity --extra signing --extra spark --group dev pyproject.toml -o requirements.lock

clean:                    ## remove the environment and what runs left behind
	rm -rf $(VENV) var

$(READY): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) from requirements.lock ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check "$$(grep -oE '^uv==[0-9.]+' requirements.lock)"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip sync -q --compile-bytecode --require-hashes requirements.lock
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install -q --no-build-isolation --no-deps \
		--config-settings editable_mode=compat -e .
	@touch $@
