"""Connections that keep their time, and say for sure when they were never made.

The whole answer must have come within the read timeout, its first line and headers included: a socket's timeout is per
read, and an answer of one byte every few seconds would hold a sender for ever.

Nothing of a request leaves before `connect` is over: proxy, tunnel and TLS included. What is raised later tells nothing
about that, whatever it is called; urllib3 says "unable to connect to proxy" of a connection that dropped after the POST.
"""

import contextlib
import http.client
import io
import socket
import time
from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError


class NeverConnected(HTTPError):
    """No connection was made. Its cause says why."""


class _Until(io.RawIOBase):
    """Reads from a socket until an instant of the monotonic clock; afterwards every read is a timeout."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self.raw, self.sock, self.timeout = raw, sock, sock.gettimeout()
        self.end = None if self.timeout is None else time.monotonic() + self.timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        if self.end is not None:
            left = self.end - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer did not end in time")
            self.sock.settimeout(left)
        return self.raw.readinto(buffer)

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the connection may be used again, or be closed already
            self.sock.settimeout(self.timeout)
        self.raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Until(self.fp.detach(), sock))


class _Sure:
    def connect(self) -> None:
        try:
            super().connect()
        except Exception as problem:
            raise NeverConnected(type(problem).__name__) from problem


class _Plain(_Sure, HTTPConnection):
    response_class = _Answer


class _Secure(_Sure, HTTPSConnection):
    response_class = _Answer


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


POOLS = {"http": _PlainPool, "https": _SecurePool}


def punctual(pools: PoolManager) -> PoolManager:
    """The same pools, with connections that keep their time."""
    pools.pool_classes_by_scheme = POOLS
    return pools
