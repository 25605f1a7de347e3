# What a newcomer and CI need. On a fresh Debian machine with Go and make:
#
#   make demo     a day in a simulated town, with the real program; KEEP=1 stays up
#   make test     every test, with the race detector where it pays
#   make kill     kills the program at every kind of request, and at random
#   make torture  every fault at every boundary between two effects; docs/torture.md
#   make patterns measures coding by pattern on published postings (BYSKRIVER_SPEND)
#
# and also: setup, build, lint, vuln, bench, race, clean.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

# Go is found where its own installer puts it, too, and every tool by its path.
GO     ?= $(firstword $(shell command -v go) $(wildcard /usr/local/go/bin/go) go)
TOOLS  := $(CURDIR)/.cache/bin
BINARY := bin/byskriver
WITNESS := bin/byskriver-vidne

STATICCHECK_VERSION   := v0.8.2
GOLANGCI_LINT_VERSION := v2.15.0
GOVULNCHECK_VERSION   := v1.1.4
STATICCHECK   := $(TOOLS)/staticcheck-$(STATICCHECK_VERSION)
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)

# axe-core holds the pages for leaders and IT against WCAG in the tests' browser. It is
# fetched from the npm registry by its digest, and is no part of the program.
AXE_VERSION := 4.14.1
AXE_SHA512  := 1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
AXE         := $(CURDIR)/.cache/axe/axe.min.js
GOVULNCHECK   := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)

# Without cgo, as the programs are built, so that everything is compiled once; the
# race detector alone needs it.
export CGO_ENABLED := 0

# Flags for every go test, such as TESTFLAGS=-v.
TESTFLAGS ?=
# The longest that one package's tests may take.
TIMEOUT ?= 40m

.PHONY: setup build demo test race day torture kill vet lint vuln bench patterns clean

# Programs that the demo and the tests drive: what shows that each is there, and
# the Debian package that brings it. gcc is for the race detector alone.
NEEDED := \
	/usr/bin/chromium:chromium \
	/usr/bin/soffice:libreoffice-calc-nogui \
	/usr/bin/pdftotext:poppler-utils \
	/usr/bin/Xvfb:xvfb \
	/usr/bin/xmlsec1:xmlsec1 \
	/usr/bin/s3270:s3270 \
	/usr/bin/tesseract:tesseract-ocr \
	/usr/lib/postgresql:postgresql \
	/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core \
	/usr/share/fonts/truetype/liberation:fonts-liberation \
	/usr/bin/gcc:gcc \
	/usr/include/stdlib.h:libc6-dev \
	/usr/bin/curl:curl \
	/usr/bin/git:git

