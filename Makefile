# Two commands matter: `make run` shows the product, `make test` proves it. Both install what is missing first.
BIN := .venv/bin
ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: help setup run test fast lint format pure edge lab fuzz bench-portal bench-dns lock

help: ## show these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## install what running needs
	@.ci/setup run

run: setup ## a library network on this machine: gateway, two clients, a walk through the portal; Ctrl-C ends it
	@$(ROOT) $(BIN)/cong lab demo

test: ## install what testing needs, then everything that must hold
	@.ci/setup test
	@$(MAKE) --no-print-directory lint pure edge lab

fast: lint pure edge ## all but the lab

lint: ## format, lint, types
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy

format: ## put the code into its format
	$(BIN)/ruff format -q .
	$(BIN)/ruff check -q --fix .

pure: ## the domain: values only
	$(BIN)/pytest -q tests/pure tests/test_layers.py tests/test_docs.py tests/test_attacks.py

edge: ## store, portal, DNS over loopback
	$(BIN)/pytest -q tests/edge

lab: ## journeys: true kernel, true packets, other people's programs
	$(ROOT) $(BIN)/pytest -q -p no:randomly tests/lab

fuzz: ## 200,000 odd packets, lists and exchanges each; what fails is kept in tests/samples/fuzz
	$(BIN)/python -m tests.fuzz

bench-portal: ## logins beside openNDS in one run; listing, kick, restart, memory; the table into README.md
	@.ci/setup bench
	@$(ROOT) $(BIN)/python -m bench.portal --write

bench-dns: ## our filter beside six other DNS servers: speed, latency, memory, reload; the table into README.md
	@.ci/setup bench
	@$(BIN)/python -m bench.dns --write --json build/bench-dns.json

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra reports --group pyproject.toml:dev --python-version 3.11 --universal --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" -q -o requirements.lock
