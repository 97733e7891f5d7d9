"""Who stands before a page of the path: the holder's browser, a link, or a browser that has shown a code."""

import functools
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bookings.callers import by_link
from bookings.links import manage_token
from bookings.models import Appointment
from bookings.services.limits import Caller
from bookings.states import State
from clinic.people.access import Actor, requires
from clinic.proxies import address_of
from clinic.zone import write_in

OPENED, HOLD, PROVEN = "opened", "hold", "proven"
IDLE, WHOLE = 30 * 60, 24 * 3600
STEP = 60


def private(response: HttpResponse) -> HttpResponse:
    """Never stored, never indexed, and its address never in a Referer.

    ``strict-origin`` and not ``no-referrer``: under the latter browsers send ``Origin: null`` with a form, and nothing
    could be told from a forged one. Links that leave the site carry ``rel=noreferrer``.
    """
    response.headers["Cache-Control"] = "no-store, private"
    response.headers.setdefault("Referrer-Policy", "strict-origin")
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def own_page(action: str, *, health: bool = False) -> Callable:
    """A page behind a manage link. The view gets the appointment instead of the token.

    ``health`` pages also need the browser that held the time or that has shown a code; others lead to the code page.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @requires(action)
        @functools.wraps(view)
        def opened(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
            appointment = by_link(request, token)
            write_in(appointment.location.timezone)
            if not request.user.is_authenticated:
                who = str(appointment.patient_id) if appointment.patient_id else f"link-{appointment.reference}"
                request.actor = Actor("patient", patient_id=who)
            if health and not is_open_here(request, appointment):
                return private(redirect(f"{url_of('code', appointment)}?next={request.path}"))
            return private(view(request, appointment, **kwargs))

        return opened

    return decorate


def url_of(name: str, appointment: Appointment, **kwargs: Any) -> str:
    return reverse(f"booking:{name}", kwargs={"token": manage_token(appointment), **kwargs})


def open_here(request: HttpRequest, appointment: Appointment) -> None:
    """From now on this browser may see what this booking holds about somebody's health."""
    now = int(time.time())
    request.session[OPENED] = request.session.get(OPENED, {}) | {str(appointment.pk): [now, now]}


def close_here(request: HttpRequest, appointment: Appointment) -> None:
    request.session[OPENED] = {
        key: value for key, value in request.session.get(OPENED, {}).items() if key != str(appointment.pk)
    }


def is_open_here(request: HttpRequest, appointment: Appointment) -> bool:
    """Half an hour without a page, or a day, and a code is asked for again."""
    opened, now = request.session.get(OPENED, {}), int(time.time())
    since, seen = opened.get(str(appointment.pk), (0, 0))
    if now - seen > IDLE or now - since > WHOLE:
        return False
    if now - seen > STEP:
        request.session[OPENED] = opened | {str(appointment.pk): [since, now]}
    return True


def prove(request: HttpRequest, patient_id: object) -> None:
    """A code to this person's own phone was typed here: it is them, not somebody who knows their name and number."""
    proven = request.session.get(PROVEN, [])
    request.session[PROVEN] = [*proven, str(patient_id)] if str(patient_id) not in proven else proven


def is_proven(request: HttpRequest, appointment: Appointment) -> bool:
    """Whether what this person told us for other visits may be shown; the same limits of time as for this one."""
    known = str(appointment.patient_id) in request.session.get(PROVEN, [])
    return appointment.patient_id is not None and known and is_open_here(request, appointment)


def remember_hold(request: HttpRequest, appointment: Appointment) -> None:
    request.session[HOLD] = str(appointment.pk)
    open_here(request, appointment)


def own_hold(request: HttpRequest) -> Appointment | None:
    """The time this browser is keeping, if it still is one without a person."""
    if not (identifier := request.session.get(HOLD)):
        return None
    return Appointment.objects.filter(pk=identifier, state=State.HELD).select_related("location", "modality").first()


def caller(request: HttpRequest) -> Caller:
    """For the limits on holding: this browser's session, made if there is none, and its address."""
    if request.session.session_key is None:
        request.session.create()
    return Caller(browser=request.session.session_key, address=address_of(request))
