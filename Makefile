# `make run` starts a whole Needlepoint with a demo clinic; `make test` checks everything. Both need Python 3.11 or newer.
SHELL = /bin/sh
.DEFAULT_GOAL = run
.PHONY: run test lint bench mutants screenshots messages lock clean

# The first Python that is new enough makes .venv; status 3 means: too old, try the next.
define set-up
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
		$$python -c '' >/dev/null 2>&1 || continue; \
		status=0; $$python clinic/embedded/bootstrap.py $(1) || status=$$?; \
		[ $$status -eq 3 ] || exit $$status; \
	done; \
	echo "Needlepoint cannot be set up: it needs Python 3.11 or newer and there is none on the PATH; install one, or name it with PYTHON=/path/to/python3." >&2; exit 1
endef

run:
	$(call set-up,requirements.txt)
	@exec .venv/bin/python manage.py up

test:
	$(call set-up,requirements-dev.txt)
	@.venv/bin/python .ci/checks.py

lint:
	$(call set-up,requirements-dev.txt)
	@.venv/bin/python .ci/checks.py --lint

bench:
	$(call set-up,requirements-dev.txt)
	@for name in screening planner availability booking messages; do \
		echo "== $$name"; \
		.venv/bin/python -m clinic.embedded run --var-dir var/bench -- .venv/bin/python -m bench.$$name || exit 1; \
	done

mutants:
	$(call set-up,requirements-dev.txt)
	@.venv/bin/python -m bench.mutants

screenshots:
	$(call set-up,requirements-dev.txt)
	@SCREENSHOTS=1 .venv/bin/python .ci/checks.py --browser

messages:
	$(call set-up,requirements-dev.txt)
	@.venv/bin/python -m clinic.embedded run --fast --var-dir var/test -- .venv/bin/python manage.py extract_messages

lock:
	$(call set-up,requirements-dev.txt)
	@for name in requirements requirements-dev; do \
		UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --generate-hashes \
			--no-emit-index-url --python-version 3.11 $(LOCK_OPTIONS) $$name.in -o $$name.txt || exit 1; \
	done

# The data of `make run` in var/ is not touched.
clean:
	rm -rf .venv var/test var/bench .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
