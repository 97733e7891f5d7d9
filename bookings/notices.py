"""What floors above add to every staff page: how many of something wait, and how many too long. Counts, never content.

A counter is registered in `AppConfig.ready()` and remembers its own answer: every staff page asks.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """How many wait, and how many of them too long."""

    waiting: int = 0
    late: int = 0


_counters: dict[str, Callable[[], Counts]] = {}


def register(name: str, counter: Callable[[], Counts]) -> None:
    _counters[name] = counter


def counted() -> dict[str, Counts]:
    return {name: counter() for name, counter in _counters.items()}
