"""People on the waiting list of the small clinic, and a Tuesday on which one half hour is worked."""

from datetime import date, timedelta

from bookings.models import Absence, Resource, WaitingEntry
from bookings.services import waiting
from bookings.waiting import PARTS
from clinic.messaging.models import Message
from tests.bookings.cast import NOW, at, confirmed, make_patient, plan

TUESDAY = date(2027, 3, 2)
TEN = "2027-03-02 10:00"


def waits(clinic, name="Elif Aydın", modality="peel", *, now=NOW, **wish) -> WaitingEntry:
    """On the list for Tuesday 2 March, any part of the day, unless said otherwise."""
    chosen = {"first": TUESDAY, "last": TUESDAY, "parts": PARTS, "areas": ("face",)} | wish
    areas, patient = chosen.pop("areas"), chosen.pop("patient", None) or make_patient(name)
    return waiting.join(
        plan=plan(modality, *areas), location=getattr(clinic, "location", clinic), patient=patient, now=now, **chosen
    )


def one_half_hour() -> None:
    """On Tuesday Ayşe works from 10:00 to 10:30, and nobody else."""
    away = [("ayse", "00:00", "10:00"), ("ayse", "10:30", "23:00"), ("deniz", "00:00", "23:00")]
    for slug, first, last in away:
        who = Resource.objects.get(slug=slug)
        Absence.objects.create(resource=who, starts_at=at(f"2027-03-02 {first}"), ends_at=at(f"2027-03-02 {last}"))


def taken_half_hour():
    """The same, and somebody has it."""
    one_half_hour()
    return confirmed(TEN, "peel", patient=make_patient("Zeynep Şahin"))


def offers_sent(state="pending"):
    return Message.objects.filter(kind="waitlist_offer", state=state)


def open_offer(entry):
    return entry.offers.filter(answer="").select_related("appointment").first()


def later(**span):
    return NOW + timedelta(**span)
