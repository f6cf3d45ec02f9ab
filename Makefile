# Everything a newcomer, a developer or CI runs. Set-up is done once, and again only when its lists change.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo-data
export HF_HUB_OFFLINE ?= 1

.PHONY: demo serve test check lint types crash damage fuzz mutants audit sbom bench clean

demo: $(VENV)/.runs ## ingest the samples, ask a question, say how to open the web form
	@$(BIN)/onrecord ingest --data $(DEMO) samples/statements
	@echo
	@echo '$$ onrecord ask "How far did the bridge deck sink in the loading tests?"'
	@$(BIN)/onrecord ask --data $(DEMO) -k 2 "How far did the bridge deck sink in the loading tests?"
	@echo
	@echo "Ask your own:       $(BIN)/onrecord ask --data $(DEMO) \"When did the bridge reopen?\""
	@echo "Open the web form:  make serve"

serve: $(VENV)/.runs ## the web form on the samples, at http://127.0.0.1:8765
	@test -d $(DEMO) || $(BIN)/onrecord ingest --data $(DEMO) samples/statements
	@$(BIN)/onrecord serve --data $(DEMO)

test: $(VENV)/.tests $(VENV)/.browser ## every test, the browser's too
	$(BIN)/pytest

check: lint types test ## what CI runs

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.tests
	$(BIN)/mypy

crash: $(VENV)/.tests ## kill ten thousand writers and see that nothing is lost: hours
	$(BIN)/python -m tests.crash --kills 10000 --faults 20 --jobs 2

damage: $(VENV)/.tests ## damage the archive and the index a thousand times in each way and see that it is noticed
	$(BIN)/python -m tests.damage --trials 1000

audit: $(VENV)/.tests ## are there known weaknesses in what is pinned; asks the registry's advisories, so no part of CI
	@$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt || { echo "This is no clean bill: a weakness was found, or the advisories could not be asked; see above."; exit 1; }

sbom: $(VENV)/.tests ## what is installed to run this, as CycloneDX 1.6
	$(BIN)/python -m tests.supply dist/onrecord.cdx.json

bench: $(VENV)/.bench ## speed and memory, as ratios against baselines in the same run: hours, the first time
	$(BIN)/python -m benchmarks

fuzz: $(VENV)/.fuzz ## 20,000 requests of every kind to the application, then inputs of chance to every reader: an hour
	$(BIN)/python -m tests.fuzz.api --cases 20000
	$(BIN)/python -m tests.fuzz.readers --seconds 120

mutants: $(VENV)/.tests ## break the code on purpose, a thousand times: do the tests find out? An hour or two
	$(BIN)/python -m benchmarks.mutants

clean: ## forget the set-up and the demo
	rm -rf $(VENV) $(DEMO)

# torch goes first and alone: asked for by another package, its newest build would bring gigabytes of CUDA along.
$(VENV)/.runs: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV) || (apt-get update -q && apt-get install -qy python3-venv && $(PYTHON) -m venv $(VENV))
	$(BIN)/pip install -q --disable-pip-version-check "$$(grep '^torch==' constraints.txt)"
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.tests: $(VENV)/.runs
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/.bench: $(VENV)/.runs
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@

$(VENV)/.fuzz: $(VENV)/.tests
	$(BIN)/pip install -q --disable-pip-version-check -c constraints.txt -e '.[fuzz]'
	@touch $@

$(VENV)/.browser: $(VENV)/.tests
	test -x /usr/bin/chromium || (apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy chromium)
	@touch $@
