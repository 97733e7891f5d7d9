"""What somebody agreed to, in the very words; each choice can be taken back."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from bookings.services.details import CONSENTS
from clinic.errors import DomainError
from clinic.messaging.consent import record_consent
from clinic.people.access import requires
from consultations import journey
from consultations.models import Choice
from consultations.selectors import consents as selectors
from consultations.services.consent import withdraw
from consultations.standing import TAKES_FORM
from consultations.views.visitor import own_page, url_of


@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    if appointment.patient_id is None:
        return redirect(url_of("manage", appointment))
    problem = None
    if request.method == "POST":
        choice = request.POST.get("choice", "")
        try:
            if choice in selectors.MESSAGES:
                channel, purpose = CONSENTS[choice]
                source = "consents page"
                record_consent(appointment.patient_id, channel=channel, purpose=purpose, granted=False, source=source)
            else:
                withdraw(appointment, choice=choice, actor=request.actor)
            messages.success(request, _("Taken back. From now on it does not count any more."))
            return redirect(url_of("consents", appointment))
        except DomainError as refusal:
            problem = refusal
    context = {
        "appointment": appointment,
        "given": [
            {
                "row": row,
                "standing": standing,
                "url": url_of("signed_consent", appointment, consent_id=row.pk),
            }
            for row, standing in selectors.consents_of(appointment)
        ],
        "messages_agreed": selectors.message_consents(appointment.patient_id),
        "before_visit": appointment.state in TAKES_FORM,
        "taken_back": journey.took_consent_back(appointment),
        "consent_url": url_of("consent", appointment),
        "treatment": Choice.TREATMENT.value,
        "problem": problem,
        "has_errors": bool(problem),
        "back_url": url_of("manage", appointment),
    }
    return render(request, "booking/consents.html", context, status=problem.status if problem else 200)


@own_page("intake.own", health=True)
@require_safe
def signed_consent(request: HttpRequest, appointment: Appointment, consent_id: uuid.UUID) -> HttpResponse:
    row = selectors.signed_copy(consent_id, appointment=appointment, actor=request.actor)
    return _copy(request, row, back_url=url_of("consents", appointment))


@requires("consent.read")
@never_cache
@require_safe
def copy_for_staff(request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
    return _copy(request, selectors.signed_copy(consent_id, actor=request.actor), back_url="")


def _copy(request: HttpRequest, row, *, back_url: str) -> HttpResponse:
    context = {
        "consent": row,
        "standing": selectors.standing_of(row),
        "paragraphs": row.text.body.split("\n"),
        "zone": row.appointment.location.timezone,
        "back_url": back_url,
    }
    return render(request, "booking/signed_consent.html", context)
