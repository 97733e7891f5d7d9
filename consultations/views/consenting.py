"""Consent: a plain summary, the whole text, the photo choices apart, and a typed name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from bookings.models import Appointment
from clinic.errors import DomainError
from consultations import journey
from consultations.consent_words import consent_words, words_shown
from consultations.forms.booking import ConsentForm
from consultations.models import PHOTO_CHOICES
from consultations.services.consent import give_consent
from consultations.views.onward import onward
from consultations.views.visitor import own_page, url_of
from treatments.money import money


@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    step = journey.next_step(appointment)
    if step is None or step.name != "consent":
        return redirect(onward(appointment))
    words = consent_words(appointment.modality.slug, get_language())
    problem = None
    if request.method == "POST":
        form = ConsentForm(request.POST, words=words)
        if form.is_valid():
            given = form.cleaned_data
            read = words_shown(appointment.modality.slug, given["shown"])
            try:
                give_consent(
                    appointment,
                    version=read.version if read else "",
                    typed_name=given["name"],
                    language=read.language if read else words.language,
                    **{choice.value: given[choice] for choice in PHOTO_CHOICES},
                    actor=request.actor,
                )
                return redirect(onward(journey.settle(appointment, actor=request.actor)))
            except DomainError as refusal:
                problem = refusal
        form.data = form.data.copy()
        form.data["shown"] = words.hash  # from here on the page has these words
    else:
        form = ConsentForm(initial={"shown": words.hash}, words=words)
    context = {
        "appointment": appointment,
        "form": form,
        "words": words,
        "problem": problem,
        "has_errors": bool(problem),
        "price": money(appointment.price, appointment.currency),
        "text_url": url_of("consent_text", appointment),
        "back_url": url_of("manage", appointment),
    }
    status = problem.status if problem else 422 if form.errors else 200
    return render(request, "booking/consent.html", context, status=status)


@own_page("intake.own", health=True)
@require_safe
def consent_text(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """The whole text alone, to read and to print."""
    if appointment.modality.slug == "consult":
        return redirect(onward(appointment))
    context = {
        "appointment": appointment,
        "words": consent_words(appointment.modality.slug, get_language()),
        "back_url": url_of("consent", appointment),
    }
    return render(request, "booking/consent_text.html", context)
