"""Fifty connections on one time, with the least SQL each way of taking it needs: which way waits, and which deadlocks."""

import time
from collections import Counter
from collections.abc import Callable

import psycopg2
from psycopg2 import errors

from bench.measure import at, processes

CONNECTIONS, ROUNDS = 50, 6
PATIENCE = 10  # seconds after which a connection gives up
PEOPLE, ROOMS = list(range(1, 11)), list(range(11, 19))
SET_UP = """
CREATE TABLE bench_resource (id bigint PRIMARY KEY);
INSERT INTO bench_resource SELECT generate_series(1, 18);
CREATE TABLE bench_taken (id bigserial PRIMARY KEY, resource_id bigint NOT NULL, during tstzrange NOT NULL,
  EXCLUDE USING gist (during WITH &&, int8range(resource_id, resource_id, '[]') WITH &&));
"""
DURING = "tstzrange(%(at)s::timestamptz, %(at)s::timestamptz + interval '1 hour')"
FREE = f"""
SELECT r.id FROM bench_resource r WHERE r.id = ANY (%(kind)s) AND NOT EXISTS
  (SELECT 1 FROM bench_taken t WHERE t.resource_id = r.id AND t.during && {DURING}) ORDER BY r.id LIMIT 1
"""
TAKE = f"INSERT INTO bench_taken (resource_id, during) VALUES (%(one)s, {DURING})"


class Full(Exception):
    """Nobody is free any more."""


def ordered_locks(cursor, when: str, seen: Counter) -> None:
    """Rows of everybody who could serve, locked in id order; then look; then insert."""
    cursor.execute("SELECT id FROM bench_resource WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE", [PEOPLE + ROOMS])
    for kind in (PEOPLE, ROOMS):
        cursor.execute(TAKE, {"one": free(cursor, kind, when), "at": when})


def on_conflict(cursor, when: str, seen: Counter) -> None:
    """No locks: insert and see who was first, one after the other, until one is ours."""
    for kind in (PEOPLE, ROOMS):
        for one in kind:
            cursor.execute(f"{TAKE} ON CONFLICT DO NOTHING", {"one": one, "at": when})
            if cursor.rowcount:
                break
            seen["next tried"] += 1
        else:
            raise Full


def bare(cursor, when: str, seen: Counter) -> None:
    """Look, insert, and let the constraint refuse: then everything from the start."""
    for kind in (PEOPLE, ROOMS):
        cursor.execute(TAKE, {"one": free(cursor, kind, when), "at": when})


def free(cursor, kind: list[int], when: str) -> int:
    cursor.execute(FREE, {"kind": kind, "at": when})
    row = cursor.fetchone()
    if row is None:
        raise Full
    return row[0]


WAYS: dict[str, Callable] = {
    "ordered row locks, then insert": ordered_locks,
    "INSERT … ON CONFLICT DO NOTHING": on_conflict,
    "look, then bare inserts": bare,
}


def compare(address: str) -> None:
    """One table of all ways, `ROUNDS` times 50 connections on one hour for which eight can be sold."""
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(SET_UP)
    print(
        f"\n{CONNECTIONS} direct connections on one hour that can be sold {len(ROOMS)} times; waits in ms, {PATIENCE} s at most\n"
    )
    names = ("rounds", "sold", "full", "gave up", "p50", "worst", "deadlocks", "refusals", "next tried")
    print(f"| {'way of taking':<32} |" + "".join(f" {one:>10} |" for one in names))
    print("|" + "-" * 34 + "|" + ("-" * 12 + "|") * len(names))
    for turn, (name, way) in enumerate(WAYS.items()):
        seen: Counter = Counter()
        waits: list[float] = []
        rounds = 1 if way is bare else ROUNDS  # one is enough to see
        for number in range(rounds):
            waits += stampede(address, way, f"2030-{turn + 1:02}-{number + 1:02} 10:00+00", seen)
        waits.sort()
        counts = [rounds, seen["sold"], seen["full"], seen["gave up"], f"{at(waits, 0.5):.0f}", f"{waits[-1]:.0f}"]
        counts += [seen[one] for one in ("deadlocks", "refusals", "next tried")]
        print(f"| {name:<32} |" + "".join(f" {one!s:>10} |" for one in counts), flush=True)


def stampede(address: str, way: Callable, when: str, seen: Counter) -> list[float]:
    def act(connection) -> Counter:
        mine: Counter = Counter()
        mine[until_done(connection, way, when, mine)] += 1
        return mine

    answers = processes(CONNECTIONS, lambda: psycopg2.connect(address), act)
    for mine, _ in answers:
        seen.update(mine)
    return [took for _, took in answers]


def until_done(connection, way: Callable, when: str, seen: Counter) -> str:
    until = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{PATIENCE}s'")
    connection.commit()
    while time.monotonic() < until:
        try:
            with connection, connection.cursor() as cursor:
                way(cursor, when, seen)
            return "sold"
        except Full:
            return "full"
        except errors.DeadlockDetected:
            seen["deadlocks"] += 1
        except errors.ExclusionViolation:
            seen["refusals"] += 1
        except errors.LockNotAvailable:
            break
    return "gave up"
