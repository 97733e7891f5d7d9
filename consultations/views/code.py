"""A one-time code opens what a link alone does not."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.models import Appointment
from clinic.errors import DomainError, Invalid
from clinic.people.codes import MINUTES, send_code, use_code
from clinic.people.models import Patient
from clinic.proxies import address_of
from consultations.forms.booking import CodeForm
from consultations.views.onward import onward
from consultations.views.visitor import is_open_here, is_proven, open_here, own_page, prove, url_of

SENT = "code"


def ask_for_code(
    request: HttpRequest, *, phone: str, purpose: str, strangers: bool = False, known: Patient | None = None
) -> None:
    """Sends a code and binds it to this browser; the one before ends. TooMany beyond the limits, DomainError where no code
    may go."""
    before = request.session.get(SENT, {})
    row = send_code(
        phone=phone,
        language=get_language(),
        address=address_of(request),
        instead_of=before.get("id"),
        strangers=strangers,
        known=known,
    )
    request.session[SENT] = {"id": str(row.pk), "for": purpose}


def code_for(request: HttpRequest, purpose: str) -> str | None:
    """The id of the code that this browser asked for, for this purpose."""
    sent = request.session.get(SENT, {})
    return sent.get("id") if sent.get("for") == purpose else None


def code_page(
    request: HttpRequest,
    *,
    patient: Patient,
    purpose: str,
    again: str,
    opened: Callable[[], HttpResponse],
    template: str = "booking/code.html",
    **context: Any,
) -> HttpResponse:
    """Asks for a code to the patient's own phone, and opens what is behind it. One page for every link.

    ``purpose`` binds the code to what it opens, ``again`` is where a browser goes that asked for one, ``opened`` notes that
    this browser may see it and leads on.
    """
    problem, form = None, CodeForm()
    try:
        if request.method == "POST" and request.POST.get("send"):
            ask_for_code(request, phone=patient.phone, purpose=purpose, known=patient)
            return redirect(again)
        if request.method == "POST":
            form = CodeForm(request.POST)
            if form.is_valid():
                used = use_code(code_for(request, purpose), code=form.cleaned_data["code"])
                if used.phone_index == patient.phone_index:
                    request.session.cycle_key()
                    del request.session[SENT]
                    return opened()
                form.add_error("code", CodeForm.base_fields["code"].error_messages["required"])
    except Invalid as refusal:
        form.add_error("code", [str(one) for one in refusal.fields["code"]])
    except DomainError as refusal:
        problem = refusal
    shown = {
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "sent": code_for(request, purpose) is not None,
        "ending": patient.phone[-2:],
        "minutes": MINUTES,
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, template, shown | context, status=status)


@sensitive_post_parameters()
@own_page("booking.own")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """``?prove=1``: not only the browser that held the time, but somebody who has the phone."""
    wanted = is_proven if request.GET.get("prove") else is_open_here
    following = _next(request, appointment)
    if appointment.patient_id is None or wanted(request, appointment):
        return redirect(following)

    def opened() -> HttpResponse:
        open_here(request, appointment)
        prove(request, appointment.patient_id)
        return redirect(following)

    return code_page(
        request,
        patient=appointment.patient,
        purpose=str(appointment.pk),
        again=f"{request.path}?next={following}{'&prove=1' if request.GET.get('prove') else ''}",
        opened=opened,
        appointment=appointment,
        next=following,
        back_url=url_of("manage", appointment),
    )


def _next(request: HttpRequest, appointment: Appointment) -> str:
    target, own = request.GET.get("next", ""), url_of("manage", appointment)
    if target.startswith(own) and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return onward(appointment)
