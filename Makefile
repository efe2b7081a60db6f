# SPDX-License-Identifier: Apache-2.0
# `make` alone lists the targets.

.PHONY: help build run cluster-demo deb install test-service test-image soak test fuzz lint format screenshots measure-page \
	load bench bench-check bench-cut bench-orders bench-scaling peers autobahn clean

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## install what is missing and build the daemon and its companion
	@scripts/install-dependencies build
	swift build -c release --product tickriskd
	swift build -c release --product tickrisk

run: build ## live dashboard on replayed real prices: publisher, daemon, page
	@scripts/run-demo

deb: build ## .build/packages/tickrisk_VERSION_ARCHITECTURE.deb
	@scripts/install-dependencies package
	@scripts/make-deb

install: build ## lay everything out: DESTDIR=/tmp/tree PREFIX=/usr
	@scripts/install-tree "$(DESTDIR)" "$(or $(PREFIX),/usr)"

test-service: deb ## the package in a clean Debian under a real systemd (needs root)
	@scripts/test-service

test-image: deb ## the container image, built by buildah and run (needs root)
	@scripts/test-image .build/packages/tickrisk_$$(scripts/version)_$$(dpkg --print-architecture).deb

soak: build ## load, orders, churn, restarts and reloads together: MINUTES=10
	@scripts/install-dependencies test
	@scripts/soak $(or $(MINUTES),10)

test: ## install what is missing and run every test
	@scripts/install-dependencies test
	@scripts/run-tests

fuzz: ## what outsiders may send, at every parser: SECONDS=600 TARGET="Ticks Frames"
	swift build -c release --build-tests
	@scripts/fuzz $(or $(SECONDS),30) $(TARGET)

lint: ## formatter settings and shell syntax
	@scripts/lint

format: ## reformat the Swift sources
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

screenshots: build ## pictures of every view, two of them into docs/images
	@scripts/install-dependencies test
	@scripts/screenshots

measure-page: build ## how fast the dashboard opens and how steadily it runs: MINUTES=10
	@scripts/install-dependencies test
	@scripts/measure-page --minutes $(or $(MINUTES),1)

load: build ## load runs and the rows of the table of goals
	@scripts/run-load

bench: ## every piece of the hot path: times, allocations, bytes
	@scripts/install-dependencies build
	@scripts/bench

bench-check: ## whether a piece allocates, or a frame grew: counts against Benchmarks/Thresholds
	@scripts/install-dependencies build
	@scripts/bench --check

peers: build ## rings, VaR, ingest and fan-out beside others, in turns
	@scripts/bench-peers

bench-cut: ## the cost of a cut, beside numpy on the same book
	@scripts/bench-cut

bench-scaling: build ## how a node's cost grows with accounts, instruments, cores and clients
	@scripts/bench-scaling

bench-orders: build ## whether 1,000 orders a second slow the ticks
	@scripts/bench-orders

autobahn: ## Autobahn's WebSocket test suite, all groups (needs Python 2.7)
	@scripts/install-dependencies build
	swift build -c release --product AutobahnEcho
	@scripts/autobahn

clean: ## remove build products
	rm -rf .build
