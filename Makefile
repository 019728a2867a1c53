# Overworld. `make run` starts the example game, `make test` runs the tests.

GO        ?= go
GAME      ?= examples/meadow
VERSION   ?= dev
ARCH      ?= $(shell $(GO) env GOARCH)
PROGRAMS  ?= operator mapserver gateway
FUZZCOUNT ?= 2000
export CGO_ENABLED ?= 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*## "} {printf "  %-12s %s\n", $$1, $$2}'

.PHONY: web
web: ## Build the browser game, where there is Node
	@hack/web.sh

.PHONY: build
build: web ## Build the programs into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/...

.PHONY: run
run: build ## Run the example game: open http://127.0.0.1:8080 (GAME=DIR for another one)
	./bin/overworld run $(GAME)

.PHONY: test
test: needs web assets bin/helm ## Run all tests: unit, race, end to end with real processes, in a browser, a short fuzz
	$(GO) vet ./...
	$(GO) test -race -timeout 20m ./...
	$(GO) test -C hack/image ./...
	cd web && npm run --silent build -w client && npm run --silent test
	hack/fuzz.sh $(FUZZCOUNT)

.PHONY: needs
needs: ## Install what the tests need beside Go (Debian as root; elsewhere it says what is missing)
	@hack/needs.sh

# The API server of the controllers' tests; setup-envtest's will do as well.
.PHONY: assets
assets:
	@test -n "$$KUBEBUILDER_ASSETS" || hack/cluster/cluster assets >/dev/null

.PHONY: fuzz
fuzz: ## Fuzz every target on a hundred thousand inputs
	hack/fuzz.sh 100000

.PHONY: images
images: ## Build the images of the three servers as bin/images/*.tar (ARCH=arm64 for another machine, VERSION for the tag)
	@set -e; for program in $(PROGRAMS); do \
		[ -d cmd/$$program ] || { echo "there is no program cmd/$$program: PROGRAMS lists what images are built of"; exit 1; }; \
		CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) $(GO) build -trimpath -ldflags '-s -w' -o bin/$(ARCH)/$$program ./cmd/$$program; \
		$(GO) run -C hack/image . -ref overworld/$$program:$(VERSION) -version $(VERSION) -arch $(ARCH) \
			-binary $(CURDIR)/bin/$(ARCH)/$$program -o $(CURDIR)/bin/images/$$program.tar; \
	done; ls -sh bin/images

.PHONY: cluster
cluster: ## Start a real Kubernetes on this machine, without Docker (hack/cluster)
	hack/cluster/cluster up

.PHONY: cluster-down
cluster-down: ## Stop it and delete what it stored
	hack/cluster/cluster down --wipe

.PHONY: soak
soak: ## Two minutes of 300 bots on a map whose scripts throw, loop and allocate without bound
	$(GO) test -count 1 -timeout 10m -tags soak -run TestSoak -v ./test/e2e

.PHONY: e2e
e2e: soak scale e2e-cluster ## What is too slow for make test

.PHONY: e2e-cluster
e2e-cluster: needs build images bin/helm ## Install, play, break and delete on a real Kubernetes (KUBECONFIG, or our own)
	hack/e2e.sh

.PHONY: scale
scale: assets ## Measure the operator with SCALE_MAPS (1000) simulated maps on a real API server
	$(GO) test -count 1 -timeout 60m -tags scale -run TestScale -v ./test/scale

.PHONY: bench
bench: ## Measure speed and size, beside the floor (docs/performance.md)
	$(GO) test -run '^$$' -bench . -benchmem ./mapserver/...
	$(GO) run ./test/bench

.PHONY: lint
lint: bin/golangci-lint ## Lint everything
	bin/golangci-lint run ./...

.PHONY: generate
generate: bin/controller-gen ## Write what is generated: CRDs, deep copies, the scripting reference
	bin/controller-gen object paths=./api/... crd paths=./api/... output:crd:dir=config/crd
	bin/controller-gen rbac:roleName=operator paths=./controllers/... output:rbac:dir=config/rbac
	hack/chart.sh
	$(GO) run ./hack/reference

.PHONY: verify
verify: generate ## Check that what is generated is up to date, and the modules tidy
	$(GO) mod tidy -diff
	@git diff --exit-code -- api config charts docs || { echo 'generated files are out of date: run make generate and commit'; exit 1; }

bin/golangci-lint bin/controller-gen bin/helm &: hack/tools/go.mod hack/tools/go.sum
	$(GO) build -C hack/tools -o ../../bin/ tool
	@touch bin/golangci-lint bin/controller-gen bin/helm

.PHONY: picture
picture: build ## Take the README's picture of the game
	cd web/demo && node picture.mjs

.PHONY: clean
clean: ## Remove what was built and the data of make run
	rm -rf bin .overworld
