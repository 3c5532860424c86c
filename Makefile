# Everything starts from nothing but python3 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNS := $(VENV)/.runs
STAMP := $(VENV)/.installed

# uv installs in seconds what takes pip a minute. Where it is missing, pip brings the locked one; where it
# cannot be had or cannot reach the packages (it does not read pip's settings), pip installs.
UV := $(or $(shell command -v uv 2>/dev/null),$(BIN)/uv)
define install
$(UV) pip install --quiet --python $(BIN)/python --build-constraints requirements-build.lock $(1) \
  || $(BIN)/python -m pip install --quiet --disable-pip-version-check $(1)
endef

.DEFAULT_GOAL := help
.PHONY: help demo quick test lint facts bench parts screenshots live catalog lock picture clean kills standing-faults bench-scale

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# What an answer needs: wheels, and no tools for development.
$(RUNS): pyproject.toml requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > $(VENV)/uv.txt
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt || true
	@$(call install,--require-hashes -r requirements.lock)
	@$(call install,--no-deps --editable .)
	@$(BIN)/python -m compileall -q bot knowledge  # a cold question should not compile them again
	@touch $@

$(STAMP): $(RUNS) requirements-dev.lock
	@$(call install,--require-hashes -r requirements-dev.lock)
	@touch $@

demo: $(RUNS) ## set up, and answer "cheapest A100" from the bundled prices
	@$(BIN)/quartermaster ask cheapest A100

test: $(STAMP) lint ## set up, check types and style, run every test
	$(BIN)/pytest -n auto

quick: $(STAMP) ## lint of the files you changed, and twelve seconds of tests of what they touch (SINCE=commit)
	@$(BIN)/python tests/tools/quick.py $(SINCE)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP) ## speed, each figure beside its floor of the same run
	$(BIN)/python tests/bench/run.py

live: $(STAMP) ## ask every real price feed once (needs the internet), and check what it answers
	$(BIN)/pytest tests/live -n 0

kills: $(STAMP) ## kill -9 sixty refreshes at random moments; every store must be whole
	$(BIN)/python tests/feeds/killing.py --kills 60

standing-faults: $(STAMP) ## thirty kills of real replicas, minutes without a real database; twenty minutes
	$(BIN)/python tests/resilience/standing_faults.py

bench-scale: $(STAMP) ## deliveries a second by replicas, memory, 100,000 watches
	$(BIN)/python tests/resilience/standing_scale.py

catalog: $(STAMP) ## compile the language packs
	$(BIN)/python -m bot.language.catalogue
	$(BIN)/python -m bot.understanding.compiling

facts: $(STAMP) ## rebuild the bundled facts from the CSV files of a folder (RAW=...), and say what changes
	@test -n "$(RAW)" || { echo 'make facts RAW=folder'; exit 2; }
	$(BIN)/python -m knowledge.building --today $$(date -u +%F) $(RAW)

schemas: $(STAMP) ## publish the JSON schemas, the OpenAPI document and the list of settings anew
	$(BIN)/quartermaster schema answer > docs/answer.schema.json
	$(BIN)/quartermaster schema question > docs/question.schema.json
	$(BIN)/quartermaster schema openapi > docs/openapi.json
	$(BIN)/python -m bot.core.settings > docs/settings.md

.PHONY: schemas

learn: $(STAMP) ## learn to understand from tests/understanding/examples, and write the weights
	$(BIN)/python tests/understanding/learning.py

understanding: $(STAMP) ## how well texts are read that were never learned from (ten minutes; ARGS=--authors)
	$(BIN)/python tests/understanding/measure.py $(ARGS)

picture: $(STAMP) ## draw the README's pictures again
	$(BIN)/python tests/support/picture.py docs/answer.svg
	$(BIN)/python tests/support/picture.py docs/quotes.svg

architecture: $(STAMP) ## draw the rooms and what leans on what, from the imports
	$(BIN)/python tests/support/architecture.py docs/architecture.svg

.PHONY: architecture

TEAMS := tests/tools/teams
SLACK := tests/tools/slack
MCP := tests/tools/mcp

