"""What the desk's question at the door, "has anything changed?", means to the floors above."""

from collections.abc import Callable

# Called with the visit and, by name, ``changed`` (bool), ``actor`` and ``now``, in the desk's transaction. Filled in
# their AppConfig.ready().
heard: list[Callable[..., None]] = []
