# Everything happens in .venv of this checkout; nothing outside is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# python compiles what it imports by itself; all files of all packages would take longer than to fetch them
INSTALL := $(BIN)/python -m pip install --quiet --no-compile
# ... and keeps it, also where the environment says otherwise: without, every process would compile all over again
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint bench results train-demo venv

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
	$(BIN)/python benchmarks/bench_runtimes.py

# SCAN_FACES names a folder of rendered scans with ground truth, laid out as docs/evaluation.md says.
results: $(VENV)/.focusfit  ## what the fit's parts and the misfit prior are worth, on synthetic photos and on scans
	$(BIN)/focusfit synthesize --count 120 --seed 77 --occluded-fraction 0.7 --out out/results/synthetic
	$(BIN)/python benchmarks/ablation.py out/results/synthetic/Dataset --out out/results/on_synthetic
	test -z "$(SCAN_FACES)" || $(BIN)/python benchmarks/ablation.py "$(SCAN_FACES)" --out out/results/on_scan_faces

SEED ?= 0
train-demo: $(VENV)/.focusfit  ## all four training steps on synthetic photos, on a CPU, and what each is worth
	$(BIN)/python benchmarks/train_demo.py --out out/train_demo_$(SEED) --seed $(SEED)

venv: $(VENV)/.focusfit-dev  ## install the package and the developers' tools

$(VENV)/.focusfit: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV), a minute or two with a warm network ..."
	$(INSTALL) --editable .
	touch $@

$(VENV)/.focusfit-dev: $(VENV)/.focusfit
	$(INSTALL) --editable '.[dev]'
	touch $@
