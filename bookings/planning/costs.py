"""What a course is asked for, what a plan is, and what it costs."""

from dataclasses import dataclass
from datetime import date

from bookings.availability import Finding

LATER, OTHER_WEEKDAY, OTHER_PRACTITIONER, TOO_LATE = 1, 5, 12, 1000
OTHER_TIME = ((0, 0), (30, 2), (60, 4), (120, 6))  # up to so many minutes away, so many points
FAR_TIME = 9
MOST_SESSIONS = 12


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner: the ticks of the frame at which a session with them can begin."""

    id: int
    starts: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A weekday (Monday 0), a minute of the local day, a practitioner; None: any."""

    weekday: int | None = None
    minute: int | None = None
    practitioner: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What is asked for. `spacing` in whole local days, both ends allowed; sessions lie from earliest to latest."""

    sessions: int
    spacing: tuple[int, int]
    earliest: date
    latest: date
    wish: Rhythm = Rhythm()

    def __post_init__(self) -> None:
        shortest, longest = self.spacing
        if not 1 <= self.sessions <= MOST_SESSIONS or not 0 < shortest <= longest:
            raise ValueError(f"no course of {self.sessions} sessions at {self.spacing} days")


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
    shortest, longest = course.spacing
    slack = (sessions[-1].day - course.earliest).days - shortest * (len(sessions) - 1)
    late = sum((b.day - a.day).days > longest for a, b in zip(sessions, sessions[1:], strict=False))
    return LATER * slack + TOO_LATE * late + sum(apart(one, rhythm) + apart(one, course.wish) for one in sessions)
