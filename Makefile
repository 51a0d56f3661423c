# Bestiary. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
# TensorFlow has wheels for these; the first one found is used.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo "$$p" && break; done)

WHERE ?= local
ANSWER := $(BIN)/bestiary
export BESTIARY_WHERE := $(WHERE)
export BASE_IMAGE VARIANT

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  WHERE=aws acts in the account that the AWS settings name; the default is this machine."

$(BIN)/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Bestiary needs Python 3.11, 3.12 or 3.13; set PYTHON=/path/to/one" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "python's venv module is missing; on Debian: apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/run.done: requirements/run.txt pyproject.toml $(BIN)/uv
	@echo "installing what a run needs (about 700 MB to download, once)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/run.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.done: requirements/dev.txt $(VENV)/run.done
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: setup
setup: $(VENV)/run.done ## install what a run needs, and look at this machine
	@$(ANSWER) doctor

.PHONY: pipeline-run
pipeline-run: $(VENV)/run.done ## train, compare, register: [DATA=…] [BACKBONE=…] [SET="Epochs=3 …"] [WHERE=aws]
	@$(ANSWER) run $(if $(DATA),--data "$(DATA)") $(if $(BACKBONE),--backbone "$(BACKBONE)") $(foreach pair,$(SET),--set "$(pair)")

.PHONY: versions
versions: $(VENV)/run.done ## list the registered versions
	@$(ANSWER) versions

.PHONY: approve
approve: $(VENV)/run.done ## approve one: VERSION=n
	@test -n "$(VERSION)" || { echo "say which: make approve VERSION=n" >&2; exit 2; }
	@$(ANSWER) approve $(VERSION)

.PHONY: deploy
deploy: $(VENV)/run.done ## put a version behind the endpoint: [VERSION=n], the newest approved [WHERE=aws]
	@$(ANSWER) deploy $(VERSION)

.PHONY: rollback
rollback: $(VENV)/run.done ## go back to a version at once: [VERSION=n], the one before the live one
	@$(ANSWER) rollback $(VERSION)

.PHONY: history
history: $(VENV)/run.done ## list every deploy and rollback, and how it ended
	@$(ANSWER) history

.PHONY: invoke
invoke: $(VENV)/run.done ## ask the endpoint about photos: IMAGE=FILE, a folder or s3://…
	@test -n "$(IMAGE)" || { echo "say which: make invoke IMAGE=photo.jpg" >&2; exit 2; }
	@$(ANSWER) classify "$(IMAGE)"

.PHONY: stylize
stylize: $(VENV)/run.done ## a photo in the manner of a painting: CONTENT=FILE STYLE=FILE [OUT=stylized.jpg] [METHOD=gatys]
	@test -n "$(CONTENT)" -a -n "$(STYLE)" || { echo "say which: make stylize CONTENT=photo.jpg STYLE=painting.jpg" >&2; exit 2; }
	@$(ANSWER) stylize "$(CONTENT)" "$(STYLE)" --out "$(or $(OUT),stylized.jpg)" $(if $(METHOD),--method "$(METHOD)") $(if $(MODEL),--model "$(MODEL)")

.PHONY: poster
poster: $(VENV)/run.done ## a poster of a photo: IMAGE=FILE [OUT=poster.pdf] [STYLE=painting.jpg] [URL=https://…]
	@test -n "$(IMAGE)" || { echo "say which: make poster IMAGE=photo.jpg" >&2; exit 2; }
	@$(ANSWER) poster "$(IMAGE)" --out "$(or $(OUT),poster.pdf)" $(if $(STYLE),--style "$(STYLE)") $(if $(URL),--url "$(URL)")

.PHONY: monitor
monitor: $(VENV)/run.done ## compare what the endpoint was sent lately with what is usual, now
	@$(ANSWER) monitor --now

.PHONY: schedule
schedule: $(VENV)/run.done ## what happens by itself: [WHAT=monitor WHEN=hourly], [WHAT=retrain WHEN=on-drift]
	@$(ANSWER) schedule $(WHAT) $(if $(WHEN),"$(WHEN)")

