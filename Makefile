# Each target does all of its own set-up: on a bare Debian 12 with Node 20, as root, nothing else needs to be typed.
.PHONY: setup build check types lint format unit test vm-test demo lab bench bench-vm clean deb sim sim-night

setup:
	@bash scripts/setup.sh

build: setup

# Types, lint, tidiness, unit tests: under a minute.
check: setup
	@$(MAKE) --no-print-directory -j types lint format
	@node_modules/.bin/vitest run --project unit

types:
	@node_modules/.bin/tsc -p . --incremental --tsBuildInfoFile node_modules/.cache/types.tsbuildinfo

lint:
	@node_modules/.bin/oxlint --quiet

format:
	@node_modules/.bin/prettier --check --log-level warn --cache --cache-location node_modules/.cache/prettier/checked .

# Every level that runs on this machine; a level that was skipped fails it, unless ALLOW_SKIP=1.
test: setup
	@bash scripts/test.sh

# Real kernels: volume groups, ipvlan, watchdogs, systemd. FILES=tutorial runs what is named so. Skipped where there is no QEMU, unless VM_REQUIRED=1.
vm-test:
	@bash test/vm/test.sh $(FILES)

demo: setup
	@bash test/lab/prepare.sh
	@node_modules/.bin/tsx test/demo/main.ts

# Two nodes to play with: test/lab/lab exec node1 -- om cluster status
lab: setup
	@bash test/lab/prepare.sh
	@test/lab/lab up

# Ratios from one run; JSON=FILE writes them too.
bench: setup
	@bash test/lab/prepare.sh
	@node_modules/.bin/tsx bench/main.ts $(if $(JSON),--json $(JSON))

# Where the time of a switch goes, on virtual machines: five minutes; JSON=FILE writes the figures too.
bench-vm: deb
	@bash test/lab/prepare.sh
	@bash test/vm/deps.sh
	@node_modules/.bin/tsx bench/vm.ts $(if $(JSON),--json $(JSON))

# longshore_VERSION_ARCH.deb in dist-deb, for the Node that builds it.
deb: setup
	@bash packaging/tools.sh
	@node_modules/.bin/tsx packaging/build.ts

# Whole clusters on virtual time: SEEDS=2000 NODES=3 [WITNESS=1] [QUORUM=off] [FENCING=1] [SELF_FENCE=stop|reboot|watchdog] [PROFILE=default|slow|fast]
# [MINUTES=30] [SEED_BASE=n]; BUDGET=60 tries as many of all kinds as fit into so many seconds; SEED=n TRACE=1 tells one seed's story, MUTATIONS=1 what
# catches each broken rule. As one file it takes a third less.
sim: setup
	@node_modules/.bin/esbuild test/sim/main.ts --bundle --packages=external --platform=node --target=node20 --format=esm \
		--outfile=node_modules/.cache/sim/main.new.mjs --log-level=warning
	@mv node_modules/.cache/sim/main.new.mjs node_modules/.cache/sim/main.mjs
	@SEEDS=$(SEEDS) NODES=$(NODES) WITNESS=$(WITNESS) QUORUM=$(QUORUM) FENCING=$(FENCING) SELF_FENCE=$(SELF_FENCE) PROFILE=$(PROFILE) \
		MINUTES=$(MINUTES) SEED_BASE=$(SEED_BASE) SEED=$(SEED) TRACE=$(TRACE) MUTATIONS=$(MUTATIONS) BUDGET=$(BUDGET) node node_modules/.cache/sim/main.mjs

# Hours of it, from seeds that were not tried before.
sim-night: setup
	@node_modules/.bin/tsx test/sim/night.ts

clean:
	rm -rf dist dist.new dist.old dist-deb coverage
