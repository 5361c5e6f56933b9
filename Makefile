# make run   make a virtual environment, install exact versions, run the demo
# make test  the same set-up, then everything that guards the project; make check: the part that matters most, in a minute
# make docs  the documentation as a site, in build/docs
# make viz   the pipelines in the browser; make ui: the runs in the browser (both on this machine alone)

PYTHON ?= python3
TORCH_ARGS ?=# for a GPU build: see "Installation for a GPU" in README.md
BIN := .venv/bin
READY := .venv/ready
export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: run test check slow viz ui lint docs unit e2e lock clean

run: $(READY)
	$(BIN)/kedro run --env demo

test: $(READY)
	$(MAKE) --jobs=2 --output-sync lint docs e2e
	$(MAKE) unit

viz: $(READY)
	$(BIN)/kedro viz run --host 127.0.0.1 --env demo

ui: $(READY)
	$(BIN)/mlflow ui --backend-store-uri sqlite:///mlflow.db --host 127.0.0.1

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/pip check

# Any warning is an error: a broken link, a formula that cannot be set, a docstring that cannot be read.
docs: $(READY)
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --doctree-dir build/doctrees docs build/docs

# The tests of a file stay in one process, which share what is slow to make (conftest.py says in which order); each with
# one thread, for two cores.
WORKERS ?= 2
unit: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -q --numprocesses $(WORKERS)

# What matters most, in less than a minute: no leak, equations and brute force, the catalogue and the defaults, Python.
CHECKED := tests/pipelines/test_leakage.py tests/graph/test_paths.py tests/model/test_readout.py tests/model/test_gene_encoder.py \
	tests/model/test_path_encoder.py tests/signals/test_signal_scores.py \
	tests/training/test_stacking.py tests/project/test_catalogue.py tests/project/test_defaults.py tests/api/test_study.py
check: $(READY)
	$(BIN)/ruff check --quiet .
	OMP_NUM_THREADS=1 $(BIN)/pytest -q --numprocesses $(WORKERS) $(CHECKED)

# Runs that are killed, damaged and repeated: minutes on a quiet machine, so that they are no part of `make test`.
slow: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -m slow

# The shortest whole run through the command line, then the same again, which must find nothing to do.
e2e: $(READY)
	$(BIN)/kedro run --env test
	$(BIN)/kedro run --env test --only-missing-outputs

# pip compiles what it installs, but not an editable project: the first run shall not wait for that.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet $(TORCH_ARGS) $$(sed -n 's/^# \(torch==[^ ]*\).*/\1/p' requirements.lock)
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	touch $(READY)

# Freeze what is installed now: `pip install -e .[dev]` in a fresh environment, torch first, then this. Hashes are those
# of every file that the package index serves for these versions, so that other machines may take another one.
FROZEN = $(BIN)/pip freeze --all --exclude-editable | grep -v '^pip==' | sed 's/+cpu//'
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	{ head -n 1 requirements.lock; \
	  $(FROZEN) | sed -n 's/^torch==.*/# & is installed after the rest, by a line of its own: its files differ between indices./p'; \
	  $(FROZEN) | grep -v '^torch==' | build/lock/bin/uv pip compile --quiet --no-deps --generate-hashes --no-header \
	    --no-annotate --no-emit-index-url --python $(BIN)/python - ; } > requirements.new
	mv requirements.new requirements.lock

clean:
	rm -rf .venv
