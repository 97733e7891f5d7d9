from bookings.models.appointment import Allocation, Appointment, AppointmentArea
from bookings.models.course import Course
from bookings.models.hours import Absence, Closure, OpeningHours, WorkingHours
from bookings.models.requests import HoldTrace, IdempotentRequest
from bookings.models.resources import Device, Location, Practitioner, Resource, Room
from bookings.models.waiting import WaitingEntry, WaitingOffer

__all__ = [
    "Absence",
    "Allocation",
    "Appointment",
    "AppointmentArea",
    "Closure",
    "Course",
    "Device",
    "HoldTrace",
    "IdempotentRequest",
    "Location",
    "OpeningHours",
    "Practitioner",
    "Resource",
    "Room",
    "WaitingEntry",
    "WaitingOffer",
    "WorkingHours",
]
