# `make demo` and `make test` need only Python ≥ 3.11 and make: each makes .venv and installs what it needs, once.

BIN := .venv/bin
# The first Python that is new enough and can make environments; `make PYTHON=…` takes another.
FITS := -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" $(FITS) 2>/dev/null && { echo "$$p"; break; }; done)

# Programs that the tests start would else compile every module again, each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check format bench proto clean
.DEFAULT_GOAL := demo

demo: .venv/.installed  ## ingest the flights out of New York in 2013 until November, and then what is new in December
	FLIGHTS_UNTIL=2013-11 $(BIN)/lakestead run examples/flights
	$(BIN)/lakestead run examples/flights

test: .venv/.installed-dev .venv/azurite/package.json  ## all tests, on four processes, most of which wait
	$(BIN)/pytest -n 4 --dist worksteal $(ARGS)

check: .venv/.installed-dev  ## format, lint, types, import arrows, COVERAGE.md
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/lakestead coverage --check COVERAGE.md

format: .venv/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.installed-dev
	$(BIN)/python -m benchmarks $(ARGS)

# The check of protobuf's version is taken out: what is generated runs on every protobuf that `local` allows.
PROTO := src/lakestead/engine/spark_connect
proto: | .venv/bin/python  ## the messages of Spark Connect, after a change of the .proto file
	$(PYTHON) -m venv .venv/proto
	.venv/proto/bin/pip install --quiet grpcio-tools
	.venv/proto/bin/python -m grpc_tools.protoc -I $(PROTO) --python_out=$(PROTO) --pyi_out=$(PROTO) spark_connect.proto
	sed -i.bak '/^# NO CHECKED-IN/d; /^# Protobuf Python Version/d; /runtime_version as/d; /^_runtime_version/,/^)/d' \
		$(PROTO)/spark_connect_pb2.py
	rm $(PROTO)/spark_connect_pb2.py.bak

clean:  ## everything that was made, the demo's workspace too
	rm -rf .venv examples/*/.lakestead examples/*/build examples/*/logs examples/*/metadata .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

# uv takes a quarter of pip's time; where pip has been told of an index that uv does not know, pip does it.
EXTRAS := local,ingest,telemetry,govern,costs,profiling,examples
INSTALL = $(BIN)/python -m pip install --quiet uv && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable ".[$$EXTRAS]" || \
	$(BIN)/python -m pip install --quiet --editable ".[$$EXTRAS]"

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "This needs Python 3.11 or newer with venv (on Debian: apt install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	@echo "Installing lakestead into .venv (once) …"
	@EXTRAS=$(EXTRAS); $(INSTALL)
	@touch $@

.venv/.installed-dev: pyproject.toml | .venv/bin/python
	@echo "Installing lakestead and its development tools into .venv (once) …"
	@EXTRAS=$(EXTRAS),azure,dev; $(INSTALL)
	@touch $@ .venv/.installed

# Azure's storage emulator is a program of Node.js; where that is missing, the tests that need it are skipped.
.venv/azurite/package.json: | .venv/bin/python
	@if command -v npm >/dev/null; then echo "Installing Azurite into .venv (once) …"; \
		npm install --silent --no-audit --no-fund --prefix $(dir $@) azurite@3 || \
		echo "Azurite could not be installed: the tests that need it are skipped."; fi
