"""``manage.py up``: a whole Needlepoint on one machine, until Ctrl-C.

Starts before Django does: the settings need the database that it starts.
"""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from clinic.embedded.places import Places, Refusal
from clinic.embedded.ports import must_be_free
from clinic.embedded.processes import Process, follow_parent
from clinic.embedded.servers import Servers
from clinic.embedded.signals import Stopped, stop_on_signals
from clinic.embedded.watch import Watch

BASE_DIR = Path(__file__).resolve().parent.parent.parent
FALSE = {"0", "false", "no", "off"}
SIGN_INS = "run/demo-sign-ins.txt"
ANSWERS_WITHIN = 60  # seconds


def say(sentence: str) -> None:
    print(sentence, flush=True)


def main() -> int:
    """0 after Ctrl-C or SIGTERM, 1 with one sentence where it cannot run."""
    stop_on_signals()
    try:
        host, port = address(os.environ)
        must_be_free(host, port)
        places = Places.of(os.environ.get("VAR_DIR") or BASE_DIR / "var")
        with Servers(places, say=say) as servers:
            env = {
                **os.environ,
                **servers.variables,
                "HOST": host,
                "PORT": str(port),
                "DEMO_SIGN_INS_FILE": str(places.var / SIGN_INS),
            }
            prepare(env)
            children = [web(places, env, host, port), worker(places, env), beat(places, env)]
            with Watch(servers, children, say=say) as watch:
                wait_until_it_answers(children[0], f"http://{reachable(host)}:{port}/livez")
                announce(places, env, f"http://{reachable(host)}:{port}")
                watch.forever()
    except Stopped:
        say("Stopped. Your data is kept.")
        return 0
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 1


def address(environ: Mapping[str, str]) -> tuple[str, int]:
    port = environ.get("PORT", "").strip() or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refusal(f"PORT is {port!r}; use a number from 1 to 65535.")
    return environ.get("HOST", "").strip() or "127.0.0.1", int(port)


def reachable(host: str) -> str:
    """The address to open on this machine, for one that stands for all of its addresses."""
    plain = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}.get(host, host).strip("[]")
    return f"[{plain}]" if ":" in plain else plain


def prepare(env: Mapping[str, str]) -> None:
    say("Preparing …")
    child = subprocess.Popen(
        [sys.executable, "manage.py", "prepare"],
        cwd=BASE_DIR,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=follow_parent(15),  # noqa: PLW1509
    )
    try:
        status = child.wait()
    except Stopped:
        child.terminate()
        child.wait()
        raise
    if status:
        raise Refusal("The preparation above failed, so nothing was started.")


def web(places: Places, env: Mapping[str, str], host: str, port: int) -> Process:
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--respawn-failed-workers"]
    command += ["--host", host.strip("[]"), "--port", str(port), "--workers", env.get("WEB_WORKERS") or "2"]
    command += ["--blocking-threads", env.get("WEB_THREADS") or "8", "--workers-kill-timeout", "5"]
    command += ["clinic.wsgi:application"]
    return Process("web", command, log=places.log / "web.log", env=env, cwd=BASE_DIR)


def worker(places: Places, env: Mapping[str, str]) -> Process:
    command = [sys.executable, "-m", "celery", "-A", "clinic.celery", "worker", "--loglevel", "info"]
    command += ["--concurrency", env.get("WORKERS") or "2", "--without-gossip", "--without-mingle"]
    return Process("worker", command, log=places.log / "worker.log", env=env, cwd=BASE_DIR)


def beat(places: Places, env: Mapping[str, str]) -> Process:
    command = [sys.executable, "-m", "celery", "-A", "clinic.celery", "beat", "--loglevel", "info", "--pidfile="]
    command += ["--scheduler", "clinic.heartbeat:Scheduler"]
    env = {**env, "BEAT_HEARTBEAT": str(places.run / "beat-heartbeat")}
    return Process("beat", command, log=places.log / "beat.log", env=env, cwd=BASE_DIR)


def wait_until_it_answers(process: Process, url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + ANSWERS_WITHIN
    while process.alive and time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=5):
                return
        except urllib.error.HTTPError as problem:
            raise Refusal(f"{url} answers {problem.code}; {process.log} says why.") from None
        except OSError:
            time.sleep(0.05)
    raise Refusal(f"The web server does not answer on {url}; {process.log} says why:\n{process.last_words()}")


def announce(places: Places, env: Mapping[str, str], url: str) -> None:
    say(f"\nNeedlepoint is ready on {url}")
    sign_ins = places.var / SIGN_INS
    if (
        env.get("DEMO", "").casefold() not in FALSE
        and sign_ins.exists()
        and (rows := sign_ins.read_text(encoding="utf-8").rstrip())
    ):
        say(f"\nDemo sign-ins on {url}/staff/sign-in/ (role, email, password):\n{rows}")
    if not env.get("TWILIO_ACCOUNT_SID"):
        say(f"\nMessages to patients appear on {url}/demo/phone/")
    say(f"Data: {places.var}   Logs: {places.log}   Stop: Ctrl-C\n")
