"""Everything that must hold before a change goes in: style, floors, tests, tests in a browser.

`make test` runs all of it, around servers of its own under var/test; the last line sums up. REQUIRE_BROWSER=1 makes it
a failure that there is no browser. DATABASE_URL and REDIS_URL, where set, are used instead.
"""

# ruff: noqa: S603, T201
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LINT = (
    ("ruff check", [BIN / "ruff", "check", "."]),
    ("ruff format", [BIN / "ruff", "format", "--check", "."]),
    ("floors", [BIN / "lint-imports"]),
)
JOURNEYS = "tests/journeys"
PICTURES = "tests/journeys/take_pictures.py"


def find_browser() -> str | None:
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, BROWSERS)), None)


def lint() -> list[str]:
    """The names of the checks that failed."""
    failed = []
    for name, command in LINT:
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    return failed


def pytest(*arguments: str, **environ: str) -> tuple[bool, str]:
    """Runs pytest; whether it passed, and its own last line. No tests at all (status 5) is no pass."""
    print(f"== pytest {' '.join(arguments)}", flush=True)
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    last = ""
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *colour, *arguments],
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    summary = last.replace("=", "").strip()
    if process.returncode == 5:
        summary = "no tests ran, which counts as a failure"
    return process.returncode == 0, summary


def browser_tests() -> tuple[bool, str]:
    browser = find_browser()
    if browser:
        pictures = os.environ.get("SCREENSHOTS", "") not in ("", "0")
        what = (PICTURES, "-n0") if pictures else (JOURNEYS, "-n", "auto", "--dist", "worksteal")
        return pytest(*what, CHROMIUM=browser, DJANGO_ALLOW_ASYNC_UNSAFE="1")
    required = os.environ.get("REQUIRE_BROWSER", "") not in ("", "0")
    return not required, "NOT RUN, no Chromium found (install one, or name it with CHROMIUM=)"


def all_tests() -> int:
    """Called inside, with the servers running."""
    failed = lint() if "--browser" not in sys.argv else []
    results = []
    if "--browser" not in sys.argv:
        results.append(("tests", *pytest("-n", "auto", f"--ignore={JOURNEYS}")))
    results.append(("browser", *browser_tests()))
    failed += [name for name, passed, _summary in results if not passed]
    line = "; ".join(f"{name}: {summary}" for name, _passed, summary in results)
    print(f"\n{'FAILED (' + ', '.join(failed) + ')' if failed else 'Passed'} - {line}", flush=True)
    return 1 if failed else 0


def main() -> int:
    if "--lint" in sys.argv:
        return 1 if lint() else 0
    if "--inside" in sys.argv:
        return all_tests()
    var = os.environ.get("VAR_DIR") or ROOT / "var" / "test"
    command = [sys.executable, "-m", "clinic.embedded", "run", "--fast", "--var-dir", str(var), "--"]
    # STATIC_ROOT and mail of a test run are nobody's data.
    with tempfile.TemporaryDirectory(prefix="needlepoint-test-") as scratch:
        environ = {**os.environ, "STATIC_ROOT": scratch}
        command += [sys.executable, __file__, "--inside", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
