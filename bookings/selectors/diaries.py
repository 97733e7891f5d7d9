"""Everything free times depend on, in one statement that returns one row.

Decoding rows and timestamps costs more than the arithmetic, so PostgreSQL packs: times as epoch seconds, one string of
numbers per resource, the whole as one JSON document.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import connection

from bookings.availability import DEVICE, PRACTITIONER, PlaceFacts, ResourceFacts
from bookings.ticks import Frame, WeeklyHours

VISIT_MAX = 24 * 3600  # no visit is longer, so an index on where allocations begin can bound the scan

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


@dataclass(frozen=True, slots=True)
class Spans:
    """What takes one resource's time, in epoch seconds: kept for good, in order of start, and held until an instant in
    microseconds."""

    kept: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()
    held: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def unpacked(cls, kept: str | None, held: str | None) -> "Spans":
        """As PostgreSQL packed them, in any order. Intervals of one never overlap, so ends sort as starts do."""
        numbers = list(map(int, kept.split())) if kept else []
        starts, ends = sorted(numbers[::2]), sorted(numbers[1::2])
        numbers[::2], numbers[1::2] = starts, ends
        flat = list(map(int, held.split())) if held else []
        return cls(tuple(numbers), tuple(starts), tuple(sorted(zip(flat[::3], flat[1::3], flat[2::3], strict=True))))

    def spliced(self, low: int, high: int, news: "Spans") -> "Spans":
        """The same with everything that touches [low, high) replaced."""
        first = max(bisect_right(self.starts, low) - 1, 0)
        if first < len(self.starts) and self.kept[2 * first + 1] <= low:
            first += 1
        after = max(bisect_left(self.starts, high), first)
        others = [one for one in self.held if one[1] <= low or one[0] >= high]
        return Spans(
            self.kept[: 2 * first] + news.kept + self.kept[2 * after :],
            self.starts[:first] + news.starts + self.starts[after:],
            tuple(sorted([*others, *news.held])),
        )

    def within(
        self, start: int, end: int, *, now: float, but: frozenset[tuple[int, int]] | None = None
    ) -> tuple[int, ...]:
        """What lies in [start, end) and counts at `now`, flat; `but` leaves intervals out."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        found = self.kept[2 * first : 2 * bisect_left(self.starts, end)]
        if self.held:
            instant = round(now * 1_000_000)
            found += tuple(edge for one in self.held_within(start, end) if one[2] > instant for edge in one[:2])
        if but:
            pairs = zip(found[::2], found[1::2], strict=True)
            found = tuple(edge for pair in pairs if pair not in but for edge in pair)
        return found

    def held_within(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Held intervals that touch [start, end), those that are over included."""
        first, last = bisect_left(self.held, (start - VISIT_MAX,)), bisect_left(self.held, (end,))
        return [one for one in self.held[first:last] if one[1] > start]


NOTHING = Spans()


@dataclass(frozen=True, slots=True)
class Rules:
    """A location with its rules for booking ahead."""

    id: int
    slug: str
    zone: str
    notice_minutes: int
    horizon_days: int
    review_lead_hours: int
    step: int
    hours: tuple[WeeklyHours, ...]
    closures: tuple[tuple[date, date], ...]


@dataclass(frozen=True, slots=True)
class ResourceRow:
    facts: ResourceFacts
    slug: str
    location: int | None
    serves: frozenset[int]
    gender: str = ""
    title: str = ""

    def suits(self, modality_id: int, talk_id: int | None) -> bool:
        """A practitioner for all that the visit holds; a room or device for its treatment."""
        return modality_id in self.serves and (
            talk_id is None or self.facts.kind != PRACTITIONER or talk_id in self.serves
        )


@dataclass(frozen=True, slots=True)
class Names:
    """What a booking's resources and place are called: slugs, a person's name, a time zone."""

    practitioner: str
    practitioner_name: str
    room: str
    location: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Book:
    """Every diary of the clinic between two instants, as one snapshot of the database saw it."""

    snapshot: str
    start: int
    end: int
    rules: tuple[Rules, ...]
    resources: tuple[ResourceRow, ...]
    spans: dict[int, Spans]
    memo: dict[Any, Any] = field(default_factory=dict)  # what was derived from it and lives as long

    def covers(self, frame: Frame) -> bool:
        return self.start <= frame.origin and frame.end <= self.end

    def locations(self, slug: str | None) -> list[Rules]:
        return [one for one in self.rules if slug in (None, one.slug)]

    def places(
        self,
        frame: Frame,
        *,
        modality_id: int,
        needs_device: bool,
        now: float,
        talk_id: int | None = None,
        practitioner: str | None = None,
        gender: str | None = None,
        location: str | None = None,
        but: dict[int, frozenset[tuple[int, int]]] | None = None,
    ) -> tuple[PlaceFacts, ...]:
        """Locations with the resources that suit a treatment and what takes their time in the frame.

        A resource without a location works at every one. `but` leaves out intervals of a resource.
        """
        but = but or {}
        fit = [
            (
                one.location,
                replace_busy(
                    one.facts,
                    self.spans.get(one.facts.id, NOTHING).within(
                        frame.origin, frame.end, now=now, but=but.get(one.facts.id)
                    ),
                ),
            )
            for one in self._fit(modality_id, needs_device, talk_id=talk_id, practitioner=practitioner, gender=gender)
        ]
        return tuple(
            PlaceFacts(
                id=place.id,
                zone=place.zone,
                hours=place.hours,
                closures=place.closures,
                resources=tuple(one for at, one in fit if at in (None, place.id)),
                step=place.step,
            )
            for place in self.locations(location)
        )

    def names(self, *, location: int, practitioner: int, room: int) -> Names | None:
        """None when one of them is not in the book."""
        who, where = (
            next((one for one in self.resources if one.facts.id == key), None) for key in (practitioner, room)
        )
        place = next((one for one in self.rules if one.id == location), None)
        if not (who and where and place):
            return None
        called = " ".join(filter(None, [who.title, who.facts.name]))
        return Names(who.slug, called, where.slug, place.slug, place.zone)

    def able(
        self,
        *,
        modality_id: int,
        needs_device: bool,
        talk_id: int | None = None,
        practitioner: str | None = None,
        gender: str | None = None,
    ) -> set[int]:
        """Every resource that could serve such a visit, anywhere."""
        return {
            one.facts.id
            for one in self._fit(modality_id, needs_device, talk_id=talk_id, practitioner=practitioner, gender=gender)
        }

    def _fit(
        self,
        modality_id: int,
        needs_device: bool,
        *,
        talk_id: int | None,
        practitioner: str | None,
        gender: str | None,
    ) -> list["ResourceRow"]:
        return [
            one
            for one in self.resources
            if one.suits(modality_id, talk_id)
            and (needs_device or one.facts.kind != DEVICE)
            and (practitioner is None or one.facts.kind != PRACTITIONER or one.slug == practitioner)
            and (not gender or one.facts.kind != PRACTITIONER or one.gender == gender)
        ]

    def has_lapsed(self, resources: Iterable[int], start: int, end: int, now: float) -> bool:
        """Whether a hold that is over still lies in [start, end) of one of these resources."""
        instant = round(now * 1_000_000)
        return any(
            expires <= instant
            for one in resources
            for _, _, expires in self.spans.get(one, NOTHING).held_within(start, end)
        )

    def spliced(self, snapshot: str, changes: Iterable[tuple[int, int, int, Spans]]) -> "Book":
        """As another snapshot saw it: for each resource, what lies between two instants is replaced."""
        spans = dict(self.spans)
        for resource, low, high, news in changes:
            spans[resource] = spans.get(resource, NOTHING).spliced(low, high, news)
        return replace(self, snapshot=snapshot, spans=spans)


def replace_busy(facts: ResourceFacts, busy: tuple[int, ...]) -> ResourceFacts:
    return ResourceFacts(facts.id, facts.kind, facts.name, facts.hours, facts.absences, busy, facts.twin)


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
