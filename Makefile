# `make demo` and `make test` set up everything they need, in .venv, from the package managers alone.
PYTHON ?= python3
MINUTES ?= 4
# building TensorFlow graphs takes one core each: two test processes halve the time
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-long lint clean

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "ganvas needs Python 3.11, 3.12 or 3.13, as TensorFlow does: make PYTHON=python3.13 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/ganvas data get fashion_mnist
	$(BIN)/ganvas train quick --minutes $(MINUTES) preview=100
	$(BIN)/ganvas evaluate latest --n 5000
	$(BIN)/ganvas doctor latest
	$(BIN)/ganvas report latest
	@echo "Run '$(BIN)/ganvas sample latest --out grid.png' for more, '$(BIN)/ganvas walk latest --out morph.gif' for a morph."

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: lint
	$(BIN)/python -m pytest -m "not long" -n $(WORKERS)

test-long: lint
	$(BIN)/python -m pytest -n $(WORKERS)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
