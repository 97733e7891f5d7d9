"""How fast messages go out, and whether killing what sends them doubles or loses any.

    python bench/messages.py                                    10,000 messages, 200 kills of Celery workers and beats
    python bench/messages.py --messages 4000 --kills 0 --clean --latency 0.15 --workers 2 --threads 16
    python bench/messages.py --messages 300 --kills 0 --clean --spread 120 --real-times
    python bench/messages.py --crew senders --behave 500=5 --behave drop_made=5

Runs on a database of its own beside the one of DATABASE_URL, made for the run and dropped afterwards, and on a Valkey
of its own. The provider is a fake one over HTTP on this machine; its log is the judge. But for `--real-times` leases,
doubt and ticks are squeezed from minutes into seconds.
"""

import argparse
import datetime as dt
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

TARGETS = {
    "duplicates": "0", "lost": "0", "believed unsent": "0", "in doubt": "0", "per second": "50 with 8 threads, 200 with 32",
    "bound to another's": "0", "claim to made max, s": "< lease + doubt + second look: 420, squeezed 5",
    "CPU ms per message": "< 3", "due to accepted p99, s": "< 10 unloaded", "doubt settled max, s": "< 600 in real times",
}  # fmt: skip
REAL = {
    "lease_seconds": 60, "margin_seconds": 15, "doubt_seconds": 300, "absent_seconds": 60, "read_timeout": 10,
    "connect_timeout": 3.05, "backoff_seconds": [5, 30, 120, 600, 1800], "sweep_seconds": 45, "apart_seconds": 2,
}  # fmt: skip
LATER = dt.timedelta(hours=5)


def main() -> None:
    options = arguments()
    import django

    django.setup()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        found = drill(options)
    finally:
        runner.teardown_databases(databases)
    show(options, found)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crew", choices=["celery", "senders"], default="celery", help="what sends: Celery, or loops")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--every", type=float, default=1.0, help="seconds at most between two kills")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--beats", type=int, default=2)
    parser.add_argument("--concurrency", type=int, default=2, help="processes of each Celery worker")
    parser.add_argument("--threads", type=int, default=8, help="of each sweep; as many sweeps at once as workers")
    parser.add_argument("--latency", type=float, default=0.05, help="of the provider, seconds")
    parser.add_argument("--failures", type=float, default=22, help="per cent of POSTs that go wrong")
    parser.add_argument(
        "--behave", action="append", default=[], metavar="HOW=PER_CENT", help="of one kind of failure, instead"
    )
    parser.add_argument("--clean", action="store_true", help="a provider that never fails")
    parser.add_argument("--spread", type=float, default=0, help="come due over so many seconds instead of at once")
    parser.add_argument("--real-times", action="store_true", help="leases, doubt and ticks as in production")
    parser.add_argument("--limit", type=float, default=3600, help="give up after so many seconds")
    return parser.parse_args()


def weights(options: argparse.Namespace) -> dict[str, float]:
    """Per cent of POSTs by behaviour of the provider."""
    from tests.faults.test_kill import FAILURES

    if options.clean:
        return {"201": 100}
    if options.behave:
        wrong = {how: float(share) for how, _is, share in (one.partition("=") for one in options.behave)}
    else:
        usual = {how: share for how, share in FAILURES.items() if how != "201"}
        wrong = {how: share * options.failures / sum(usual.values()) for how, share in usual.items()}
    return {"201": 100 - sum(wrong.values())} | wrong


