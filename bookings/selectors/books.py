"""The process's copy of the diaries, known to be fresh each time it is used.

Every change to what free times depend on leaves a row with its transaction's id (migration 0003). A copy remembers the
snapshot it was read in; one small query asks for the changes that snapshot did not see, and returns with them the
changed resources' times and the new snapshot, all as one statement sees them. So a copy is never older than that
statement, however transactions interleave: a change either was visible to the copy's snapshot or is found now. Nothing
is kept of what a transaction reads that has changed diaries itself, since that may be rolled back.
"""

import json
import threading
import time
from collections.abc import Sequence

from django.db import connection

from bookings.selectors.diaries import BUSY, SEEN, VISIT_MAX, Book, Spans, load_book, unpacked
from treatments.selectors import VisitPlan, visit_plan

BACK, AHEAD = 2 * 86400, 400 * 86400  # what a copy covers, from when it was made
LIVES = 6 * 3600

_IS_FRESH = """
SELECT NOT EXISTS (SELECT 1 FROM bookings_diarychange WHERE xid = pg_current_xact_id_if_assigned()),
       (SELECT xid FROM bookings_diaryfloor) < pg_snapshot_xmin(%(seen)s::pg_snapshot),
       EXISTS (SELECT 1 FROM bookings_diarychange WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
                  AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot))
"""
_CHANGES = f"""
WITH changed AS MATERIALIZED (
  SELECT DISTINCT resource_id FROM bookings_diarychange
   WHERE xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, %(seen)s::pg_snapshot)
), wanted AS (SELECT resource_id AS id FROM changed)
SELECT ({SEEN}),
       (SELECT xid FROM bookings_diaryfloor) < pg_snapshot_xmin(%(seen)s::pg_snapshot)
         AND NOT EXISTS (SELECT 1 FROM changed WHERE resource_id IS NULL),
       (SELECT array_agg(resource_id) FROM changed),
       ({BUSY})::text
"""  # noqa: S608 - put together from our own text

_kept: dict[str, Book] = {}
_making = threading.Lock()


def current_book() -> Book | None:
    """The diaries as they are now, for a bit more than a year ahead; None in a transaction that has changed them.

    One query while nothing changes, two when something has.
    """
    name = connection.settings_dict["NAME"]
    book = _kept.get(name)
    with connection.cursor() as cursor:
        cursor.execute(_IS_FRESH, {"seen": book.snapshot if book else "1:1:"})
        innocent, remembered, changed = cursor.fetchone()
    if not innocent:
        return None
    age = int(time.time()) - BACK - book.start if book else -1
    if book is None or not remembered or not 0 <= age < LIVES:
        return _anew(name)
    return _brought_up_to_date(name, book) if changed else book


def _anew(name: str) -> Book:
    now = int(time.time())
    with _making:
        book = _kept[name] = load_book(now - BACK, now + AHEAD)
    return book


def _brought_up_to_date(name: str, book: Book) -> Book:
    """The same with the changed resources' times; read anew when more than times has changed."""
    window = {"from": book.start, "to": book.end, "reach": book.start - VISIT_MAX}
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, {"seen": book.snapshot, **window})
        snapshot, usable, changed, busy = cursor.fetchone()
    if not usable:
        return _anew(name)
    nothing = {one: Spans() for one in changed or ()}
    book = _kept[name] = book.with_spans(snapshot, nothing | unpacked(json.loads(busy) if busy else None))
    return book


def plan_for(book: Book | None, *, modality: str, areas: Sequence[str]) -> VisitPlan:
    """`visit_plan`, remembered as long as the book is current: a change to the catalogue makes every book old."""
    if book is None:
        return visit_plan(modality=modality, areas=areas)
    key = (modality, tuple(sorted(set(areas))))
    if key not in book.memo:
        book.memo[key] = visit_plan(modality=modality, areas=areas)
    return book.memo[key]


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