parts: system-parts $(MCP)/node_modules/.installed $(MCP)/site/.installed $(SLACK)/node_modules/.installed $(TEAMS)/node_modules/.installed $(TEAMS)/site/.installed ## everything that tests drive: PostgreSQL, Chromium, Prometheus, a Slack emulator, assistants' suites, schemas

.PHONY: system-parts
system-parts:
	@tests/tools/system.sh

$(SLACK)/node_modules/.installed: $(SLACK)/package-lock.json | system-parts
	cd $(SLACK) && npm ci --silent --ignore-scripts
	@touch $@

$(TEAMS)/node_modules/.installed: $(TEAMS)/package-lock.json | system-parts
	cd $(TEAMS) && npm ci --silent --ignore-scripts
	@touch $@

$(MCP)/node_modules/.installed: $(MCP)/package-lock.json | system-parts
	cd $(MCP) && npm install --no-save --silent --ignore-scripts  # `npm ci` wants a part for Windows that is not to be had everywhere
	@touch $@

$(MCP)/site/.installed: $(MCP)/requirements.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(MCP)/site -r $<
	@touch $@

$(TEAMS)/site/.installed: $(TEAMS)/requirements.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --upgrade --target $(TEAMS)/site -r $<
	@touch $@

screenshots: $(STAMP) parts ## pictures of what people see, into artefacts/
	$(BIN)/python $(TEAMS)/shots.py
	$(BIN)/python $(SLACK)/shots.py

lock: $(STAMP) ## renew the lock files, hashes and no addresses
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock pyproject.toml
	printf 'hatchling>=1.27\nsetuptools>=80\nwheel\n' | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements-build.lock -
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev -o requirements-dev.lock pyproject.toml

.PHONY: audit sbom image container-steps lint-container resilience fuzz
audit: $(STAMP) ## known vulnerabilities, security lint, the Dockerfile's lint
	$(BIN)/ruff check --select S --ignore S608 bot knowledge
	$(BIN)/python tests/tools/audit.py

sbom: $(STAMP) ## what is inside, as CycloneDX: artefacts/sbom.json
	@mkdir -p artefacts
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --mc-type application --output-reproducible --of JSON -o artefacts/sbom.json

image: ## build the container, its base pinned by the digest that the registry gives now
	docker build --build-arg PYTHON_DIGEST=$$(docker buildx imagetools inspect python:3.11-bookworm --format '{{.Manifest.Digest}}') --build-arg REVISION=$$(git rev-parse HEAD) --tag quartermaster:latest .

container-steps: $(STAMP) ## the Dockerfile's steps one by one, where no engine runs (as root)
	$(BIN)/python tests/container/steps.py

.PHONY: release-check
release-check: $(STAMP) sbom ## before a release: wheel, sdist, an installation of them, the image's steps (as root), the SBOM
	$(BIN)/python tests/tools/release.py
	@if [ "$$(id -u)" = 0 ]; then $(BIN)/python tests/container/steps.py; else echo "The image's steps were left out: they need root."; fi

DEPLOY := tests/tools/container/.venv/bin
$(DEPLOY)/hadolint: tests/tools/container/requirements.lock
	$(PYTHON) -m venv tests/tools/container/.venv
	$(DEPLOY)/pip install --quiet --disable-pip-version-check --require-hashes -r $<

lint-container: $(DEPLOY)/hadolint ## what is for other programs: Dockerfile, compose file, manifests, alerts, dashboard
	$< Dockerfile
	$(DEPLOY)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(DEPLOY)/kubernetes-validate --strict --kubernetes-version 1.31 deploy/kubernetes/*.yaml
	$(DEPLOY)/python tests/tools/container/promql.py

resilience: $(STAMP) ## load, soak, faults, kills, replicas against the real service: artefacts/resilience.md (20 minutes)
	$(BIN)/python tests/resilience/run.py

fuzz: $(STAMP) ## ten minutes of hostile input; FUZZ_SECONDS sets another length
	$(BIN)/python tests/fuzz/run.py
	$(BIN)/pytest -n auto -m hypothesis --hypothesis-profile explore

clean: ## remove what make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
