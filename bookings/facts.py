"""What the engine reads and answers: a visit's need, resources and places as loaded, bars, findings, assignments."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from bookings.ticks import TICK, WeeklyHours, erode

PRACTITIONER, ROOM, DEVICE, PATIENT = "practitioner", "room", "device", "patient"


@dataclass(frozen=True, slots=True)
class Need:
    """What a visit takes, in ticks: a talk first where it is booked with one, then numbing, treatment, turnaround.

    The room is needed throughout, the practitioner for talk and treatment, the device for treatment, the patient until
    the treatment ends. Without a `room` it is a visit by video: the practitioner's own hours decide, not the building's.
    """

    numbing: int
    treatment: int
    turnaround: int
    device: bool = True
    talk: int = 0
    room: bool = True

    @classmethod
    def of_minutes(
        cls,
        numbing: int,
        treatment: int,
        turnaround: int,
        *,
        device: bool = True,
        talk: int = 0,
        room: bool = True,
    ) -> "Need":
        per_tick = TICK // 60
        numbing, treatment, turnaround, talk = (
            -(-minutes // per_tick) for minutes in (numbing, treatment, turnaround, talk)
        )
        return cls(numbing, treatment, turnaround, device, talk, room)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Of which kinds one is needed, the patient apart."""
        return (*((ROOM,) if self.room else ()), PRACTITIONER, *((DEVICE,) if self.device else ()))

    @property
    def total(self) -> int:
        return self.talk + self.numbing + self.treatment + self.turnaround

    def phases_of(self, kind: str) -> tuple[tuple[int, int], ...]:
        """When a resource of this kind is needed: ticks after the start, and for how many."""
        if kind == ROOM:
            return ((0, self.total),)
        if kind == PATIENT:
            return ((0, self.talk + self.numbing + self.treatment),)
        treatment = (self.talk + self.numbing, self.treatment)
        return ((0, self.talk), treatment) if kind == PRACTITIONER and self.talk else (treatment,)

    def starts_of(self, kind: str, free: int) -> int:
        """Starting ticks of the visit at which a resource of this kind, free like this, is free when it is needed."""
        found = -1
        for offset, length in self.phases_of(kind):
            found &= erode(free, length) >> offset
        return found


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """One resource as loaded. Times in epoch seconds, flat: start, end, start, end, …

    Resources with an equal `twin` serve the same treatments at the same place: what is booked on one may be swapped to
    another.
    """

    id: int
    kind: str
    name: str = ""
    hours: tuple[WeeklyHours, ...] | None = None  # None: whenever its location is open
    absences: tuple[int, ...] = ()
    busy: tuple[int, ...] = ()
    twin: Hashable = None


@dataclass(frozen=True, slots=True)
class Bar:
    """Starting ticks forbidden for one reason. `detail` is what its sentence tells (a date, a number of days)."""

    code: str
    forbidden: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """One location as loaded, with the resources that suit the visit and the bars of its own rules."""

    id: int
    zone: str
    hours: tuple[WeeklyHours, ...]
    closures: tuple[tuple[date, date], ...] = ()
    resources: tuple[ResourceFacts, ...] = ()
    step: int = 15  # minutes of the local clock
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a tick is no start: a code of `reasons`, and what or who it is about."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Swap:
    """One visit's interval, in epoch seconds, that goes from one resource to another."""

    start: int
    end: int
    was: int
    becomes: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """Resource ids for a start, and what must be swapped for it first."""

    place: int
    room: int | None  # None: by video
    practitioner: int
    device: int | None
    swaps: tuple[Swap, ...] = ()
