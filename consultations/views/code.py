"""A one-time code opens what a link alone does not."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.models import Appointment
from clinic.errors import DomainError, Invalid
from clinic.people.codes import MINUTES, send_code, use_code
from clinic.proxies import address_of
from consultations.forms.booking import CodeForm
from consultations.views.onward import onward
from consultations.views.visitor import is_open_here, is_proven, open_here, own_page, prove, url_of

SENT = "code"


def ask_for_code(request: HttpRequest, *, phone: str, purpose: str, strangers: bool = False) -> None:
    """Sends a code and binds it to this browser; the one before ends. TooMany beyond the limits."""
    before = request.session.get(SENT, {})
    row = send_code(
        phone=phone,
        language=get_language(),
        address=address_of(request),
        instead_of=before.get("id"),
        strangers=strangers,
    )
    request.session[SENT] = {"id": str(row.pk), "for": purpose}


def code_for(request: HttpRequest, purpose: str) -> str | None:
    """The id of the code that this browser asked for, for this purpose."""
    sent = request.session.get(SENT, {})
    return sent.get("id") if sent.get("for") == purpose else None


@sensitive_post_parameters()
@own_page("booking.own")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    wanted = is_proven if request.GET.get("prove") else is_open_here
    if appointment.patient_id is None or wanted(request, appointment):
        return redirect(_next(request, appointment))
    purpose, problem, form = str(appointment.pk), None, CodeForm()
    try:
        if request.method == "POST" and request.POST.get("send"):
            ask_for_code(request, phone=appointment.patient.phone, purpose=purpose)
            again = "&prove=1" if request.GET.get("prove") else ""
            return redirect(f"{request.path}?next={_next(request, appointment)}{again}")
        if request.method == "POST":
            form = CodeForm(request.POST)
            if form.is_valid():
                used = use_code(code_for(request, purpose), code=form.cleaned_data["code"])
                if used.phone_index == appointment.patient.phone_index:
                    request.session.cycle_key()
                    del request.session[SENT]
                    open_here(request, appointment)
                    prove(request, appointment.patient_id)
                    return redirect(_next(request, appointment))
                form.add_error("code", CodeForm.base_fields["code"].error_messages["required"])
    except Invalid as refusal:
        form.add_error("code", [str(one) for one in refusal.fields["code"]])
    except DomainError as refusal:
        problem = refusal
    context = {
        "appointment": appointment,
        "form": form,
        "problem": problem,
        "has_errors": bool(problem),
        "sent": code_for(request, purpose) is not None,
        "ending": appointment.patient.phone[-2:],
        "minutes": MINUTES,
        "next": _next(request, appointment),
        "back_url": url_of("manage", appointment),
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "booking/code.html", context, status=status)


def _next(request: HttpRequest, appointment: Appointment) -> str:
    target, own = request.GET.get("next", ""), url_of("manage", appointment)
    if target.startswith(own) and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return onward(appointment)
