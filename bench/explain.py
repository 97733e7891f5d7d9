"""The plans PostgreSQL makes for the product's hot queries over years of data, written into docs/plans.md.

    python -m clinic.embedded run --fast --var-dir /tmp/plans -- python -m bench.explain [appointments] [locations]

Nothing is retyped: each act of the product runs for real, and every statement it sends is explained, with the same
values, at the moment it is sent. What it writes is rolled back. The database is made for the run and dropped after it.
"""

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.database import scratch
from bench.measure import versions

TARGET = Path(__file__).resolve().parent.parent / "docs" / "plans.md"
LARGE = 100_000  # rows: reading all of such a table deserves a mark
SKIP = (
    "SAVEPOINT",
    "RELEASE",
    "ROLLBACK",
    "SET ",
    "EXPLAIN",
    "SELECT set_config",
    "SELECT pg_try_adv",
    "SELECT pg_adv",
)


@dataclass(frozen=True)
class Seen:
    act: str
    sql: str
    milliseconds: float
    planning: float
    rows: int
    touched: int
    blocks: int
    nodes: tuple[str, ...]
    marks: tuple[str, ...]


def main(size: int, locations: int) -> None:
    with scratch():
        from django.db import connection

        from bench import million

        begun = time.perf_counter()
        print(f"{size:,} appointments at {locations} locations", flush=True)
        million.build(size, locations=locations)
        print(f"built in {time.perf_counter() - begun:.0f} s", flush=True)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            postgres = cursor.fetchone()[0]
        sizes = table_sizes()
        every = collect(sizes)
        TARGET.write_text(page(postgres, locations, sizes, every))
        for one in every:
            print(
                f"{one.milliseconds:8.2f} ms {one.touched:9,} → {one.rows:7,} {','.join(one.marks):10} {one.act}: {one.sql[:90]}"
            )


def table_sizes() -> dict[str, tuple[int, int, int]]:
    """Rows, bytes of the table, bytes of its indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY pg_total_relation_size(oid) DESC"
        )
        return {name: (rows, table, indexes) for name, rows, table, indexes in cursor.fetchall()}


def collect(sizes: dict) -> list[Seen]:
    from django.db import connection, transaction

    from bench.acts import acts

    every: list[Seen] = []
    known: set[str] = set()
    for name, act in acts():
        explainer = Explainer(name, sizes, every, known)
        with suppress(Exception):  # a first time, so that what is measured is not the disk
            with transaction.atomic():
                act()
                transaction.set_rollback(True)
        try:
            with transaction.atomic(), connection.execute_wrapper(explainer):
                act()
                transaction.set_rollback(True)
        except Exception as problem:
            print(f"{name}: {type(problem).__name__}: {str(problem)[:300]}", flush=True)
    return every


class Explainer:
    """Explains each statement in a savepoint of its own, then lets it run as it was meant to."""

    def __init__(self, act: str, sizes: dict, every: list[Seen], known: set[str]) -> None:
        self.act, self.sizes, self.every, self.known = act, sizes, every, known
        self.busy = False

    def __call__(self, execute: Callable, sql: str, params, many: bool, context: dict):
        text = " ".join(sql.split())
        if not (self.busy or many or text in self.known or text.startswith(SKIP)):
            self.known.add(text)
            self.busy = True
            try:
                self.explain(text, sql, params)
            finally:
                self.busy = False
        return execute(sql, params, many, context)

    def explain(self, text: str, sql: str, params) -> None:
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            found = cursor.fetchone()[0]
            transaction.set_rollback(True)
        found = (json.loads(found) if isinstance(found, str) else found)[0]
        nodes, marks, touched = [], [], 0
        for depth, node in walk(found["Plan"]):
            loops = node["Actual Loops"]
            removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            rows = round(node["Actual Rows"] * loops)
            place = node.get("Relation Name", "")
            if place:
                touched += rows + round(removed * loops)
            if node["Node Type"] == "Seq Scan" and self.sizes.get(place, (0,))[0] >= LARGE and loops:
                marks.append("whole table")
            if place and removed * loops > max(1000, 20 * rows):
                marks.append("throws away")
            nodes.append(line(depth, node, rows, round(removed * loops)))
        plan = found["Plan"]
        blocks = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        self.every.append(
            Seen(
                self.act, text, found["Execution Time"], found["Planning Time"], round(plan["Actual Rows"]), touched,
                blocks, tuple(nodes), tuple(dict.fromkeys(marks)),
            )
        )  # fmt: skip


def walk(node: dict, depth: int = 0):
    yield depth, node
    for child in node.get("Plans", ()):
        yield from walk(child, depth + 1)


def line(depth: int, node: dict, rows: int, removed: int) -> str:
    what = " ".join(filter(None, [node["Node Type"], node.get("Index Name", ""), node.get("Relation Name", "")]))
    more = f", {removed:,} thrown away" if removed else ""
    blocks = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    return f"{'  ' * depth}{what}: {rows:,} rows{more}, {blocks:,} blocks, {node['Actual Total Time']:.2f} ms × {node['Actual Loops']:.0f}"


def page(postgres: str, locations: int, sizes: dict, every: list[Seen]) -> str:
    out = [
        "# Plans over years of data",
        "",
        "Written by `python -m bench.explain`; do not edit. Every statement of the acts below was sent by the product and "
        "explained with its own values (`EXPLAIN (ANALYZE, BUFFERS)`), everything in memory. *Touched* are the rows "
        "that scans looked at, *given* those that came out, a block is 8 kB. See [growing.md](growing.md).",
        "",
        f"{versions(postgres)}; {locations} locations with 10 practitioners, 8 rooms and 6 devices each.",
        "",
        "| table | rows | table MB | indexes MB | bytes a row, with indexes |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (rows, table, indexes) in sizes.items():
        if rows >= LARGE // 10:
            each = (table + indexes) // max(rows, 1)
            out.append(f"| {name} | {rows:,} | {table / 1e6:,.0f} | {indexes / 1e6:,.0f} | {each:,} |")
    out += [
        "",
        "| act | statement | ms | planning ms | touched | given | blocks | |",
        "|---|---|---:|---:|---:|---:|---:|---|",
    ]
    act = ""
    for one in every:
        shown = one.act if one.act != act else ""
        act = one.act
        words = one.sql if len(one.sql) <= 90 else one.sql[:88] + " …"
        words = words.replace("|", "\\|").replace("`", "")
        out.append(
            f"| {shown} | `{words}` | {one.milliseconds:.2f} | {one.planning:.2f} | {one.touched:,} | {one.rows:,} "
            f"| {one.blocks:,} | {', '.join(one.marks)} |"
        )
    slow = sorted(every, key=lambda one: -one.milliseconds)[:12]
    out += ["", "## The slowest, node by node", ""]
    for one in slow:
        out += [f"**{one.act}**, {one.milliseconds:.2f} ms", "", "```", one.sql[:600], "", *one.nodes, "```", ""]
    return "\n".join(out).rstrip() + "\n"


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    main(*(given + [1_000_000, 10][len(given) :]))
