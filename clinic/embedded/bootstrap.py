"""Makes .venv from a lock file: `python bootstrap.py [requirements-dev.txt]`. Runs before anything is installed.

Written so that even a Python 2 reads it and can say that it is too old: status 3, try the next one.
"""

# ruff: noqa: UP031
import sys

OLDEST = (3, 11)
TRY_ANOTHER = 3

if sys.version_info < OLDEST:
    sys.exit(TRY_ANOTHER)

import hashlib  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")


def refuse(sentence):
    sys.stderr.write("Needlepoint cannot be set up: %s\n" % sentence)
    sys.exit(1)


def fingerprint(lock):
    """What an installation must match: the lock's content and where it lives (a moved .venv is broken)."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        return hashlib.sha256(file.read() + VENV.encode()).hexdigest()


def stamp(lock):
    return os.path.join(VENV, "%s.installed" % lock)


def installed(lock):
    try:
        with open(stamp(lock)) as file:
            return file.read() == fingerprint(lock) and os.access(PYTHON, os.X_OK)
    except OSError:
        return False


def works():
    try:
        return subprocess.call([PYTHON, "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"], **QUIET) == 0
    except OSError:
        return False


QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def make_venv():
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        refuse(
            "this Python has no venv module; on Debian and Ubuntu install it with "
            "`apt install python3-venv`, then run the same command again."
        )
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as problem:
        refuse("the folder %s could not be made (%s)." % (VENV, problem))


def install(lock):
    print("Installing %s into .venv (once; about a minute) ..." % lock)
    sys.stdout.flush()
    environ = {k: v for k, v in os.environ.items() if k not in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME")}
    # Nothing is resolved: the lock names every package, and --require-hashes refuses any that it does not name.
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command += ["--require-hashes", "-r", os.path.join(ROOT, lock)]
    try:
        status = subprocess.call(command, env=environ)
    except KeyboardInterrupt:
        status = 130
    if status:
        refuse("the packages could not be installed; pip says why above. Running the same command again goes on.")
    with open(stamp(lock), "w") as file:
        file.write(fingerprint(lock))


def main(lock):
    if installed(lock):
        return
    import fcntl

    folder = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # a second set-up at the same time waits here
    if installed(lock):
        return
    if not works():
        make_venv()
    install(lock)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")
