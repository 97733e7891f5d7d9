"""What else lies sealed beside the database's fields: floors above register it, `rotate_field_keys` seals it again."""

from collections.abc import Callable

_others: dict[str, Callable[[], int]] = {}


def register(name: str, seal_again: Callable[[], int]) -> None:
    """``seal_again`` brings everything under the current key and returns how many; it may be stopped and run again."""
    _others[name] = seal_again


def seal_others_again() -> dict[str, int]:
    return {name: seal_again() for name, seal_again in _others.items()}
