"""How many times one browser, phone or address may hold. Counted in PostgreSQL, so a restart opens nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from bookings.models import Appointment, HoldTrace
from bookings.states import Source, State
from clinic.crypto.search import blind_index
from clinic.errors import TooMany
from clinic.messaging.caps import may_ask
from clinic.messaging.limits import take
from clinic.people.models import Patient

LIVE_HOLDS = 2
HOLDS_AN_HOUR = 20
WRONG_LINKS_AN_HOUR = 100
JOINS_AN_HOUR, JOINS_BY_PHONE = 20, 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an id of the browser and the network address; either may be unknown."""

    browser: str = ""
    address: str = ""

    @property
    def browser_index(self) -> str:
        return blind_index("hold-browser", self.browser) if self.browser else ""

    @property
    def address_index(self) -> str:
        return blind_index("hold-address", self.address) if self.address else ""


def refuse_hoarding(caller: Caller, *, now: datetime) -> None:
    """TooMany when this browser keeps two times already, or this address has held twenty within an hour."""
    if not settings.RATE_LIMITS:
        return
    if caller.browser:
        live = HoldTrace.objects.filter(
            browser=caller.browser_index, appointment__state=State.HELD, appointment__hold_expires_at__gt=now
        )
        if live.count() >= LIVE_HOLDS:
            raise TooMany(
                _("You are already keeping two times. Finish or release one of them first."), code="too_many_holds"
            )
    if caller.address:
        recent = HoldTrace.objects.filter(address=caller.address_index, created_at__gt=now - timedelta(hours=1))
        if recent.count() >= HOLDS_AN_HOUR:
            raise TooMany(_("Many times were held from here in the last hour. Please wait a little, or call us."))


def refuse_guessing(caller: Caller) -> None:
    """TooMany when this address has tried a hundred wrong links within the hour.

    A right link still opens: 256 bits are not guessed, and a waiting room shares one address.
    """
    if not settings.RATE_LIMITS or not caller.address:
        return
    key = f"wrong-link:{caller.address_index}"
    if not take(key, limit=WRONG_LINKS_AN_HOUR, window=timedelta(hours=1)):
        raise TooMany


def refuse_hoarding_by_phone(patient: Patient, *, source: str, now: datetime) -> None:
    """TooMany when two unfinished online bookings wait for this phone's form already."""
    if not settings.RATE_LIMITS or source != Source.ONLINE or not patient.phone_index:
        return
    open_ones = Appointment.objects.filter(patient__phone_index=patient.phone_index, state=State.RESERVED)
    if open_ones.filter(form_due_at__gt=now).count() >= LIVE_HOLDS:
        raise TooMany(
            _("Two bookings with these details are not finished yet. Finish or cancel one of them first."),
            code="too_many_holds",
        )


def refuse_joining(caller: Caller, *, phone: str) -> None:
    """TooMany when this address has put twenty people on the waiting list within the hour, or somebody this phone three
    times, or very many phones that begin alike: each would be written to."""
    if not may_ask("join", phone=phone, address=caller.address, by_number=JOINS_BY_PHONE, by_address=JOINS_AN_HOUR):
        raise TooMany


def trace_of(caller: Caller, appointment: Appointment) -> HoldTrace:
    """Who holds, to be written with the hold."""
    return HoldTrace(appointment=appointment, browser=caller.browser_index, address=caller.address_index)
