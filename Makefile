# Everything sets itself up: Python >= 3.11, git and make are all it needs. `make` alone says what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
COMPILED := $(VENV)/.compiled
TESTS := tests
LOWER := tests/archive tests/pipelines
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# The tests start hundreds of crawls, each a process: without compiled files a third of a short one is compiling.
unexport PYTHONDONTWRITEBYTECODE
# Nor are they about large tables: in pages of two megabytes the table of formulas costs each crawl 50 ms before its first text.
test floors check: export NUMPY_MADVISE_HUGEPAGE := 0

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Warraq needs Python 3.11 or newer; say which with make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.8'
	@$(BIN)/uv sync --quiet --locked --inexact --active
	@touch $@

# Each worker of pytest reads every test: in a new environment one does so before them, or each would compile all of it.
$(COMPILED): $(READY)
	@$(BIN)/pytest -q -n 0 --collect-only $(TESTS) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@mv $@.log $@

demo: $(READY) ## the main job, offline: five outlets crawled on a replica, published, verified, shown
	@$(BIN)/python -m tests.demo

test: $(COMPILED) ## the tests, but for those that are slow by nature (a month of crawls, a gigabyte): `make check` runs all
	@$(BIN)/pytest -q -m "not slow"

floors-ready: TESTS := $(LOWER)
floors-ready: $(COMPILED)

floors: floors-ready ## the tests of the lower floors alone, in folders and without kills; CI runs them on a second Python
	@$(BIN)/pytest -q -m "not slow" -k "not s3 and not bucket" --ignore=tests/archive/durability $(LOWER)

check: $(READY) ## everything CI runs: lint, types, floors, tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory $(COMPILED) & compiling=$$!; \
		$(BIN)/mypy && $(BIN)/lint-imports; checked=$$?; wait $$compiling && exit $$checked
	@$(BIN)/pytest -q

fix: $(READY) ## let ruff put right what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

house-map: $(READY) ## docs/house.svg, the floors and rooms, drawn from the imports
	@$(BIN)/python -m tests.house_map
.PHONY: house-map

bench: $(READY) ## the figures of docs/benchmarks.md, as ratios in one run
	@$(BIN)/uv sync --quiet --locked --inexact --active --group bench
	@$(BIN)/python -m tests.bench

bench-%: $(READY)
	@$(BIN)/uv sync --quiet --locked --inexact --active --group bench
	@$(BIN)/python -m tests.bench $*

prove-ray: $(READY) ## each job on a Ray cluster of two over S3, a worker killed in mid-run; some minutes
	@$(BIN)/uv sync --quiet --locked --inexact --active --group cluster
	@$(BIN)/python -m tests.cluster ray

prove-slurm: $(READY) ## the same on two nodes of Slurm; needs the Debian package slurm-wlm
	@$(BIN)/python -m tests.cluster slurm

prove-reads: $(READY) ## every command under 25 faults of a store that is read, into docs/durability.md; some minutes
	@$(BIN)/python -m tests.archive.durability.read_faults --write
.PHONY: prove-reads

prove-before: $(READY) ## an archive that an earlier release wrote (REVISION) reads today as it read then; some minutes
	@$(BIN)/python -m tests.before $(REVISION)
.PHONY: prove-before

prove-spark: $(READY) ## Spark reads the bucket and an export as docs/for-data-engineers.md says; needs Java
	@$(BIN)/uv sync --quiet --locked --inexact --active --group spark
	@$(BIN)/python -m tests.spark

soak: $(READY) ## twenty rounds of kills, stops, takeovers and wrong clocks, two hosts, two stores; a judge of its own; some minutes
	@$(BIN)/python -m tests.soak --rounds $(or $(ROUNDS),20) --seed $(or $(SEED),1)

fuzz: $(READY) ## every command on FUZZ_EXAMPLES archives (300) that somebody made to harm, others each time; some minutes
	@FUZZ_EXAMPLES=$(or $(FUZZ_EXAMPLES),300) $(BIN)/pytest -q -n 0 --timeout 0 tests/archive/test_fuzz.py
.PHONY: fuzz

mutate: $(READY) ## would the tests notice? N small faults where an article may be lost or wrong, drawn by SEED; some minutes
	@$(BIN)/uv sync --quiet --locked --inexact --active --group mutation
	@$(BIN)/python -m tests.mutants --count $(or $(N),60) --seed $(or $(SEED),1)

release: $(READY) ## the two wheels and the source into dist/, installed in environments of their own and tried
	@rm -rf dist build *.egg-info
	@$(BIN)/uv build --quiet --out-dir dist
	@$(BIN)/uv build --quiet --wheel --out-dir dist reader
	@WARRAQ_DIST=dist $(BIN)/pytest -q tests/test_wheels.py
	@ls dist

clean: ## remove what the targets made, but never ./collection or ./spool
	rm -rf $(VENV) demo dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.PHONY: help demo test floors floors-ready check fix bench soak mutate prove-ray prove-slurm prove-spark release clean
