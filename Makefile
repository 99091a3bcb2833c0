# Loadrail: every target sets up what it needs in .venv and build/, and nothing outside this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
UMODBUS := build/umodbus/.ready

SECONDS ?= 90
CHARGERS ?= 20
SCENARIO ?= day
HOURS ?= 500
SITES ?= 60
INPUTS ?= 1000000
DEMO_ARGS ?=
BENCH_ARGS ?=
BOARD ?=
PORT ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak bench lint build flash size clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Loadrail needs Python 3.10 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --editable '.[dev]'
	@touch $@

$(UMODBUS): tools/loadrail_tools/umodbus.py $(STAMP)
	$(BIN)/python -m loadrail_tools.umodbus build/umodbus

setup: $(STAMP) $(UMODBUS) ## Make .venv and fetch umodbus

demo: setup ## Watch 20 simulated chargers share a 63 A circuit (SECONDS=90 CHARGERS=20 SCENARIO=day, or solar)
	$(BIN)/loadrail demo --seconds $(SECONDS) --chargers $(CHARGERS) --scenario $(SCENARIO) $(DEMO_ARGS)

test: setup ## Run all tests, on CPython and on MicroPython
	$(BIN)/pytest -n auto --dist worksteal

bench: setup ## Measure the targets in virtual time: use of the circuit, fairness, memory
	$(BIN)/python -m loadrail_bench $(BENCH_ARGS)

soak: setup ## Drawn sites for HOURS=500 simulated hours, SITES=60 under drawn readings, all fuzz targets
	@status=0; run() { echo "$$*"; "$$@" || status=1; }; \
	run $(BIN)/python host_tests/soak.py --hours $(HOURS); \
	run $(BIN)/python host_tests/soak_readings.py $(SITES); \
	for part in receiver decoders console config; do run $(BIN)/python host_tests/fuzz_$$part.py $(INPUTS); done; \
	run $(BIN)/python host_tests/same_day.py 24; \
	run $(BIN)/python host_tests/console_fuzz.py 1024; \
	run env LOADRAIL_SOAK=25 $(BIN)/pytest -n auto host_tests/test_laws.py host_tests/test_turns.py; \
	exit $$status

lint: setup ## Check style, and that MicroPython can compile what a board runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m loadrail_tools.build --check
	$(BIN)/python -m loadrail_tools.manifest --check

build: setup ## Compile for the device into build/device/, the bench charger beside it (LINES=1: line numbers in tracebacks)
	$(BIN)/python -m loadrail_tools.manifest
	$(BIN)/python -m loadrail_tools.build $(if $(LINES),--lines)
	$(BIN)/python -m loadrail_tools.bench_charger build

flash: setup ## Put the firmware on a board (PORT=/dev/ttyACM0 BOARD=rp_pico; docs/boards.md lists them)
	$(BIN)/python -m loadrail_tools.flash $(if $(PORT),--port "$(PORT)") --board "$(BOARD)"

size: setup ## What the firmware takes of a board's flash, by module and group, against budgets (BOARD=rp_pico)
	$(BIN)/python -m loadrail_tools.build_size $(if $(BOARD),--board $(BOARD))

clean: ## Remove .venv and build
	rm -rf $(VENV) build
