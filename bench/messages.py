"""How fast messages go out, and whether killing the senders doubles or loses any.

    python bench/messages.py --messages 10000 --kills 200
    python bench/messages.py --messages 2000 --kills 0 --clean --latency 0.15 --threads 32

Runs on a database of its own beside the one of DATABASE_URL, made for the run and dropped afterwards. The provider is a
fake one over HTTP on this machine; its log is the judge.
"""

import argparse
import os
import random
import resource
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

CLEAN = {"201": 1}
TARGETS = {"per second": "50 with 8 threads, 200 with 32", "CPU ms per message": "< 3", "duplicates": "0", "lost": "0"}


def main() -> None:
    options = arguments()
    import django

    django.setup()
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        show(options, drill(options))
    finally:
        runner.teardown_databases(databases)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=16, help="per worker")
    parser.add_argument("--latency", type=float, default=0.05, help="of the provider, seconds")
    parser.add_argument("--failures", type=int, default=22, help="per cent of POSTs that go wrong")
    parser.add_argument("--clean", action="store_true", help="a provider that never fails")
    parser.add_argument("--limit", type=float, default=1800, help="give up after so many seconds")
    return parser.parse_args()


def drill(options: argparse.Namespace) -> dict:
    from tests.faults import drill, test_kill
    from tests.faults.fake_provider import FakeProvider

    test_kill.queue(options.messages)
    weights = dict(test_kill.FAILURES)
    good = weights.pop("201")
    scale = options.failures / (100 - good)
    weights = CLEAN if options.clean else {"201": 100 - options.failures} | {k: v * scale for k, v in weights.items()}
    chance = random.Random(11)
    behave = lambda _to, _number: chance.choices(list(weights), weights.values())[0]  # noqa: E731
    with FakeProvider(behave=behave, latency=options.latency, hang_seconds=2) as fake:
        marks: list[float] = []
        watch = threading.Thread(target=watch_posts, args=[fake, marks], daemon=True)
        watch.start()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = drill.run(
            fake, drill.environment(fake, threads=options.threads, sweeps=options.workers), workers=options.workers,
            threads=options.threads, kills=options.kills, every=(0.05, 0.5), limit=options.limit,
        )  # fmt: skip
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = busiest(marks)
        seconds = (used.ru_utime - before.ru_utime) + (used.ru_stime - before.ru_stime)
        return {
            **drill.judge(fake),
            "POSTs": len(fake.posts),
            "kills": ran["kills"],
            "seconds": round(ran["seconds"], 1),
            "per second": round(busy, 1),
            "CPU ms per message": round(1000 * seconds / options.messages, 2),
        }


def watch_posts(fake, marks: list[float]) -> None:
    """The provider's count every second."""
    while True:
        marks.append(len(fake.posts))
        time.sleep(1)


def busiest(marks: list[float]) -> float:
    """POSTs a second over the best ten seconds: sending, without the waiting for what is in doubt."""
    span = min(10, max(1, len(marks) - 1))
    return max((marks[i + span] - marks[i]) / span for i in range(max(1, len(marks) - span)) if i + span < len(marks))


def show(options: argparse.Namespace, found: dict) -> None:
    print(f"\n{options.workers} workers × {options.threads} threads, provider {options.latency * 1000:.0f} ms", end="")
    print(", never failing" if options.clean else f", {options.failures} % failing")
    print(f"{'':24}{'measured':>12}   target")
    for name, value in found.items():
        print(f"{name:24}{value:>12}   {TARGETS.get(name, '')}")
    sys.exit(1 if found["duplicates"] or found["lost"] else 0)


if __name__ == "__main__":
    main()
