"""The page on which a booking goes on: the first step that is left, or its own page."""

from bookings.models import Appointment
from consultations import journey
from consultations.views.visitor import url_of


def onward(appointment: Appointment) -> str:
    step = journey.next_step(appointment)
    return url_of(step.name if step else "manage", appointment)
