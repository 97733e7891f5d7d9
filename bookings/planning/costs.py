"""What a course is asked for, what a plan is, and what it costs."""

from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from bookings.availability import Finding

LATER, OTHER_WEEKDAY, OTHER_PRACTITIONER, TOO_LATE = 1, 5, 12, 1000
OTHER_TIME = ((0, 0), (30, 2), (60, 4), (120, 6))  # up to so many minutes away, so many points
FAR_TIME = 9
MOST_SESSIONS = 12

Gap = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner: the ticks of the frame at which a session of this kind can begin with them.

    A course of several treatments has a person once for each kind that they give; see `Course.kinds`.
    """

    id: int
    starts: int
    kind: int = 0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A weekday (Monday 0), a minute of the local day, a practitioner; None: any."""

    weekday: int | None = None
    minute: int | None = None
    practitioner: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What is asked for; sessions lie from earliest to latest.

    `spacing` in whole local days, both ends allowed: one pair for every gap, or a tuple with a pair for each. `kinds`
    says of which kind each session is, where they are not all alike: which people can give it, and when.
    """

    sessions: int
    spacing: Gap | tuple[Gap, ...]
    earliest: date
    latest: date
    wish: Rhythm = Rhythm()
    kinds: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.sessions <= MOST_SESSIONS or self.kinds and len(self.kinds) != self.sessions:
            raise ValueError(f"no course of {self.sessions} sessions of the kinds {self.kinds}")
        each = self.gaps if self._has_own_gaps else (self.spacing,)
        if not all(0 < shortest <= longest for shortest, longest in each):
            raise ValueError(f"no course of {self.sessions} sessions at {self.spacing} days")
        if len(self.gaps) != self.sessions - 1:
            raise ValueError(f"no course of {self.sessions} sessions with {len(self.gaps)} gaps")

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Shortest and longest distance of each session but the first from the one before it."""
        return self.spacing if self._has_own_gaps else (self.spacing,) * (self.sessions - 1)

    @property
    def _has_own_gaps(self) -> bool:
        return not self.spacing or isinstance(self.spacing[0], tuple)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Of each session: days after the first when every gap is the shortest."""
        return tuple(accumulate((gap[0] for gap in self.gaps), initial=0))

    def kind_of(self, session: int) -> int:
        """Of a session by its place, from 0."""
        return self.kinds[session] if self.kinds else 0


@dataclass(frozen=True, slots=True)
class Session:
    """`start` in epoch seconds, with its local day and minute of the day."""

    start: int
    practitioner: int
    day: date
    minute: int


@dataclass(frozen=True, slots=True)
class Note:
    """A code of `course_reasons` about one session (1, 2, …) or the whole plan (0), and what its sentence tells."""

    code: str
    session: int = 0
    days: int = 0
    day: date | None = None
    practitioner: int | None = None
    causes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    sessions: tuple[Session, ...]
    rhythm: Rhythm
    cost: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Within the spacing this session (1, 2, …) has no free day; it would lie between these two."""

    session: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Proposals:
    """Plans, the best first. With `failure` they are the best effort beyond the longest spacing, or there is none."""

    plans: tuple[Plan, ...]
    failure: Failure | None = None


def time_cost(minutes: int) -> int:
    return next((cost for reach, cost in OTHER_TIME if abs(minutes) <= reach), FAR_TIME)


def apart(session: Session, rhythm: Rhythm) -> int:
    """What a session costs against a rhythm, or against what was asked for."""
    cost = 0
    if rhythm.weekday is not None and session.day.weekday() != rhythm.weekday:
        cost += OTHER_WEEKDAY
    if rhythm.minute is not None:
        cost += time_cost(session.minute - rhythm.minute)
    if rhythm.practitioner is not None and session.practitioner != rhythm.practitioner:
        cost += OTHER_PRACTITIONER
    return cost


def cost_of(sessions: tuple[Session, ...], rhythm: Rhythm, course: Course) -> int:
    """The price of these sessions in a rhythm, as `bookings.planner` tells it."""
    slack = (sessions[-1].day - course.earliest).days - course.offsets[-1]
    pairs = zip(sessions, sessions[1:], course.gaps, strict=False)
    late = sum((b.day - a.day).days > longest for a, b, (_shortest, longest) in pairs)
    return LATER * slack + TOO_LATE * late + sum(apart(one, rhythm) + apart(one, course.wish) for one in sessions)