.PHONY: status
status: $(VENV)/run.done ## how things stand, on one screen
	@$(ANSWER) status

.PHONY: up
up: $(VENV)/run.done ## make or change the account's stacks, after showing what and for how much: WHERE=aws
	@$(ANSWER) up

.PHONY: cost
cost: $(VENV)/run.done ## what a month costs as things are
	@$(ANSWER) cost

.PHONY: down
down: $(VENV)/run.done ## remove the endpoint; versions, data and history stay
	@$(ANSWER) down

.PHONY: local-up
local-up: $(VENV)/run.done ## start the local SageMaker
	@$(ANSWER) local start

.PHONY: local-down
local-down: $(VENV)/run.done ## stop it; its state stays in .bestiary
	@$(ANSWER) local stop

# The tests start hundreds of Pythons: what one has compiled, the others need not compile again.
.PHONY: test
test: $(VENV)/dev.done ## run the tests
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -m "not docker" --numprocesses 3 --dist loadscope

.PHONY: images
images: ## build the images of jobs and endpoints: [BASE_IMAGE=…] [VARIANT=gpu]
	@containers/build

.PHONY: push
push: $(VENV)/run.done ## push them to the account's ECR and register their digests: [VARIANT=gpu]
	@$(BIN)/python containers/push.py $(VARIANT)

.PHONY: test-docker
test-docker: $(VENV)/dev.done ## build the images and test them as SageMaker runs them
	@docker info >/dev/null 2>&1 || { echo "skipped: no Docker engine"; exit 0; }; \
		containers/build && $(BIN)/python -m pytest -m docker --timeout 900 tests/docker

.PHONY: lint
lint: $(VENV)/dev.done ## style, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy containers/*.py
	@MYPYPATH=tests/docker $(BIN)/mypy tests/docker/*.py
	@$(BIN)/cfn-lint --include-checks I -- infra/aws/*.yaml
	@$(BIN)/lint-imports --no-logo

.PHONY: scan
scan: $(VENV)/run.done ## a security scanner over the account's templates, with every option on, and a linter over its policies
	@all=$$(mktemp -d) && trap 'rm -r $$all' EXIT && for file in infra/aws/*.yaml; do \
		sed 's/Default: "no"/Default: "yes"/' $$file > $$all/$${file##*/}; done && \
		$(BIN)/uv tool run --quiet checkov@3.3.30 --directory $$all \
		--framework cloudformation --compact --quiet --skip-download
	@all=$$(mktemp -d) && trap 'rm -r $$all' EXIT && $(BIN)/python -m pipelines.account.policies $$all && \
		$(BIN)/uv tool run --quiet --with 'setuptools<81' parliament@1.6.4 --directory $$all 2>/dev/null && \
		echo "policies: parliament finds nothing in $$(ls $$all | wc -l)"

.PHONY: audit
audit: $(BIN)/uv ## known vulnerabilities of the dependencies; asks PyPI's advisory database
	@$(BIN)/uv tool run --quiet pip-audit@2.10.1 --requirement requirements/run.txt --disable-pip --require-hashes --strict

.PHONY: bench
bench: $(VENV)/dev.done ## ratios against named baselines, measured here and now
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: $(BIN)/uv ## pin requirements/*.txt anew from requirements/*.in
	@$(COMPILE) requirements/dev.in --output-file requirements/dev.txt
	@$(COMPILE) --constraints requirements/dev.txt requirements/run.in --output-file requirements/run.txt
	@$(COMPILE) --constraints requirements/dev.txt requirements/operator.in --output-file requirements/operator.txt
	@for image in jobs serving; do for variant in cpu gpu; do $(COMPILE) --constraints requirements/dev.txt \
		$$([ $$variant = gpu ] || echo "--override requirements/cpu-overrides.txt") \
		requirements/$$image.in requirements/$$variant.in --output-file requirements/$$image-$$variant.txt || exit 1; done; done
