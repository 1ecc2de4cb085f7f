# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SCENARIO ?= scenarios/concrete_pump.yaml

.PHONY: run test lint bench compiled clean

run: $(VENV)/ready
	$(BIN)/partsim run $(SCENARIO)

test: $(VENV)/ready
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadscope

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/ready
	$(BIN)/python -m pytest benchmarks --benchmark-timer=time.process_time

# A wheel in dist/ whose simulation mypyc has compiled. In a copy, for Python would go on loading
# what is compiled beside a module after the module has changed.
compiled: $(VENV)/ready
	rm -rf build && mkdir build && cp -R pyproject.toml README.md LICENSE partsim benchmarks build
	HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w dist ./build

# Written last, so that an interrupted install starts again.
$(VENV)/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("partsim needs Python 3.11 or newer; this is %s. Try: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .benchmarks
