# What a person or a CI machine runs. Needs GNU make 4.3, a POSIX shell, gcc and rustup's toolchain; `make setup` does the rest.

CARGO  ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)

# The tools that tests/setup built for this tree come before the machine's own.
export PATH := $(CURDIR)/.setup/cargo/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo test test-build test-roots test-dist lint bench fuzz screenshots dist reproduce windows test-windows

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22
	@echo
	@echo '  make demo ONCE=1              end after the first full report'
	@echo '  make demo DOMAIN=example.org  also look at a domain from outside, passively'
	@echo '  make fuzz SECONDS=600         ten minutes each'
	@echo '  make dist KEY=minisign.key PASSPHRASE_FILE=FILE   signed; QUICK=1: unoptimised, to try packages'
	@echo '  make lint ADVISORY_DB=fetch   also check known vulnerabilities (or a folder, or a .tar.gz)'

setup: ## install what the build needs (only what is missing)
	@sh tests/setup/build.sh

setup-test: setup ## install what the tests need as well
	@sh tests/setup/tests.sh

demo: setup ## a collector and an agent on this machine, and the address of the dashboard
	$(CARGO) build --locked -p vedetta-agent -p vedetta-collector
	@exec $(TARGET)/debug/vedetta-collector demo --agent $(TARGET)/debug/vedetta-agent --state .demo \
		$(if $(ONCE),--once) $(if $(DOMAIN),--domain '$(DOMAIN)')

# The journeys run the two real programs, so these are built before any test starts.
test-build: setup-test
	$(CARGO) build --locked --workspace --bins
	@if command -v cargo-nextest >/dev/null; then set -- nextest run; else set -- test; fi; \
		set -x; $(CARGO) "$$@" --locked --workspace --no-run

test: test-build ## run every test
	$(CARGO) test --locked --workspace --doc
	@if command -v cargo-nextest >/dev/null; then set -- nextest run --no-fail-fast; else set -- test --lib --bins --tests --no-fail-fast; fi; \
		set -x; $(CARGO) "$$@" --locked --workspace

test-roots: setup-test ## missing updates on every Debian root beside apt, and what lynis says of the same roots
	@sh tests/setup/roots.sh bookworm trixie bullseye
	$(CARGO) build --locked -p vedetta-agent
	$(CARGO) test --locked -p vedetta-tests --test roots -- --include-ignored --nocapture

test-dist: setup-test ## the packages: installed, enrolled, upgraded, left and purged on clean Debian 11, 12 and 13 roots
	@MACHINES='x86_64 aarch64' sh tests/dist/dist.sh
	@sh tests/setup/lifecycle.sh
	@sh tests/dist/lifecycle/earlier.sh
	$(CARGO) test --locked -p vedetta-tests --test lifecycle -- --include-ignored --nocapture --test-threads 1

lint: setup ## formatting, clippy, dependencies, documentation: every warning is an error
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	sh tests/setup/deny.sh
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --workspace --no-deps

bench: setup-test ## speed and memory, as ratios within one run
	sh tests/bench/run.sh

fuzz: setup ## hostile bytes into every parser, a minute each
	@sh tests/fuzz/run.sh $(or $(SECONDS),60)

screenshots: setup ## pictures of every page, by headless Chromium
	sh tests/setup/screenshots.sh

windows: setup ## the agent for Windows: program and MSI in target/packages
	@sh tests/dist/windows.sh $(if $(QUICK),dev,dist)

test-windows: setup-test windows ## that program under wine, as a service, against a real collector
	@sh tests/setup/wine.sh
	$(CARGO) build --locked -p vedetta-collector
	$(CARGO) test --locked -p vedetta-tests --test windows -- --ignored --nocapture --test-threads=1

dist: setup ## packages for Debian, RPM and others, both processors, into target/packages (root: it builds in a Debian 13 of its own)
	@KEY='$(KEY)' PASSPHRASE_FILE='$(PASSPHRASE_FILE)' QUICK='$(QUICK)' PACKAGE_VERSION='$(PACKAGE_VERSION)' sh tests/dist/dist.sh

reproduce: setup ## build everything twice, from nothing, and compare every digest
	sh tests/dist/reproduce.sh
