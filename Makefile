# Kerneeffekt: everything a newcomer, a developer or CI starts. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin/python
KERNEEFFEKT := $(VENV)/bin/kerneeffekt
UV_VERSION := 0.13.9
PORT ?= 8080
CITIZENS ?= 20000
KILLS ?= 200
EXAMPLES ?= 100000
EVENTS ?= 1000000
RUNS ?= 3
UNITS ?= 500
INDICATORS ?= 40
COHORTS ?= 36
# The mart is measured at another size than the feed, unless one is asked for.
MART_EVENTS := $(if $(filter command environment,$(firstword $(origin EVENTS))),$(EVENTS),5000000)
BROKER_PORT ?= 9092
ORGANISATIONS ?= 1000

.PHONY: help setup demo test lint fmt types layers cases bench bench-mart crash properties fuzz attacker kafka kafka-stop serve lock schema tables docs pictures

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## make .venv from the lock file, with the command at .venv/bin/kerneeffekt

$(VENV)/.ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or 3.12 is needed; set PYTHON=/path/to/python3.11"; exit 2; }
	@test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	@$(RUN) -m uv --version 2>/dev/null | grep -q '$(UV_VERSION)' || $(RUN) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || $(PYTHON) -m pip install --quiet --prefix $(VENV) uv==$(UV_VERSION)
	@echo "installing from requirements-dev.txt (once; about a minute on a new machine) ..."
	@$(RUN) -m uv pip install --quiet --python $(RUN) --require-hashes -r requirements-dev.txt
	@$(RUN) -m uv pip install --quiet --python $(RUN) --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## an invented municipality, from events to effect per krone, and the page (PORT=8080)
	$(KERNEEFFEKT) demo --citizens $(CITIZENS) --port $(PORT)

test: setup ## every test that CI runs
	$(RUN) -m pytest --numprocesses 2 --dist loadfile

lint: setup types layers ## ruff, mypy, import contracts; changes nothing
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: setup ## mypy, strict
	$(VENV)/bin/mypy

layers: setup ## imports point one way
	$(VENV)/bin/lint-imports

fmt: setup ## the one that edits: format and simple fixes
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

cases: setup ## real data against independent answers, by file and through Kafka (folder in CASES, default ../shared/cases)
	$(RUN) -m tests.cases
	streams/kafka/start.sh $(BROKER_PORT)
	$(RUN) -m tests.cases --feed kafka --broker 127.0.0.1:$(BROKER_PORT)

bench: setup kafka ## throughput, memory, rebuild, restart on a real broker -> build/bench.json (EVENTS=1000000 RUNS=3)
	$(RUN) -m benchmarks.kafka --events $(EVENTS) --runs $(RUNS)

bench-mart: setup ## the whole mart and its refresh -> build/bench_mart.json (EVENTS=5000000 UNITS=500 INDICATORS=40 COHORTS=36)
	$(RUN) -m benchmarks.mart --events $(MART_EVENTS) --units $(UNITS) --indicators $(INDICATORS) --cohorts $(COHORTS)

crash: setup ## real kills (KILLS=200) at every crash point and at random; the mart must hash as the clean run's
	$(RUN) -m tests.crash --kills $(KILLS)

properties: setup ## generated timelines (EXAMPLES=100000): the SQL against the plain-Python reference
	$(RUN) -m tests.properties --examples $(EXAMPLES)

attacker: setup ## a linear program against what is published of generated organisations (ORGANISATIONS=1000): nothing hidden may follow
	$(RUN) -m tests.attacker --organisations $(ORGANISATIONS)

fuzz: setup ## a million inputs: the fast record path accepts only what pydantic accepts, with the same values
	$(RUN) -m tests.fuzz_intake --inputs 1000000

kafka: setup ## Apache Kafka from its own artifacts, one node, no Docker (BROKER_PORT=9092)
	streams/kafka/start.sh $(BROKER_PORT)

kafka-stop: ## stop that broker
	streams/kafka/stop.sh

serve: setup ## the page over the last demo publication
	$(KERNEEFFEKT) serve --published build/demo/published --store build/demo/store --port $(PORT)

schema: setup ## JSON Schema and AsyncAPI from the event registry -> build/schema
	$(KERNEEFFEKT) schema --out build/schema

tables: setup ## docs/tables.md from the column comments
	$(RUN) -m pipelines.tables > docs/tables.md

docs: setup ## the documentation site, strictly -> build/site
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet

pictures: setup ## pictures of a real Prometheus for the documents -> docs/images/prometheus-*.png
	$(RUN) -m tests.pictures

lock: ## the lock files again, from pyproject.toml
	$(RUN) -m uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.txt
	$(RUN) -m uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -c requirements-dev.txt -o requirements.txt
