"""One Valkey on 127.0.0.1: the queue and the shared counters. What must not be lost is in PostgreSQL."""

import secrets
import socket
import time

from clinic.embedded.binaries import Binaries
from clinic.embedded.places import Places, Refusal
from clinic.embedded.ports import free_port
from clinic.embedded.processes import Process

READY_WITHIN = 10  # seconds


class Valkey:
    def __init__(self, places: Places, binaries: Binaries) -> None:
        self.places, self.binaries = places, binaries
        self.password = secrets.token_urlsafe(32)
        self.process: Process | None = None

    def start(self) -> str:
        """Start, wait until it answers, return its REDIS_URL."""
        for _attempt in range(3):
            self.port = free_port()
            if self.attempt():
                return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        raise Refusal(f"Valkey did not start; {self.process.log} says why:\n{self.process.last_words()}")

    def attempt(self) -> bool:
        # By standard input, so that the password stands neither in a file nor in the list of processes.
        settings = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f'dir "{self.places.run}"',
            'save ""',
            "appendonly no",
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
        ]
        self.process = Process(
            "valkey",
            [self.binaries.valkey, "-"],
            log=self.places.log / "valkey.log",
            env={"LC_ALL": "C"},
            feed="\n".join(settings) + "\n",
        )
        self.process.start()
        deadline = time.monotonic() + READY_WITHIN
        while self.process.alive and time.monotonic() < deadline:
            if self.ready():
                return True
            time.sleep(0.02)
        return False

    def ready(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as link:
                link.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\n") < 2 and (part := link.recv(100)):
                    answer += part
                return answer.endswith(b"+PONG\r\n")
        except OSError:
            return False

    def restart(self) -> None:
        self.process.stop(hurry=True)
        self.attempt()

    def stop(self) -> None:
        if self.process:
            self.process.stop()
