"""Where a patient tells us that something is wrong: a page behind the link of the visit."""

from bookings.links import manage_path
from bookings.models import Appointment


def wrong_path(appointment: Appointment) -> str:
    return f"{manage_path(appointment)}wrong/"
