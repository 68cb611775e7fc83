# Two commands matter: `make run` starts the whole portal, `make test` proves it.
# Both set up what they need, on a bare Debian 12 or Ubuntu with Python >= 3.11.

BOOTSTRAP := $(shell command -v python3 || command -v python3.11)
PYTHON := .venv/bin/python
SCRATCH := $(PYTHON) -m lawadvisor.embedded with --

.PHONY: run test bench setup setup-dev lint lint-django format clean

run: setup
	@$(PYTHON) -m lawadvisor.embedded run

# A file stays with one process: its fixtures are made once, the kill test keeps its broker.
test: lint
	$(PYTHON) -m pytest -n 2 --dist loadfile

bench: setup-dev
	$(SCRATCH) $(PYTHON) -m benchmarks
	$(SCRATCH) $(PYTHON) -m benchmarks phone

setup:
	@$(BOOTSTRAP) bin/setup run

setup-dev:
	@$(BOOTSTRAP) bin/setup test

lint: setup-dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	@$(SCRATCH) $(MAKE) --no-print-directory lint-django

# These two load the settings, which name their servers by environment variables.
lint-django:
	$(PYTHON) -m mypy .
	$(PYTHON) manage.py makemigrations --check --dry-run

format: setup-dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

# Leaves var/ alone: it holds the county's data.
clean:
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
