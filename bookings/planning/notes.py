"""Why the sessions of a plan lie where they lie, as codes. The sentences are in `bookings.course_reasons`."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from bookings.availability import Finding
from bookings.planning.costs import Course, Note, Plan, Session
from bookings.planning.days import LocalDays

Why = Callable[
    [int, int, int], list[Finding]
]  # why a session of a kind can't begin at this tick with this practitioner


def noted(plans: list[Plan], course: Course, days: LocalDays, why: Why | None) -> list[Plan]:
    """The same plans, each with its notes: the whole plan's first, then session by session."""
    ends = [plan.sessions[-1].day for plan in plans]
    found = []
    for plan in plans:
        notes = list(_whole(plan, course))
        if len(plans) > 1 and ends.count(min(ends)) == 1 and plan.sessions[-1].day == min(ends):
            notes.append(Note("first_to_end", day=plan.sessions[-1].day))
        for number in range(1, len(plan.sessions) + 1):
            notes += _session(plan, number, course, days, why)
        found.append(replace(plan, notes=tuple(notes)))
    return found


def _whole(plan: Plan, course: Course) -> Iterator[Note]:
    weekday, minute, who = plan.rhythm.weekday, plan.rhythm.minute, plan.rhythm.practitioner
    one_day = all(one.day.weekday() == weekday for one in plan.sessions)
    one_time = all(one.minute == minute for one in plan.sessions)
    if len(plan.sessions) > 1:
        if one_day or one_time:
            yield Note("same_weekday_and_time" if one_day and one_time else "same_weekday" if one_day else "same_time")
        if all(one.practitioner == who for one in plan.sessions):
            yield Note("same_practitioner", practitioner=who)
    wish = course.wish
    if wish.weekday is not None and all(one.day.weekday() != wish.weekday for one in plan.sessions):
        yield Note("not_asked_weekday")
    if wish.minute is not None and all(one.minute != wish.minute for one in plan.sessions):
        yield Note("not_asked_time")
    if wish.practitioner is not None and all(one.practitioner != wish.practitioner for one in plan.sessions):
        yield Note("not_asked_practitioner", practitioner=wish.practitioner)


def _session(plan: Plan, number: int, course: Course, days: LocalDays, why: Why | None) -> Iterator[Note]:
    here, rhythm = plan.sessions[number - 1], plan.rhythm

    def causes(day: date, minute: int, practitioner: int) -> tuple[Finding, ...]:
        index = (day - days.first).days
        if why is None or not 0 <= index < len(days):
            return ()
        tick = days.tick(index, minute)
        return tuple(why(tick, practitioner, course.kind_of(number - 1))) if tick is not None else ()

    if number > 1:
        before = plan.sessions[number - 2]
        gap, (shortest, longest) = (here.day - before.day).days, course.gaps[number - 2]
        day, *usual = _expected(plan, before, shortest)
        if gap > longest:
            last = before.day + timedelta(days=longest)
            yield Note("beyond", number, gap - longest, last, causes=causes(day, *usual))
        else:
            if here.day != day:
                yield Note("another_day", number, (here.day - day).days, day, causes=causes(day, *usual))
    if here.practitioner != rhythm.practitioner:
        cause = causes(here.day, here.minute, rhythm.practitioner)
        yield Note("other_practitioner", number, practitioner=here.practitioner, day=here.day, causes=cause)
    if here.minute != rhythm.minute:
        yield Note("other_time", number, day=here.day, causes=causes(here.day, rhythm.minute, here.practitioner))


def _expected(plan: Plan, before: Session, shortest: int) -> tuple[date, int, int]:
    """Where the rhythm puts the session after `before`: its first weekday that the shortest spacing allows."""
    first = before.day + timedelta(days=shortest)
    day = first + timedelta(days=(plan.rhythm.weekday - first.weekday()) % 7)
    return day, plan.rhythm.minute, plan.rhythm.practitioner
