"""Who is asking, for limits and for access to one booking."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.selectors import appointment_by_token, get_appointment
from bookings.services.limits import Caller
from clinic.errors import NotFound
from clinic.people.access import DESK, PRACTITIONER, Actor, actor_of


def address_of(request: HttpRequest) -> str:
    """The client's address; forwarded ones count only from a trusted proxy, the last one it did not add itself."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while address in settings.TRUSTED_PROXIES and forwarded:
        address = forwarded.pop()
    return address


def caller_of(request: HttpRequest) -> Caller:
    session = getattr(request, "session", None)
    return Caller(browser=getattr(session, "session_key", None) or "", address=address_of(request))


def bearer_of(request: HttpRequest) -> str:
    kind, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def own_booking(request: HttpRequest, identifier: UUID) -> tuple[Appointment, Actor]:
    """The booking and who acts on it: its bearer token, its patient's session, or the desk or a practitioner.

    NotFound, in the same words as for an id that does not exist, for everybody else.
    """
    if token := bearer_of(request):
        row = appointment_by_token(token)
        if row.pk != identifier:
            raise NotFound(_("We can't find that booking."))
        return row, Actor("patient", patient_id=str(row.patient_id) if row.patient_id else f"link-{row.reference}")
    actor = actor_of(request)
    if actor.kind in (DESK, PRACTITIONER):
        return get_appointment(identifier), actor
    if actor.patient_id:
        row = get_appointment(identifier)
        if str(row.patient_id) == actor.patient_id:
            return row, actor
    raise NotFound(_("We can't find that booking."))
