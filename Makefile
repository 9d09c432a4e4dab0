# Two commands for a newcomer: `make demo` and `make test`. Everything else is for those who change the code.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

# The first Python that is new enough; `make PYTHON=… test` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
BIN := .venv/bin
SEED ?= 20260901
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup

.PHONY: help venv browser test test-long check format demo bench clean

help: ## these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

venv: .venv/ready ## the Python environment, every package pinned by hash

.venv/ready: requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or newer is needed; none found on the path" >&2; exit 1; fi
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

browser: ## a Chromium and a Chinese font for the page tests
	@for b in chromium chromium-browser google-chrome; do if command -v $$b >/dev/null; then exit 0; fi; done
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	  apt-get -qq update && apt-get -qq install -y chromium fonts-noto-cjk
	else
	  echo "The page tests need a browser. Install the packages 'chromium' and 'fonts-noto-cjk', then repeat." >&2; exit 1
	fi

test: venv browser ## every test at small n
	SEED=$(SEED) $(PYTEST) --hypothesis-seed=$(SEED)

test-long: venv browser ## the same tests at the stated n; stopped, it goes on where it was (state in .test-long/)
	@mkdir -p .test-long
	test -s .test-long/seed || od -An -N4 -tu4 /dev/urandom | tr -d ' ' > .test-long/seed
	seed=$$(cat .test-long/seed)
	echo "seed $$seed"
	LONG=1 SEED=$$seed $(PYTEST) --hypothesis-seed=$$seed

check: venv ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict

format: venv ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

demo: venv ## a small country of workers on this machine; the last line printed is its address
	$(BIN)/skill-ledger demo --dir demo-data

bench: venv ## named benchmarks, one after the other
	@for f in tests/bench/bench_*.py; do echo "== $$f"; module=$${f%.py}; $(BIN)/python -m "$${module//\//.}"; done

clean: ## remove what these commands made
	rm -rf .venv .test-long demo-data build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache *.egg-info
