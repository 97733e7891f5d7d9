"""Everything a visit's free times depend on, in one statement that returns one row.

Decoding rows and timestamps costs more than the arithmetic, so PostgreSQL packs: times as epoch seconds, one string of
numbers per resource, the whole as one JSON document.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import connection

from bookings.availability import PlaceFacts, ResourceFacts
from bookings.ticks import Frame

VISIT_MAX = 24 * 3600  # no visit is longer, so an index on where allocations begin can bound the scan

_SQL = """
WITH fit AS MATERIALIZED (
  SELECT r.id, r.kind, r.name, r.slug, r.location_id FROM bookings_resource r
   WHERE r.active AND r.kind <> 'patient' AND CASE r.kind
     WHEN 'practitioner' THEN (%(practitioner)s::text IS NULL OR r.slug = %(practitioner)s)
       AND EXISTS (SELECT 1 FROM bookings_practitioner_skills s
                    WHERE s.practitioner_id = r.id AND s.modality_id = %(modality)s)
     WHEN 'room' THEN EXISTS (SELECT 1 FROM bookings_room_suits s
                               WHERE s.room_id = r.id AND s.modality_id = %(modality)s)
     ELSE %(device)s AND EXISTS (SELECT 1 FROM bookings_device_serves s
                                  WHERE s.device_id = r.id AND s.modality_id = %(modality)s) END
)
SELECT json_build_object(
  'places', (SELECT json_agg(json_build_object(
      'id', l.id, 'slug', l.slug, 'zone', l.timezone, 'step', l.step_minutes, 'notice', l.notice_minutes,
      'horizon', l.horizon_days, 'lead', l.review_lead_hours,
      'hours', (SELECT json_agg(json_build_array(h.weekday, extract(epoch FROM h.opens)::int / 60,
                                                 extract(epoch FROM h.closes)::int / 60))
                  FROM bookings_openinghours h WHERE h.location_id = l.id),
      'closures', (SELECT json_agg(json_build_array(c.date_from, c.date_to)) FROM bookings_closure c
                    WHERE c.location_id = l.id AND c.date_to >= %(first_day)s AND c.date_from <= %(last_day)s))
      ORDER BY l.id)
    FROM bookings_location l WHERE l.active AND (%(location)s::text IS NULL OR l.slug = %(location)s)),
  'resources', (SELECT json_agg(json_build_array(f.id, f.kind, f.name, f.location_id,
      (SELECT json_agg(json_build_array(w.weekday, extract(epoch FROM w.starts)::int / 60,
                                        extract(epoch FROM w.ends)::int / 60, w.valid_from, w.valid_to))
         FROM bookings_workinghours w WHERE w.resource_id = f.id),
      (SELECT string_agg(date_part('epoch', a.starts_at)::bigint || ' ' || date_part('epoch', a.ends_at)::bigint, ' ')
         FROM bookings_absence a WHERE a.resource_id = f.id
          AND a.ends_at > to_timestamp(%(from)s) AND a.starts_at < to_timestamp(%(to)s)))
      ORDER BY f.id)
    FROM fit f),
  'busy', (SELECT json_object_agg(b.resource_id, b.spans) FROM (
      SELECT al.resource_id,
             string_agg(date_part('epoch', lower(al.during))::bigint || ' '
                        || date_part('epoch', upper(al.during))::bigint, ' ') AS spans
        FROM bookings_allocation al
       WHERE al.active AND al.resource_id = ANY (ARRAY(
               SELECT id FROM fit
               UNION ALL SELECT id FROM bookings_resource WHERE patient_id = %(patient)s::uuid))
         AND lower(al.during) >= to_timestamp(%(reach)s) AND lower(al.during) < to_timestamp(%(to)s)
         AND upper(al.during) > to_timestamp(%(from)s)
         AND (al.expires_at IS NULL OR al.expires_at > to_timestamp(%(now)s))
         AND (%(ignore)s::uuid IS NULL OR al.appointment_id <> %(ignore)s::uuid)
       GROUP BY al.resource_id) b),
  'patient', (SELECT id FROM bookings_resource WHERE patient_id = %(patient)s::uuid)
)::text
"""


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """A location's rules for booking ahead."""

    id: int
    slug: str
    zone: str
    notice_minutes: int
    horizon_days: int
    review_lead_hours: int


@dataclass(frozen=True, slots=True)
class Diaries:
    places: tuple[PlaceFacts, ...]
    rules: tuple[PlaceRules, ...]
    patient_busy: tuple[int, ...]


def load_diaries(
    *,
    frame: Frame,
    days: tuple[date, date],
    modality_id: int,
    needs_device: bool,
    now: datetime,
    practitioner: str | None = None,
    location: str | None = None,
    patient_id: UUID | None = None,
    ignore: UUID | None = None,
) -> Diaries:
    """Locations and the resources that suit the modality, with what takes their time in the frame. One query.

    A resource without a location works at every one. `ignore` leaves out one appointment's own allocations.
    """
    wanted = {
        "practitioner": practitioner,
        "location": location,
        "modality": modality_id,
        "device": needs_device,
        "patient": patient_id,
        "ignore": ignore,
        "now": now.timestamp(),
        "first_day": days[0],
        "last_day": days[1],
        "reach": frame.origin - VISIT_MAX,
        "from": frame.origin,
        "to": frame.end,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, wanted)
        found = json.loads(cursor.fetchone()[0])
    busy = {int(resource): _numbers(spans) for resource, spans in (found["busy"] or {}).items()}
    resources = [(one[3], _resource(one, busy)) for one in found["resources"] or ()]
    places = tuple(_place(one, resources) for one in found["places"] or ())
    rules = tuple(
        PlaceRules(one["id"], one["slug"], one["zone"], one["notice"], one["horizon"], one["lead"])
        for one in found["places"] or ()
    )
    return Diaries(places, rules, busy.get(found["patient"], ()))


def _numbers(spans: str | None) -> tuple[int, ...]:
    return tuple(map(int, spans.split())) if spans else ()


def _resource(row: Sequence, busy: dict[int, tuple[int, ...]]) -> ResourceFacts:
    identifier, kind, name, _, hours, absences = row
    if hours is None:
        weekly = () if kind == "practitioner" else None  # a room without hours of its own is there when the clinic is
    else:
        weekly = tuple(
            (
                weekday,
                starts,
                ends,
                valid_from and date.fromisoformat(valid_from),
                valid_to and date.fromisoformat(valid_to),
            )
            for weekday, starts, ends, valid_from, valid_to in hours
        )
    return ResourceFacts(identifier, kind, name, weekly, _numbers(absences), busy.get(identifier, ()))


def _place(row: dict, resources: list[tuple[int | None, ResourceFacts]]) -> PlaceFacts:
    return PlaceFacts(
        id=row["id"],
        zone=row["zone"],
        hours=tuple((weekday, opens, closes, None, None) for weekday, opens, closes in row["hours"] or ()),
        closures=tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in row["closures"] or ()),
        resources=tuple(one for at, one in resources if at in (None, row["id"])),
        step=row["step"],
    )


def utc(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)
