"""Everything free times depend on, in one statement that returns one row.

Decoding rows and timestamps costs more than the arithmetic, so PostgreSQL packs: times as epoch seconds, one string of
numbers per resource, the whole as one JSON document.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection

from bookings.book import Book, ResourceRow, Rules
from bookings.facts import PRACTITIONER, ResourceFacts
from bookings.spans import VISIT_MAX, Spans

# Intervals kept for good as "start end …", held ones as "start end expires …", that in microseconds: a hold counts to its
# last. Of active rows; nothing here but what the index on them holds, so that the rows themselves are not read.
PACKED = """
           string_agg(date_part('epoch', lower(during))::bigint || ' '
                      || date_part('epoch', upper(during))::bigint, ' ')
             FILTER (WHERE expires_at IS NULL) AS kept,
           string_agg(date_part('epoch', lower(during))::bigint || ' '
                      || date_part('epoch', upper(during))::bigint || ' '
                      || (extract(epoch FROM expires_at) * 1000000)::bigint, ' ')
             FILTER (WHERE expires_at IS NOT NULL) AS held
"""
BUSY = f"""
  SELECT json_object_agg(resource_id, json_build_array(kept, held)) FROM (
    SELECT resource_id, {PACKED}
      FROM bookings_allocation
     WHERE active AND resource_id IN (SELECT id FROM wanted)
       AND lower(during) >= to_timestamp(%(reach)s) AND lower(during) < to_timestamp(%(to)s)
       AND upper(during) > to_timestamp(%(from)s)
     GROUP BY resource_id) packed
"""  # noqa: S608 - put together from our own text

# What this statement sees, as a snapshot. PostgreSQL leaves the asking transaction out of its own: what that writes later
# would look as if it had been seen, so it is put among those still running.
SEEN = """
  SELECT CASE WHEN own IS NULL OR own >= pg_snapshot_xmax(snap) THEN snap::text
              ELSE pg_snapshot_xmin(snap) || ':' || pg_snapshot_xmax(snap) || ':' || (
                SELECT string_agg(xid::text, ',' ORDER BY xid)
                  FROM (SELECT pg_snapshot_xip(snap) AS xid UNION SELECT own) running) END
    FROM (SELECT pg_current_snapshot() AS snap, pg_current_xact_id_if_assigned() AS own) now
"""

EVERYTHING = f"""
WITH wanted AS MATERIALIZED (
  SELECT id, kind, name, slug, location_id FROM bookings_resource WHERE active AND kind <> 'patient'
)
SELECT ({SEEN}), json_build_object(
  'places', (SELECT json_agg(json_build_object(
      'id', l.id, 'slug', l.slug, 'zone', l.timezone, 'step', l.step_minutes, 'notice', l.notice_minutes,
      'horizon', l.horizon_days, 'lead', l.review_lead_hours,
      'hours', (SELECT json_agg(json_build_array(h.weekday, extract(epoch FROM h.opens)::int / 60,
                                                 extract(epoch FROM h.closes)::int / 60))
                  FROM bookings_openinghours h WHERE h.location_id = l.id),
      'closures', (SELECT json_agg(json_build_array(c.date_from, c.date_to)) FROM bookings_closure c
                    WHERE c.location_id = l.id AND c.date_to >= to_timestamp(%(from)s)::date - 1
                      AND c.date_from <= to_timestamp(%(to)s)::date + 1))
      ORDER BY l.id)
    FROM bookings_location l WHERE l.active),
  'resources', (SELECT json_agg(json_build_array(f.id, f.kind, f.name, f.slug, f.location_id,
      (SELECT json_agg(json_build_array(w.weekday, extract(epoch FROM w.starts)::int / 60,
                                        extract(epoch FROM w.ends)::int / 60, w.valid_from, w.valid_to))
         FROM bookings_workinghours w WHERE w.resource_id = f.id),
      (SELECT string_agg(floor(date_part('epoch', a.starts_at))::bigint || ' '
                         || ceil(date_part('epoch', a.ends_at))::bigint, ' ')
         FROM bookings_absence a WHERE a.resource_id = f.id
          AND a.ends_at > to_timestamp(%(from)s) AND a.starts_at < to_timestamp(%(to)s)),
      CASE f.kind
        WHEN 'practitioner' THEN
          (SELECT json_agg(modality_id) FROM bookings_practitioner_skills WHERE practitioner_id = f.id)
        WHEN 'room' THEN (SELECT json_agg(modality_id) FROM bookings_room_suits WHERE room_id = f.id)
        ELSE (SELECT json_agg(modality_id) FROM bookings_device_serves WHERE device_id = f.id) END,
      (SELECT json_build_array(gender, title) FROM bookings_practitioner WHERE resource_id = f.id))
      ORDER BY f.id)
    FROM wanted f),
  'busy', ({BUSY}))::text
"""  # noqa: S608 - put together from our own text


def load_book(start: int, end: int) -> Book:
    """The diaries between two epoch seconds. One query."""
    with connection.cursor() as cursor:
        cursor.execute(EVERYTHING, {"from": start, "to": end, "reach": start - VISIT_MAX})
        snapshot, document = cursor.fetchone()
    found = json.loads(document)
    return Book(
        snapshot=snapshot,
        start=start,
        end=end,
        rules=tuple(_rules(one) for one in found["places"] or ()),
        resources=tuple(_resource(*one) for one in found["resources"] or ()),
        spans=unpacked(found["busy"]),
    )


def unpacked(busy: dict[str, list] | None) -> dict[int, Spans]:
    return {int(resource): Spans.unpacked(*packed) for resource, packed in (busy or {}).items()}


def _rules(row: dict[str, Any]) -> Rules:
    return Rules(
        id=row["id"],
        slug=row["slug"],
        zone=row["zone"],
        notice_minutes=row["notice"],
        horizon_days=row["horizon"],
        review_lead_hours=row["lead"],
        step=row["step"],
        hours=tuple((weekday, opens, closes, None, None) for weekday, opens, closes in row["hours"] or ()),
        closures=tuple((_date(first), _date(last)) for first, last in row["closures"] or ()),
    )


def _resource(
    identifier: int,
    kind: str,
    name: str,
    slug: str,
    location: int | None,
    hours: list | None,
    absences: str | None,
    serves: Iterable[int] | None,
    person: list[str] | None,
) -> ResourceRow:
    if hours is None:
        weekly = () if kind == PRACTITIONER else None  # a room without hours of its own is there when the clinic is
    else:
        weekly = tuple(
            (weekday, starts, ends, _date(valid_from), _date(valid_to))
            for weekday, starts, ends, valid_from, valid_to in hours
        )
    away = tuple(map(int, absences.split())) if absences else ()
    able = frozenset(serves or ())
    facts = ResourceFacts(identifier, kind, name, weekly, away, twin=None if kind == PRACTITIONER else (location, able))
    return ResourceRow(facts, slug, location, able, *(person or ()))


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
