# Works with Python 3.11 or newer and make alone. `make` lists what there is to do.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up demo test check audit bench faults reference pictures install install-dev format clean

VENV := .venv
PY := $(VENV)/bin/python
# Installed trees start at once: what was installed is named after the content of both files (and this folder,
# because an environment does not survive being moved).
KEY := $(shell (pwd; cat pyproject.toml constraints.txt) | cksum | cut -d ' ' -f 1)
RUNTIME := $(VENV)/.installed-$(KEY)
DEV := $(VENV)/.installed-dev-$(KEY)
PIP := $(PY) -m pip --disable-pip-version-check install -qq --no-compile -c constraints.txt
# Compiling on all cores is quicker than what pip does, and a start without it takes three times as long where
# PYTHONDONTWRITEBYTECODE is set.
ROOMS := api cli config flows models notifications tasks
COMPILE := $(PY) -m compileall -q -j 0 $(VENV)/lib $(ROOMS)
# More for the command: make up ARGS="--home /srv/clientrisk --no-sample"
ARGS :=

help: ## Show this list
	@echo "clientrisk: a company's client-risk policies, running."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "%-16s %s\n", $$1, $$2 }'

up: $(RUNTIME) ## Start the product: Prefect server, worker and pages; prints the addresses and a sign-in link
	@exec $(VENV)/bin/clientrisk up $(ARGS)

demo: $(RUNTIME) ## Play every process through its real links and print what happened
	@exec $(VENV)/bin/clientrisk demo $(ARGS)

test: $(DEV) ## Run the tests (what needs PostgreSQL or a browser is skipped with a reason where they are missing)
	@exec $(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: $(DEV) ## Check format, lint, types, who imports whom, and that the documents are complete
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -m pytest tests/complete
	$(VENV)/bin/bandit -q -r -c pyproject.toml $(ROOMS)
	$(PY) -m tests.attacks.packages

audit: $(DEV) ## Check that all packages are pinned, and look up known weaknesses where there is a network
	@exec $(PY) -m tests.attacks.packages

bench: $(DEV) ## Measure what the product must reach and print each figure
	@exec $(PY) -m bench $(ARGS)

faults: $(DEV) ## Kill and disturb everything, some 200 times, and prove that nothing is lost (docs/faults.md)
	@exec $(PY) -m tests.faults $(ARGS)

reference: $(DEV) ## Write docs/reference anew from the code itself
	@exec $(PY) -m tests.complete.reference

pictures: $(DEV) ## Take the guides' pictures anew (needs Chromium); ARGS="inbox-phone case-desk" takes only these
	@exec $(PY) -m tests.browser.pictures $(ARGS)

install: $(RUNTIME) ## Install the pinned packages into .venv (up and demo do it themselves)

install-dev: $(DEV)

format: $(DEV) ## Put the code into the house's format
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean: ## Remove the environment and caches; var/ with your data stays
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that runs, is new enough and can make environments. Being on the path is not enough: a
# version manager's placeholder is there too.
$(PY):
	@for python in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  there=`python3 --version 2>/dev/null` || there=none; \
	  echo "clientrisk needs Python 3.11 or newer; found here: $$there. Install one (Debian, Ubuntu: apt install python3 python3-venv) and run make again." >&2; exit 2; \
	fi; \
	rm -rf $(VENV); \
	if ! $$found -m venv $(VENV) >/dev/null 2>&1; then \
	  rm -rf $(VENV); \
	  echo "`command -v $$found` cannot make a virtual environment here. See that this folder can be written to and that venv is installed (Debian, Ubuntu: apt install python3-venv), then run make again." >&2; exit 2; \
	fi

$(RUNTIME): | $(PY)
	@echo "Installing the pinned packages into $(VENV) (once, about half a minute) ..."
	@$(PIP) -e .
	@$(COMPILE) >/dev/null || true
	@touch $@

$(DEV): | $(PY)
	@echo "Installing the pinned packages, with those for development, into $(VENV) (once, about a minute) ..."
	@$(PIP) -e '.[dev]'
	@$(COMPILE) >/dev/null || true
	@touch $(RUNTIME) $@
