# make, or make help, lists the targets.

BIN        := bin
TOOLS      := $(BIN)/tools
DATA       ?= data
PORT       ?= 6379
FUZZTIME   ?= 60s
KILLS      ?= 1000
LINES      ?= 1000000
SEED       ?=
LINT       := $(TOOLS)/golangci-lint
NODE       := tests/client/node

.DEFAULT_GOAL := help
.PHONY: help build run test race fuzz conformance crash hostile differences clients lint fmt docs bench ci clean tools

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/kvd
	CGO_ENABLED=0 go build -trimpath -o $(BIN)/kvd ./cmd/kvd

run: build ## build, and serve 127.0.0.1:6379 with the data in ./data (PORT=, DATA=)
	./$(BIN)/kvd --port $(PORT) --dir $(DATA)

test: tools ## run everything: vet, race, allocations, fuzz, crashes, clients, docs; ends in a verdict
	@go run ./tests/run

race: ## run all Go tests under the race detector
	go test -race ./...

fuzz: ## fuzz every target for FUZZTIME=60s
	go run ./tests/run -only fuzz -fuzztime $(FUZZTIME)

conformance: ## compare replies with the golden files, RESP2 and RESP3
	go test -count=1 ./tests/conformance/...

crash: ## kill the server KILLS=1000 times under load and look for lost writes (SEED=)
	KVD_CRASH_KILLS=$(KILLS) KVD_SEED=$(SEED) go test -count=1 -v -timeout 60m ./tests/crash/...

hostile: ## send the server what no client should send
	go test -count=1 ./tests/hostile/...

differences: ## compare LINES=1000000 random lines per type with redis-server (SEED=)
	KVD_DIFF_LINES=$(LINES) KVD_SEED=$(or $(SEED),$(shell date +%s)) go test -count=1 -v -timeout 60m ./tests/diff/...

clients: tools ## let real client libraries of several languages work with the server
	go test -count=1 -v ./tests/client/...

lint: $(LINT) ## run golangci-lint, built at the version that tools/go.mod pins
	$(LINT) run ./...

fmt: $(LINT) ## format the code as make lint wants it
	$(LINT) fmt ./...

docs: ## write docs/commands.md and docs/config.md anew from the code
	go run ./cmd/kvd-docs docs

bench: ## measure beside redis-server, into bench/results
	go run ./bench/compare

ci: ## what CI runs: test, then lint
	bash .ci/run

clean: ## remove what was built or installed here; ./data stays
	rm -rf $(BIN) $(NODE)/node_modules
	go clean -testcache

# What the tests need beside Go: installed if missing and allowed.
tools:
	@scripts/test-tools $(NODE)

$(LINT): tools/go.mod tools/go.sum
	GOBIN=$(abspath $(TOOLS)) go -C tools install tool
	@touch $@
