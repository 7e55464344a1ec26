# `make test` is the whole truth about behaviour; `make race` looks for data races, `make lint` at style. The workflow
# runs all three.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

# The linter and its kin live in a module of their own. Building them takes minutes on a machine that has
# not built them before, so `make test` does without; the workflow runs `make lint` beside it.
TOOL := go tool -modfile=internal/tools/go.mod

# In CI a missing redis-server is a failure, not a skipped test, and no old result is believed.
ifneq ($(filter-out 0 false,$(CI)),)
export REQUIRE_REAL_REDIS := 1
FRESH := -count=1
endif

# Sixty test programs are linked: without symbols for debuggers that is a third quicker. A compiler that collects its
# garbage later takes a sixth less processor time. `make lint` vets.
LEAN := -vet=off -ldflags=-w -toolexec='env GOGC=400'

# The programs are released without cgo and with this tag (docs/dependencies.md). All that `make test` runs is compiled
# like them, so that no package is compiled twice.
STATIC := CGO_ENABLED=0
TAGS := grpcnotrace,nethttpomithttp2

# Most tests wait more than they compute, so twice as many packages as there are cores run beside each other.
PACKAGES := -p=$(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

# A program with the race detector sleeps for a second before it ends, and the tests of the commands
# start hundreds.
export GORACE := atexit_sleep_ms=0

# The packages whose golden tests hold the generated documents (flag -update writes them).
GENERATED := ./internal/config ./internal/cli ./internal/metrics

say = printf '\n== %s (%s)\n' '$(1)' "$$(date +%T)"

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: dev
dev: ## Everything in one process, nothing to install; ARGS='--exit-when-done' and the like
	go run ./worker dev $(ARGS)

.PHONY: build
build: ## Build all, and both programs into bin/
	@$(call say,build)
	$(STATIC) go build ./...
	$(STATIC) go build -tags=$(TAGS) -ldflags='-s -w -funcalign=16' -o bin/rollcall-worker ./worker
	$(STATIC) go build -tags=$(TAGS) -ldflags='-s -w -funcalign=16' -o bin/rollcall-producer ./producer

STAGES := deps format tidy packages fuzz e2e
.PHONY: test
test: ## Everything that must pass; installs what it needs
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; times=; \
	for stage in $(STAGES); do began=$$SECONDS; $(MAKE) --no-print-directory $$stage | tee -a "$$log"; \
	times+="$$((SECONDS - began))s $$stage"$$'\n'; done; \
	$(call say,what took longest); printf '%s' "$$times" | sort -rn | head -4; \
	awk '$$1 == "ok" && $$3 ~ /s$$/ {print $$3, $$2}' "$$log" | sort -rn | head -10; \
	$(call say,all passed)

.PHONY: packages
packages: ## The tests of all packages (`go test ./...` is the quick way)
	@$(call say,packages)
	$(STATIC) go test -tags=$(TAGS) $(LEAN) $(PACKAGES) -timeout=9m $(FRESH) ./...
	@# What the quick way does without: more numbers, and tests that measure memory, beside no other test.
	$(STATIC) go test -tags=$(TAGS) $(LEAN) $(FRESH) -run=TestRead_LocalNumberIsNeverAForeignOne ./internal/phone -local-numbers=3000
	$(STATIC) go test -tags=$(TAGS),flatmemory $(LEAN) $(PACKAGES) $(FRESH) -run=FlatMemory ./internal/api ./internal/cli/workercmd ./internal/intake ./producer/enqueue

# The race detector triples what the start of a command costs, and these start hundreds. The others compute, in one
# goroutine, for half a minute under it.
UNRACED := ^(TestScripts|TestProducer_(NoCommandShowsTheRedisPassword|ACommandDemandsOnlyTheSecretsThatItUses)|TestRead_LocalNumberIsNeverAForeignOne|TestThePlainReadingAgreesWithTheLibrarysForEveryCountryAndKind)$$

# It compiles everything a second time, so `make test` does without; the workflow runs it beside.
.PHONY: race
race: deps ## The tests of all packages under the race detector (needs a C compiler)
	@$(call say,race)
	go test -race $(LEAN) $(PACKAGES) -timeout=9m $(FRESH) -skip='$(UNRACED)' ./...

.PHONY: e2e
e2e: ## Both programs end to end on a real Redis
	@$(call say,e2e)
	@# One package after the other: a browser beside three dozen killed workers runs out of time on two cores.
	$(STATIC) go test -C e2e -tags=$(TAGS) $(LEAN) -p=1 -timeout=9m -count=1 ./...

# A built test mutates as well without the coverage that go test -fuzz compiles in, which would
# compile everything again; go test -fuzz is for hunting. What it finds goes into testdata/fuzz. The
# limit is a count: one of time ends now and then in "context deadline exceeded" on a Go before 1.27
# (https://go.dev/issue/75804).
FUZZ ?= 3000x
FUZZED := ./internal/config ./internal/callback ./internal/intake ./internal/intake/workbook ./internal/store ./internal/phone \
	./internal/provider/evolution ./internal/provider/gowa ./internal/provider/greenapi ./internal/provider/wire \
	./internal/provider/zapi ./tasks
.PHONY: fuzz
fuzz: ## Every reader and every decoder of what others send, FUZZ (3000x) each
	@$(call say,fuzz)
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; $(STATIC) go test -tags=$(TAGS) $(LEAN) -c -o "$$dir/" $(FUZZED); \
	for pkg in $(FUZZED); do for target in $$(grep -ho '^func Fuzz[A-Za-z]*' "$$pkg"/*_test.go | cut -c6-); do \
	said=$$(cd "$$pkg" && "$$dir/$$(basename "$$pkg").test" -test.run='^$$' -test.fuzz="^$$target\$$" -test.fuzztime=$(FUZZ) -test.fuzzcachedir="$$dir/found" 2>&1) || \
	{ echo "$$said"; exit 1; }; \
	echo "$$pkg $$target $$(grep -o 'execs: [0-9]*' <<<"$$said" | tail -1)"; done; done

SOAK ?= 3600
KILLS ?= 200
.PHONY: soak
soak: ## The chaos tests over and over for SOAK seconds, KILLS (200) workers each, each time with another seed; 200 days of the steps before each
	@end=$$((SECONDS + $(SOAK))); while [ $$SECONDS -lt $$end ]; do \
	seed=$$((RANDOM + 1)); $(call say,soak with seed '$$seed'); \
	go test ./internal/steps -timeout=30m -count=1 -run '^TestSteps_WhateverHappens' -days=200 -day=$$((seed * 200)); \
	go test -C e2e -timeout=30m -count=1 -v -run '^TestKilledWorkers_' . -seed=$$seed -kills=$(KILLS) | grep -E '(chaos|lines|failover)_test|^(---|ok|FAIL)'; done

.PHONY: format
format: # what gofmt would change
	@$(call say,format)
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not formatted (run make fmt):"; echo "$$files"; exit 1; fi

.PHONY: lint
lint: ## golangci-lint with go vet's checks; Prometheus reads and tests the examples for Prometheus and Grafana
	@$(call say,lint)
	$(TOOL) golangci-lint fmt --diff
	$(TOOL) golangci-lint run
	cd e2e && go tool -modfile=../internal/tools/go.mod golangci-lint run
	go test -C internal/tools/promlint $(FRESH) ./...
	@if command -v promtool >/dev/null; then set -x; promtool test rules examples/prometheus/alerts_test.yml; \
	else echo '!! PROMTOOL IS NOT INSTALLED: THE ALERT RULES WERE NOT TESTED (Debian: the package prometheus)' >&2; [ -z "$${REQUIRE_REAL_REDIS:-}" ]; fi

.PHONY: fmt
fmt: ## Format the code: gofumpt, goimports
	$(TOOL) golangci-lint fmt

.PHONY: gen
gen: ## Write the generated documents again
	go test $(GENERATED) -update

.PHONY: tidy
tidy: # what go mod tidy would change
	@$(call say,go.mod)
	go mod tidy -diff
	go -C e2e mod tidy -diff

.PHONY: verify
verify: tidy ## Are the generated documents, go.mod and the examples current?
	@$(call say,verify)
	go test -count=1 $(GENERATED) ./examples/...

COUNT ?= 1
.PHONY: bench
bench: ## The Go benchmarks, COUNT (1) times; `go tool -modfile=internal/tools/go.mod benchstat A B` compares two outputs
	@go test -run='^$$' -bench=. -benchmem -count=$(COUNT) ./...

# The Redis is a child of this command alone, in a directory of its own.
BENCHFLAGS ?=
.PHONY: figures
figures: ## `worker bench` on a Redis of its own, beside bare asynq (BENCHFLAGS='--scale 0.2 --output json')
	@dir=$$(mktemp -d); go build -o "$$dir/rollcall-worker" ./worker; go build -o "$$dir/rollcall-producer" ./producer; \
	redis-server --port 0 --unixsocket "$$dir/redis.sock" --appendonly yes --save '' --dir "$$dir" >"$$dir/log" & redis=$$!; \
	for n in $$(seq 100); do [ -S "$$dir/redis.sock" ] && break; sleep 0.1; done; \
	"$$dir/rollcall-worker" bench --redis "unix://$$dir/redis.sock?db=0" $(BENCHFLAGS); code=$$?; \
	kill $$redis; wait $$redis 2>/dev/null; rm -rf "$$dir"; exit $$code

# A release: archives, checksums and an SBOM of each program. Its workflow is the only one that publishes it.
GORELEASER := github.com/goreleaser/goreleaser/v2@v2.15.1
CYCLONEDX := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
.PHONY: snapshot
snapshot: ## What a release consists of, in dist/
	@$(MAKE) release SNAPSHOT=--snapshot

.PHONY: release
release: ## Make and publish the release of the tag that is checked out
	@$(call say,release $(SNAPSHOT))
	@bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT; set -x; \
	GOBIN=$$bin go install $(GORELEASER); GOBIN=$$bin go install $(CYCLONEDX); \
	PATH=$$bin:$$PATH "$$bin/goreleaser" release --clean $(SNAPSHOT)

# govulncheck finds nothing in an empty database and calls that good, so it is asked first.
VULNDB ?= https://vuln.go.dev
.PHONY: vuln
vuln: ## Known vulnerabilities in what is compiled in (asks VULNDB)
	@if curl --fail --silent --max-time 20 '$(VULNDB)/index/modules.json' | grep -q '"path"'; \
	then $(TOOL) govulncheck -db='$(VULNDB)' ./...; \
	else echo 'vuln: SKIPPED, NOTHING WAS CHECKED: no entries at $(VULNDB)' >&2; fi

.PHONY: deps
deps:
	@$(call say,what the tests need)
	@bash .ci/deps
