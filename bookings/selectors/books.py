"""The process's copy of the diaries, known to be fresh each time it is used.

Every change to what free times depend on leaves a row with its transaction's id and the time it touches (migrations
0003 and 0004). A copy remembers the snapshot it was read in; one small query asks for the changes that snapshot did not
see, and returns with them what now lies between the first and the last change of each resource and the new snapshot,
all as one statement sees them. So a copy is never older than that statement, however transactions interleave: a change
either was visible to the copy's snapshot or is found now. Nothing is kept of what a transaction reads that has changed
diaries itself, since that may be rolled back.
"""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bookings.book import Book
from bookings.selectors.diaries import PACKED, SEEN, load_book
from bookings.spans import VISIT_MAX, Spans
from treatments.selectors import VisitPlan, visit_plan

BACK, AHEAD = 2 * 86400, 400 * 86400  # what a copy covers, from when it was made
LIVES = 6 * 3600

# One row: the database's clock; whether this transaction has changed no diary; whether the copy's changes are all still
# written down; whether there are any.
_LOOK = """
SELECT clock_timestamp(),
       NOT EXISTS (SELECT 1 FROM bookings_diarychange WHERE xid = pg_current_xact_id_if_assigned()),
       (SELECT xid FROM bookings_diaryfloor) < pg_snapshot_xmin(%(seen)s::pg_snapshot),
       EXISTS (SELECT 1 FROM bookings_diarychange WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
                  AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot))
"""
# For each changed resource, what now touches the time between the first and the last change.
_CHANGES = f"""
WITH changed AS MATERIALIZED (
  SELECT resource_id, min(coalesce(lower(during), to_timestamp(%(from)s))) AS low,
         max(coalesce(upper(during), to_timestamp(%(to)s))) AS high
    FROM bookings_diarychange
   WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
   GROUP BY resource_id
), packed AS (
  SELECT c.resource_id, floor(date_part('epoch', low))::bigint AS low, ceil(date_part('epoch', high))::bigint AS high,
         {PACKED}
    FROM changed c LEFT JOIN bookings_allocation a ON a.resource_id = c.resource_id AND active
     AND lower(during) >= low - make_interval(secs => {VISIT_MAX}) AND lower(during) < high AND upper(during) > low
     AND upper(during) > to_timestamp(%(from)s) AND lower(during) < to_timestamp(%(to)s)
   GROUP BY c.resource_id, low, high
)
SELECT ({SEEN}),
       (SELECT xid FROM bookings_diaryfloor) < pg_snapshot_xmin(%(seen)s::pg_snapshot)
         AND NOT EXISTS (SELECT 1 FROM changed WHERE resource_id IS NULL),
       (SELECT json_agg(json_build_array(resource_id, low, high, kept, held)) FROM packed)::text
"""  # noqa: S608 - put together from our own text

_kept: dict[str, Book] = {}
_making = threading.Lock()


@dataclass(frozen=True, slots=True)
class Look:
    """The diaries at an instant of the database's clock; no book in a transaction that has changed diaries itself."""

    now: datetime
    book: Book | None


def look(first: str = "", **values: Any) -> Look:
    """The diaries as they are now, for a bit more than a year ahead.

    One query while nothing changes, two when something has. `first` is sent ahead of the question in the same round
    trip, as statements that end in a semicolon: what they lock is held before the question sees anything.
    """
    name = connection.settings_dict["NAME"]
    book = _kept.get(name)
    with connection.cursor() as cursor:
        cursor.execute(first + _LOOK, values | {"seen": book.snapshot if book else "1:1:"})
        now, innocent, remembered, changed = cursor.fetchone()
    if not innocent:
        return Look(now, None)
    age = int(time.time()) - BACK - book.start if book else -1
    if book is None or not remembered or not 0 <= age < LIVES:
        return Look(now, _anew(name))
    return Look(now, _brought_up_to_date(name, book) if changed else book)


def current_book() -> Book | None:
    """The diaries as they are now; None in a transaction that has changed them."""
    return look().book


def kept_book() -> Book | None:
    """The process's copy as it is, old or not, without a query: for names, and for guesses checked afterwards."""
    return _kept.get(connection.settings_dict["NAME"])


def _anew(name: str) -> Book:
    now = int(time.time())
    with _making:
        book = _kept[name] = load_book(now - BACK, now + AHEAD)
    return book


def _brought_up_to_date(name: str, book: Book) -> Book:
    """The same with the changed resources' times; read anew when more than times has changed."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"seen": book.snapshot, "from": book.start, "to": book.end})
        snapshot, usable, changes = cursor.fetchone()
    if not usable:
        return _anew(name)
    news = [(who, low, high, Spans.unpacked(*packed)) for who, low, high, *packed in json.loads(changes or "[]")]
    book = _kept[name] = book.spliced(snapshot, news)
    return book


@dataclass(frozen=True, slots=True)
class Asked:
    """A visit by its slugs, for whoever wants its plan from a book that is only known later."""

    modality: str
    areas: tuple[str, ...]
    consult: bool = False
    video: bool = False

    def plan(self, book: Book | None) -> VisitPlan:
        """`visit_plan`, remembered as long as the book is current: a change to the catalogue makes every book old."""
        if book is not None and self in book.memo:
            return book.memo[self]
        plan = visit_plan(modality=self.modality, areas=self.areas, consult=self.consult, video=self.video)
        if book is not None:
            book.memo[self] = plan
        return plan


def plan_for(
    book: Book | None, *, modality: str, areas: Sequence[str], consult: bool = False, video: bool = False
) -> VisitPlan:
    """The visit's plan as the book remembers it."""
    return Asked(modality, tuple(sorted(set(areas))), consult, video).plan(book)


def forget_changes(*, keep: str = "1 hour") -> int:
    """Removes old rows, and writes down up to which transaction, so that a copy from before is read anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH gone AS (
              DELETE FROM bookings_diarychange
               WHERE at < clock_timestamp() - %s::interval AND xid < pg_snapshot_xmin(pg_current_snapshot())
              RETURNING xid)
            UPDATE bookings_diaryfloor f SET xid = greatest(f.xid, g.xid)
              FROM (SELECT max(xid) AS xid, count(*) AS rows FROM gone) g WHERE g.xid IS NOT NULL RETURNING g.rows
            """,
            [keep],
        )
        row = cursor.fetchone()
    return row[0] if row else 0
