"""“Remind me when I can book”: asked for without a name, taken back with one press."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from bookings.callers import caller_of
from bookings.services.limits import refuse_guessing
from clinic.errors import DomainError, NotFound
from clinic.people.access import requires
from clinic.zone import write_in
from consultations.forms.booking import ReminderForm
from consultations.screening import Outcome
from consultations.services.reminding import ask_reminder, reminder_by_token, reminder_token, take_back
from consultations.views.suitability import past_the_questions
from consultations.views.visitor import caller, private


@sensitive_post_parameters()
@requires("reminder.ask")
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest, slug: str) -> HttpResponse:
    """Only for somebody whose answers name a later day. Nobody learns here whether we know a number."""
    passed = past_the_questions(request, slug)
    if isinstance(passed, HttpResponse):
        return passed
    trip, _answers, verdict = passed
    if verdict.outcome is not Outcome.DEFER:
        return redirect(trip.url("time"))
    form, problem = ReminderForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        try:
            row = ask_reminder(
                phone=form.cleaned_data["phone"],
                day=verdict.bookable_from,
                zone=trip.location.timezone,
                language=get_language(),
                whatsapp=form.cleaned_data["whatsapp"],
                caller=caller(request),
            )
            return private(redirect("reminder", token=reminder_token(row)))
        except DomainError as refusal:
            for sentence in refusal.fields.get("phone", ()):
                form.add_error("phone", str(sentence))
            problem = None if refusal.fields else refusal
    context = {
        "trip": trip,
        "form": form,
        "day": verdict.bookable_from,
        "problem": problem,
        "has_errors": bool(problem),
        "back_url": trip.url("later"),
    }
    status = problem.status if problem else 422 if form.errors else 200
    return private(render(request, "book/remind.html", context, status=status))


@requires("reminder.own")
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """When we write, and the way to take it back."""
    try:
        row = reminder_by_token(token)
    except NotFound:
        refuse_guessing(caller_of(request))
        raise
    if request.method == "POST":
        take_back(row)
        return private(redirect("reminder_gone"))
    write_in(row.timezone)
    return private(render(request, "reminder/own.html", {"due": row.due_at}))


@requires("page.read")
@require_safe
def gone(request: HttpRequest) -> HttpResponse:
    return private(render(request, "reminder/gone.html"))
