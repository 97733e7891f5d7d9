"""Keeps a set of processes running: one that dies is started again, one that keeps dying ends everything."""

import time
from collections import deque
from collections.abc import Callable, Sequence

from clinic.embedded.places import Refusal
from clinic.embedded.processes import Process
from clinic.embedded.servers import Servers

DEATHS, WITHIN = 5, 60  # this many deaths of one process within so many seconds are too many
GLANCE = 0.25  # seconds


class Watch:
    """Starts the children, watches them and the servers, and stops the children at the end."""

    def __init__(self, servers: Servers, children: Sequence[Process], *, say: Callable[[str], None]) -> None:
        self.servers, self.children, self.say = servers, children, say
        self.deaths: dict[str, deque[float]] = {}

    def __enter__(self) -> "Watch":
        try:
            for child in self.children:
                child.start()
            self.servers.note(*self.children)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc) -> None:
        self.say("Stopping …")
        self.stop()

    def stop(self) -> None:
        """All at once, then one after the other until the last has gone."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()

    def forever(self) -> None:
        """Returns only by an exception: Stopped, or Refusal where a process dies again and again."""
        while True:
            time.sleep(GLANCE)
            for server in self.servers.servers:
                if not server.process.alive:
                    self.count(server.process)
                    server.restart()
                    self.servers.note(*self.children)
            for child in self.children:
                if not child.alive:
                    self.count(child)
                    child.stop(hurry=True)  # what its group left behind
                    child.start()
                    self.servers.note(*self.children)

    def count(self, process: Process) -> None:
        now = time.monotonic()
        recent = self.deaths.setdefault(process.name, deque(maxlen=DEATHS))
        recent.append(now)
        if len(recent) == DEATHS and now - recent[0] < WITHIN:
            words = process.last_words()
            raise Refusal(f"The {process.name} process dies again and again; {process.log} says why:\n{words}")
        self.say(f"The {process.name} process ended by itself and is started again; {process.log} says why.")
