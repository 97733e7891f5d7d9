"""The broker's transport, made to outlive the loss of its connection.

A task may end in the instant in which its worker has lost the broker and closed the connection. kombu then looks for
the address of a connection that is gone and raises AttributeError, which the worker takes for a fault of its own and
ends; as a lost connection it is what it is: the worker connects again, and the task is handed out again.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    def _connparams(self, *args: Any, **kwargs: Any) -> dict:
        if getattr(self.connection, "client", None) is None:
            raise ConnectionError("the connection to the broker has been closed")
        return super()._connparams(*args, **kwargs)


class Transport(redis.Transport):
    Channel = Channel


def install() -> None:
    """For every connection to redis:// and rediss:// of this process."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
