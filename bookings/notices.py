"""What floors above add to every staff page: how many of something wait, and how many too long. Counts, never content.

A counter is registered in `AppConfig.ready()` and remembers its own answer: every staff page asks.
"""

from collections.abc import Callable
from typing import Any

_counters: dict[str, Callable[[], Any]] = {}


def register(name: str, counter: Callable[[], Any]) -> None:
    """``counter()`` gives an object with ``waiting`` and ``late``."""
    _counters[name] = counter


def counted() -> dict[str, Any]:
    return {name: counter() for name, counter in _counters.items()}
