"""Who is asking, for limits and for access to one booking."""

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from bookings.models import Appointment
from bookings.selectors import appointment_by_token, get_appointment
from bookings.services.limits import Caller, refuse_guessing
from clinic.errors import NotFound
from clinic.people.access import PRACTITIONER, STAFF, Actor, actor_of
from clinic.people.authentication import bearer_of
from clinic.proxies import address_of


def caller_of(request: HttpRequest) -> Caller:
    session = getattr(request, "session", None)
    return Caller(browser=getattr(session, "session_key", None) or "", address=address_of(request))


def by_link(request: HttpRequest, token: str) -> Appointment:
    """The booking a link's token opens. NotFound for any other token, TooMany after many wrong ones."""
    try:
        return appointment_by_token(token)
    except NotFound:
        refuse_guessing(caller_of(request))
        raise


def own_booking(request: HttpRequest, identifier: UUID, *, staff: frozenset[str] = STAFF) -> tuple[Appointment, Actor]:
    """The booking and who acts on it: its bearer token, its patient's session, or those of the ``staff`` roles; a
    practitioner only on visits of their own diary.

    NotFound, in the same words as for an id that does not exist, for everybody else.
    """
    if token := bearer_of(request):
        row = by_link(request, token)
        if row.pk != identifier:
            raise NotFound(_("We can't find that booking."))
        return row, Actor("patient", patient_id=str(row.patient_id) if row.patient_id else f"link-{row.reference}")
    actor = actor_of(request)
    if actor.kind in staff:
        row = get_appointment(identifier)
        if actor.kind != PRACTITIONER or row.practitioner.practitioner.user_id == actor.user.pk:
            return row, actor
    if actor.patient_id:
        row = get_appointment(identifier)
        if str(row.patient_id) == actor.patient_id:
            return row, actor
    raise NotFound(_("We can't find that booking."))
