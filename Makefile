# The one front door, for people and for CI. `make help` is the manual.
.DEFAULT_GOAL := help
.PHONY: help install demo review weights test test-faults check format lock catalogue specimens-demo figures-files screenshots bench-peers train-mark-reader clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEVELOPMENT := $(VENV)/.installed-development
# The demo keeps to these two folders: its pictures, and everything that imgscan writes (weights too).
ALBUM := demo-album
DATA := demo-data

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

install: $(RUNTIME) ## make .venv with imgscan in it

$(RUNTIME): requirements/runtime.txt pyproject.toml scripts/install.sh
	@echo "Installing the locked dependencies into $(VENV) (about 2 minutes the first time) ..."
	@PYTHON=$(PYTHON) scripts/install.sh $(VENV) runtime
	@touch $@

$(DEVELOPMENT): requirements/development.txt pyproject.toml scripts/install.sh
	@echo "Installing the locked development dependencies into $(VENV) ..."
	@PYTHON=$(PYTHON) scripts/install.sh $(VENV) development
	@touch $@ $(RUNTIME)

$(ALBUM):
	@rm -rf $@.part && mkdir $@.part && cp imgscan/specimens/demo/*.jpg $@.part && mv $@.part $@

# Exit code 3 says that some files could not be fully read: the album has two of those on purpose.
demo: $(RUNTIME) $(ALBUM) ## install everything, scan a small made-up album, say what was found
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/imgscan weights install
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/imgscan scan $(ALBUM) || test $$? -eq 3

review: $(RUNTIME) ## open the review page on what the demo found
	@test -e $(DATA)/imgscan.db || $(MAKE) demo
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/imgscan review

weights: $(DEVELOPMENT)
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/imgscan weights install

test: weights ## run all tests (pytest options in ARGS)
	@IMGSCAN_WEIGHTS=$(CURDIR)/$(DATA)/weights $(BIN)/python -m pytest --cov --cov-report=term:skip-covered $(ARGS)

test-faults: $(DEVELOPMENT) ## run the fault tests of the store in full: kills, failing disks, cut and flipped files
	@FAULTS=full $(BIN)/python -m pytest -q tests/faults tests/test_cli.py -k "faults or kill_9" $(ARGS)

check: $(DEVELOPMENT) ## lint, types, import contracts, rule packs, catalogue, Dockerfile
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/imgscan rules check
	@$(BIN)/hadolint Dockerfile
	@echo "check: all in order"

format: $(DEVELOPMENT) ## put the code into the project's format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

catalogue: $(DEVELOPMENT) ## collect new strings into the catalogue, and compile it
	@$(BIN)/pybabel --quiet extract -F babel.cfg -k N_ --no-location --sort-output -o build.pot .
	@$(BIN)/pybabel --quiet update -D imgscan -i build.pot -d imgscan/locale --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date
	@rm build.pot
	@$(BIN)/pybabel --quiet compile -D imgscan -d imgscan/locale --statistics

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --override requirements/override.txt

lock: $(DEVELOPMENT) ## lock the dependencies anew, by hash and without index addresses
	@$(LOCK) --upgrade requirements/runtime.in -o requirements/runtime.txt
	@$(LOCK) --upgrade requirements/development.in -c requirements/runtime.txt -o requirements/development.txt
	@$(subst --universal,--python-platform x86_64-manylinux_2_28,$(LOCK)) --upgrade requirements/training.in \
		-c requirements/runtime.txt -o requirements/training.txt
	@$(subst --universal,--python-platform x86_64-manylinux_2_28,$(LOCK)) --upgrade requirements/peers.in \
		-c requirements/runtime.txt -o requirements/peers.txt

specimens-demo: $(DEVELOPMENT) ## render the demo album anew (needs Chinese fonts)
	@$(BIN)/python -m imgscan.specimens.demo

figures-files: $(DEVELOPMENT) ## measure the figures of docs/files.md that take long
	@$(BIN)/python -m tests.bleed 1000
	@$(BIN)/python -m tests.measure_walk
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) $(BIN)/python -m tests.panorama

screenshots: $(DEVELOPMENT) ## take the pictures of the pages for the documentation (needs chromium and chromium-l10n)
	@$(BIN)/python -m tests.browser.screenshots
	@$(BIN)/python -m tests.browser.office_pictures

.venv-peers/.installed: requirements/peers.txt pyproject.toml scripts/install.sh
	@echo "Installing the readers to compare with into .venv-peers ..."
	@PYTHON=$(PYTHON) scripts/install.sh .venv-peers peers
	@touch $@

bench-peers: .venv-peers/.installed ## compare with other readers of text on one album (options in ARGS; docs/peers.md)
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) .venv-peers/bin/imgscan weights install
	@IMGSCAN_HOME=$(CURDIR)/$(DATA) .venv-peers/bin/python -m benchmarks $(ARGS)

.venv-training/.installed: requirements/training.txt pyproject.toml scripts/install.sh
	@echo "Installing what training needs into .venv-training ..."
	@PYTHON=$(PYTHON) scripts/install.sh .venv-training training
	@touch $@

train-mark-reader: .venv-training/.installed ## train the reader of marks anew (two cores, two hours, Chinese fonts)
	@ORT_DISABLE_TELEMETRY=1 .venv-training/bin/python -m training build/mark-reader

clean: ## remove the environment and what the demo wrote
	@rm -rf $(VENV) $(DATA) $(ALBUM)
