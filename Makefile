# make demo     the whole job in a minute, without an account
# make test     all tests                      make lint     ruff, mypy, import-linter
# make check    lint and test: what CI runs    make torture  the tests that kill and stop things (SHORT=1: fewer)
# make bench    all of benchmarks/             make setup    .venv for development; the others do it where needed
# make fuzz     100,000 damaged mails (FUZZ=1000: fewer)
# make fleet    the demo's story by the parts of deploy/compose.yaml, compared with one process (FLEET_DAYS=19: less)
#
# PYTHON=python3.12 chooses the interpreter; the environment is made by uv where it is installed, else by venv and pip.

VENV   := .venv
BIN    := $(VENV)/bin
SHORT  ?=
FUZZ   ?= 100000
FLEET_DAYS ?= 90
INPUTS := pyproject.toml constraints.txt
FITS   := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
            $$name -c '$(FITS)' 2>/dev/null && echo $$name && break; done)
endif

.PHONY: setup demo test lint check torture fuzz fleet bench clean

setup: $(VENV)/.test

demo: $(VENV)/.demo
	$(BIN)/mailbot demo

# The tests wait for servers most of the time, so four at once are no more work for two cores.
test: $(VENV)/.test
	$(BIN)/python -m pytest -n 4 --dist loadfile -m "not long"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

# SHORT=1 takes some minutes; without it the story's ninety days, and 12,000 mails under 400 kills in each set-up.
torture: $(VENV)/.test
	SHORT=$(SHORT) $(BIN)/python -m pytest -n 4 --dist loadfile $(if $(SHORT),tests/torture tests/e2e/test_e2e_kill.py \
	  -m "not long",-m "slow or long")
	$(if $(SHORT),,$(BIN)/python -m mailbot.testing.torture)

fuzz: $(VENV)/.test
	FUZZ=$(FUZZ) $(BIN)/python -m pytest tests/inbox/test_inbox_fuzz.py

fleet: $(VENV)/.test
	FLEET_DAYS=$(FLEET_DAYS) $(BIN)/python -m pytest tests/e2e/test_e2e_fleet.py

bench: $(VENV)/.test
	@for script in benchmarks/*.py; do \
	  if [ -e "$$script" ]; then echo "== $$script"; $(BIN)/python "$$script" --json || exit 1; fi; \
	done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist mailbot-demo

$(VENV)/.python:
	@$(or $(PYTHON),python3) -c '$(FITS)' 2>/dev/null || { \
	  echo "mailbot needs Python 3.11, 3.12 or 3.13; $(or $(PYTHON),python3) is: $$($(or $(PYTHON),python3) --version 2>&1 | head -1)." \
	       "Install one and run: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --clear --python "$(PYTHON)" $(VENV); \
	else \
	  $(PYTHON) -m venv --clear $(VENV) || { \
	    echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	@touch $@

# What `make test` installed is enough for the demo too.
$(VENV)/.demo: $(VENV)/.python $(INPUTS)
	@if [ ! -e $(VENV)/.test ] || [ -n "$$(find $(INPUTS) -newer $(VENV)/.test)" ]; then \
	  $(call install,demo); \
	fi
	@touch $@

$(VENV)/.test: $(VENV)/.python $(INPUTS)
	@$(call install,$(strip demo,test))
	@touch $@

# --quiet says nothing but errors; the sentence before says why it takes a minute.
define install
echo "Installing mailbot[$(1)] into $(VENV) ..." >&2; \
if command -v uv >/dev/null; then \
  uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --editable ".[$(1)]"; \
else \
  $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[$(1)]"; \
fi
endef
