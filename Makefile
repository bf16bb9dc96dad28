# `make help` lists the targets.
GO      ?= go
TESTENV  = $(GO) run ./storage/storagetest/testenv --

.PHONY: .deps help build demo demo-script test clients documents interop faults soak bench fmt docs screenshots check lint clean

# What tests need beside Go: a C compiler for -race, Chromium for the web chat;
# Redis and Postgres are testenv's business.
.deps:
	@./.ci/deps

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## bin/fieldbot
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/fieldbot ./cmd/fieldbot

demo: ## the bot with a web chat to try it in; prints the address
	$(GO) run ./cmd/fieldbot demo

demo-script: ## plays the bundled conversations without a browser
	$(GO) run ./cmd/fieldbot demo --script

# Tests wait for servers and browsers half of their time, so more of them run at once
# than there are processors.
test: .deps ## all tests, on SQLite and on Redis and Postgres; installs these if they are missing
	$(TESTENV) $(GO) test -race -vet=off -parallel 4 -timeout 20m ./...
	./.ci/fuzz short

clients: ## the simulator with other authors' client libraries, published types and axe-core; fetches them from npm
	@./.ci/deps clients
	$(GO) test -count=1 -timeout 9m -tags clients -run 'TestClients|TestReplyTypes|TestEveryMethodIsKnown|TestAccessibility' ./bot/simulator

documents: ## the Word report as LibreOffice lays it out, and posters as a scanner reads them; installs these
	@./.ci/deps documents
	$(GO) test -count=1 -timeout 9m -tags documents -run 'TestPages|TestScan' ./flows/report ./bot/poster

soak: ## the long proofs: 50 kills in 100 interviews on both kinds of store, random respondents, fuzzing, interop, documents
	$(TESTENV) env FIELDBOT_SOAK=1 $(GO) test -count=1 -timeout 90m -v -run 'Kill|Faults|Soak|Random' ./cmd/... ./bot/... ./storage/... ./flows/...
	./.ci/fuzz
	./.ci/interop
	$(MAKE) documents

interop: ## the bundled forms, as .xlsx, in pyxform and JavaRosa; fetches these from npm
	./.ci/interop

faults: .deps ## interviews while bot, Redis, Postgres and Telegram fail at random; FIELDBOT_SEED=n replays
	$(TESTENV) $(GO) test -count=1 -timeout 9m -v -run Faults ./cmd/fieldbot

bench: build ## what a turn costs, beside a handler written by hand
	$(TESTENV) sh -c 'DATABASE_URL=$$FIELDBOT_TEST_POSTGRES REDIS_URL=$$FIELDBOT_TEST_REDIS bin/fieldbot bench'

fmt: ## gofmt, and the generated parts of the documentation
	gofmt -w $$(git ls-files '*.go')
	$(GO) run ./cmd/fieldbot docs docs

docs: ## the generated parts of the documentation
	$(GO) run ./cmd/fieldbot docs docs

screenshots: .deps ## pictures of the web chat for the README, in docs/images
	mkdir -p docs/images
	FIELDBOT_SHOTS=$(CURDIR)/docs/images $(GO) test -count=1 -run TestPageS ./cmd/fieldbot

lint: ## what CI checks before the tests
	CI_LINT_ONLY=1 bash .ci/run

check: ## the bundled forms
	$(GO) run ./cmd/fieldbot check flows/library/*.md

clean: ## what was built, not what was collected
	rm -rf bin