setup:
	@command -v $(GO) >/dev/null || { echo "Go is missing: install it as go.dev/doc/install says ($$(sed -n 's/^go /Go /p' go.mod) or newer)" >&2; exit 1; }
	@missing=(); \
	for n in $(NEEDED); do [ -e "$${n%%:*}" ] || missing+=("$${n##*:}"); done; \
	[ $${#missing[@]} -gt 0 ] || exit 0; \
	as=(); [ "$$(id -u)" = 0 ] || as=(sudo); \
	if [ ! -e /etc/debian_version ] || ! command -v apt-get >/dev/null || { [ $${#as[@]} -gt 0 ] && ! command -v sudo >/dev/null; }; then \
		for n in $(NEEDED); do [ -e "$${n%%:*}" ] || echo "missing: $${n%%:*} (Debian: apt-get install $${n##*:})" >&2; done; \
		exit 1; \
	fi; \
	echo "installing $${missing[*]}"; \
	export DEBIAN_FRONTEND=noninteractive; \
	"$${as[@]}" apt-get -qq update; \
	"$${as[@]}" apt-get -qq install -y --no-install-recommends "$${missing[@]}"
	@$(MAKE) -s $(AXE) || echo "axe-core could not be fetched: tests of the pages will say that they were skipped" >&2

$(AXE):
	@mkdir -p $(@D)
	@curl -sSfL --max-time 120 -o $(@D)/axe.tgz https://registry.npmjs.org/axe-core/-/axe-core-$(AXE_VERSION).tgz
	@echo "$(AXE_SHA512)  $(@D)/axe.tgz" | sha512sum --check --quiet
	@tar -xzf $(@D)/axe.tgz -C $(@D) --strip-components=1 package/axe.min.js

build:
	@$(GO) build -buildvcs=auto -o $(BINARY) .
	@$(GO) build -buildvcs=auto -o $(WITNESS) ./runner/vidne

demo: setup build
	@$(GO) run ./fixtures/demo -binary $(BINARY) -out demo-out$(if $(KEEP), -keep)

# The race detector pays where goroutines share what the program owns: there, and
# not where a package reckons by itself or waits for a browser. `make race` runs it
# everywhere. It makes tests five to ten times as slow, so that those of UNRACED, which
# live through months of orders or feed a parser, run without it: what they do at the
# same time, their shorter neighbours do too. Every test runs once.
RACED   = byskriver/runner/(engine|store|clock|seal|config)
PARTLY  = byskriver/runner/cli|byskriver/robots/invoice
UNRACED = ^Test(AlarmFromBeginningToEnd|LateRun)$$|^TestAttest(Year|Answers|StoreClean|Orders|Batches|LeavesNoBytes|PersonnelCases|Payroll|SameMessage)$$|^TestRetention$$|^TestRetentionLeavesWork$$|^TestTheSixtysCodes$$|^TestUnfinishedNames$$|^TestOdd(Names|Files)$$|^TestChangedInvoicesAreRefusedWithAReason$$

test: setup build vet
	@raced=$$($(GO) list ./... | grep -xE '$(RACED)|$(PARTLY)'); \
	partly=$$($(GO) list ./... | grep -xE '$(PARTLY)'); \
	rest=$$($(GO) list ./... | grep -vxE '$(RACED)|$(PARTLY)'); \
	status=0; \
	$(GO) test -parallel 3 -timeout $(TIMEOUT) $(TESTFLAGS) $$rest || status=$$?; \
	$(GO) test -run '$(UNRACED)' -timeout $(TIMEOUT) $(TESTFLAGS) $$partly || status=$$?; \
	CGO_ENABLED=1 $(GO) test -race -skip '$(UNRACED)' -timeout $(TIMEOUT) $(TESTFLAGS) $$raced || status=$$?; \
	exit $$status

race: setup build
	@CGO_ENABLED=1 $(GO) test -race -timeout 60m $(TESTFLAGS) ./runner/... ./robots/... ./schedules/... ./selectors

# A day of 5,000 invoices in a town with troubles; DAY=500 for a shorter one.
DAY ?= 5000
day: setup build
	@BYSKRIVER_DAY=$(DAY) $(GO) test -v -count=1 -timeout 6h -run 'TestDay$$' ./fixtures/demo/rehearsal/invoice

# Killed a hundred times at random, and at both sides of every kind of request.
kill: setup build
	@BYSKRIVER_KILLS=100 $(GO) test -v -count=1 -timeout 2h -run Killed ./fixtures/demo/rehearsal/...

# Each robot, each boundary between two effects, each fault, and pairs, in one process;
# then the real binary is killed from outside. The table goes into docs/torture.md.
CASES ?= 2000
PAIRS ?= 700
torture: setup build
	@$(GO) run ./fixtures/torture/run -cases $(CASES) -pairs $(PAIRS) $(if $(SEED),-seed $(SEED)) $(if $(WITHIN),-within $(WITHIN)) -table docs/torture.md
	@$(GO) test -v -count=1 -timeout 2h -run Killed ./fixtures/demo/rehearsal/...

vet:
	@$(GO) vet ./...

lint: vet $(STATICCHECK) $(GOLANGCI_LINT)
	@unformatted=$$($$($(GO) env GOROOT)/bin/gofmt -l $$(git ls-files '*.go')); \
	[ -z "$$unformatted" ] || { echo "not formatted by gofmt: $$unformatted" >&2; exit 1; }
	@$(STATICCHECK) ./...
	@$(GOLANGCI_LINT) run ./...

$(STATICCHECK):
	@mkdir -p $(TOOLS)
	@GOBIN=$(TOOLS) $(GO) install honnef.co/go/tools/cmd/staticcheck@$(STATICCHECK_VERSION) && mv $(TOOLS)/staticcheck $@

$(GOLANGCI_LINT):
	@mkdir -p $(TOOLS)
	@GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION) && mv $(TOOLS)/golangci-lint $@

# Known vulnerabilities in what the programs are linked from. Fails too where the
# database cannot be reached: then nothing was checked.
vuln: build $(GOVULNCHECK)
	@.ci/vuln $(GOVULNCHECK) $(BINARY) $(WITNESS)

$(GOVULNCHECK):
	@mkdir -p $(TOOLS)
	@GOBIN=$(TOOLS) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) && mv $(TOOLS)/govulncheck $@

# Figures are worth something only together with how they were taken.
bench: setup build
	@echo "$$(nproc) cores, $$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $$($(GO) env GOVERSION), $$(uname -sr), load $$(cut -d' ' -f1-3 /proc/loadavg)"
	@if command -v npm >/dev/null && [ ! -d fixtures/pages/bench/node_modules ]; then (cd fixtures/pages/bench && npm ci --silent --no-audit --no-fund); fi
	@$(GO) test -run '^$$' -bench . -benchmem -timeout 30m -p 1 $(TESTFLAGS) ./...

# Coding by pattern, held against a county's published postings, which are not part
# of the project. The picture is the one in the robot's README.
YEAR ?= 2024
patterns:
	@[ -n "$${BYSKRIVER_SPEND:-}" ] || { echo "BYSKRIVER_SPEND must name the folder with devon_2022-2024_3y.csv.gz" >&2; exit 1; }
	@$(GO) run ./robots/invoice/patterns/measure -year $(YEAR) -svg robots/invoice/patterns.svg

clean:
	@rm -rf bin demo-out .cache
