"""Every diary of the clinic over a stretch of time, as values: what the engine is fed from."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bookings.facts import DEVICE, PRACTITIONER, ROOM, PlaceFacts, ResourceFacts
from bookings.spans import NOTHING, Spans
from bookings.ticks import Frame, WeeklyHours


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
    room: str | None
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
        needs_room: bool = True,
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
            for one in self._fit(
                modality_id,
                needs_device,
                needs_room=needs_room,
                talk_id=talk_id,
                practitioner=practitioner,
                gender=gender,
            )
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

    def names(self, *, location: int, practitioner: int, room: int | None) -> Names | None:
        """None when one of them is not in the book. Without a room it is a visit by video."""
        who, where = (
            next((one for one in self.resources if one.facts.id == key), None) for key in (practitioner, room)
        )
        place = next((one for one in self.rules if one.id == location), None)
        if not (who and place) or (room is not None and where is None):
            return None
        called = " ".join(filter(None, [who.title, who.facts.name]))
        return Names(who.slug, called, where.slug if where else None, place.slug, place.zone)

    def able(
        self,
        *,
        modality_id: int,
        needs_device: bool,
        needs_room: bool = True,
        talk_id: int | None = None,
        practitioner: str | None = None,
        gender: str | None = None,
    ) -> set[int]:
        """Every resource that could serve such a visit, anywhere."""
        return {
            one.facts.id
            for one in self._fit(
                modality_id,
                needs_device,
                needs_room=needs_room,
                talk_id=talk_id,
                practitioner=practitioner,
                gender=gender,
            )
        }

    def _fit(
        self,
        modality_id: int,
        needs_device: bool,
        *,
        needs_room: bool,
        talk_id: int | None,
        practitioner: str | None,
        gender: str | None,
    ) -> list["ResourceRow"]:
        return [
            one
            for one in self.resources
            if one.suits(modality_id, talk_id)
            and (needs_device or one.facts.kind != DEVICE)
            and (needs_room or one.facts.kind != ROOM)
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
