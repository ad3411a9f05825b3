# Everything happens in .venv of this checkout; nothing outside is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint bench venv

demo: $(VENV)/.focusfit  ## reconstruct the demo's photos into out/demo
	$(BIN)/focusfit demo --out out/demo

test: $(VENV)/.focusfit-dev  ## the whole test suite
	$(BIN)/python -m pytest

lint: $(VENV)/.focusfit-dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.focusfit  ## speed of each stage on this machine
	$(BIN)/python benchmarks/bench_stages.py
	$(BIN)/python benchmarks/bench_renderer.py

venv: $(VENV)/.focusfit-dev  ## install the package and the developers' tools

$(VENV)/.focusfit: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV), about a minute with a warm network ..."
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.focusfit-dev: $(VENV)/.focusfit
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@
