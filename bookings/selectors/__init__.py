"""Reads. Each in a fixed number of queries; nothing is written when somebody looks."""

from bookings.selectors.appointments import appointment_by_token, day_sheet, get_appointment, plan_of, with_resources
from bookings.selectors.books import Asked, current_book, kept_book, plan_for
from bookings.selectors.free_times import (
    FreeTimes,
    free_starts,
    nearest_starts,
    next_free_day,
    not_before,
    why_not,
    wishes_of,
)

__all__ = [
    "Asked",
    "FreeTimes",
    "appointment_by_token",
    "current_book",
    "day_sheet",
    "free_starts",
    "get_appointment",
    "kept_book",
    "nearest_starts",
    "next_free_day",
    "not_before",
    "plan_for",
    "plan_of",
    "why_not",
    "wishes_of",
    "with_resources",
]