def drill(options: argparse.Namespace) -> dict:
    from tests.faults import drill, test_kill
    from tests.faults.fake_provider import FakeProvider
    from tests.faults.fleet import Fleet, ticks, wait_until

    test_kill.queue(options.messages)
    shares, chance = weights(options), random.Random(11)
    behave = lambda _to, _number: chance.choices(list(shares), shares.values())[0]  # noqa: E731
    hang = 12 if options.real_times else 2
    with (
        FakeProvider(behave=behave, latency=options.latency, hang_seconds=hang) as fake,
        tempfile.TemporaryDirectory(prefix="needlepoint-bench-") as folder,
    ):
        times = REAL if options.real_times else {}
        own = {"threads": options.threads, "sweeps": options.workers} | times
        celery = {} if options.real_times else ticks(0.5)
        env = drill.environment(fake, settings_too=celery, **own)
        if options.crew == "celery":
            crew = Fleet(
                Path(folder), env, workers=options.workers, beats=options.beats, concurrency=options.concurrency
            )
        else:
            crew = drill.Senders(env, workers=options.workers, threads=options.threads)
        put_off(LATER)
        with crew:
            if options.crew == "celery":
                wait_until(lambda: len(crew.up("worker")) == options.workers and crew.up("beat"), 120)
            due = come_due(options.spread)
            marks: list[tuple[float, int]] = []
            threading.Thread(target=watch_posts, args=[fake, marks], daemon=True).start()
            before = crew.cpu()
            ran = drill.run(
                fake, crew, kills=options.kills, every=(0.02, options.every), limit=options.limit + options.spread
            )
            used = crew.cpu() - before
        print(*drill.doubled(fake), sep="\n", flush=True)
        return {
            **drill.judge(fake),
            **{f"kills of {kind}": count for kind, count in sorted(ran["kills"].items())},
            **{f"  {what} of a worker": count for what, count in sorted(getattr(crew, "kinds", {}).items())},
            "workers that gave up": getattr(crew, "given_up", 0),
            "POSTs": len(fake.posts),
            "seconds": round(ran["seconds"], 1),
            "per second": round(busiest(marks), 1),
            "CPU ms per message": round(1000 * used / options.messages, 2),
            "claim to made max, s": round(drill.slowest(fake), 2),
            **delays(due),
        }


def put_off(by: dt.timedelta) -> None:
    from clinic.messaging.models import Message

    Message.objects.update(due_at=dt.datetime.now(dt.UTC) + by)


def come_due(spread: float) -> dict[str, dt.datetime]:
    """Now that everybody is up. Returns when each message comes due, by its code."""
    from clinic.messaging.models import Message

    now = dt.datetime.now(dt.UTC)
    codes = list(Message.objects.values_list("code", flat=True))
    if spread:
        for number, code in enumerate(codes):
            moment = now + dt.timedelta(seconds=spread * number / len(codes))
            Message.objects.filter(code=code).update(due_at=moment)
    else:
        Message.objects.update(due_at=now)
    return dict(Message.objects.values_list("code", "due_at"))


def delays(due: dict[str, dt.datetime]) -> dict[str, float]:
    """Seconds from due to accepted; and from an attempt whose outcome nobody saw to the day it was known."""
    from clinic.messaging.models import Attempt, Message

    accepted = dict(Message.objects.exclude(accepted_at=None).values_list("code", "accepted_at"))
    waited = sorted((at - due[code]).total_seconds() for code, at in accepted.items())
    doubtful: dict[str, dt.datetime] = {}
    for code, began in Attempt.objects.filter(outcome__in=["", "unknown"]).values_list("message__code", "started_at"):
        doubtful[code] = min(began, doubtful.get(code, began))
    settled = sorted((accepted[code] - began).total_seconds() for code, began in doubtful.items() if code in accepted)
    return {
        "due to accepted p50, s": quantile(waited, 0.5),
        "due to accepted p99, s": quantile(waited, 0.99),
        "were in doubt": len(doubtful),
        "doubt settled p50, s": quantile(settled, 0.5),
        "doubt settled p99, s": quantile(settled, 0.99),
        "doubt settled max, s": quantile(settled, 1.0),
    }


def quantile(ordered: list[float], part: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2) if ordered else 0.0


def watch_posts(fake, marks: list[tuple[float, int]]) -> None:
    """The provider's count every second."""
    while True:
        marks.append((time.monotonic(), len(fake.posts)))
        time.sleep(1)


def busiest(marks: list[tuple[float, int]]) -> float:
    """POSTs a second over the best ten seconds: sending, without the waiting for what is in doubt."""
    span = min(10, max(1, len(marks) - 1))
    pairs = zip(marks, marks[span:], strict=False)
    return max(((later - sooner) / (end - begin) for (begin, sooner), (end, later) in pairs), default=0.0)


def show(options: argparse.Namespace, found: dict) -> None:
    crew = f"{options.workers} {'Celery workers' if options.crew == 'celery' else 'senders'}"
    beats = f", {options.beats} beats" if options.crew == "celery" else ""
    how = "never failing" if options.clean else ", ".join(f"{how} {part:g} %" for how, part in weights(options).items())
    print(f"\n{crew} × {options.threads} threads{beats}; provider {options.latency * 1000:.0f} ms: {how}")
    print(f"{'':26}{'measured':>12}   target")
    for name, value in found.items():
        print(f"{name:26}{value:>12}   {TARGETS.get(name, '')}".rstrip())
    sys.exit(1 if found["duplicates"] or found["lost"] else 0)


if __name__ == "__main__":
    main()
