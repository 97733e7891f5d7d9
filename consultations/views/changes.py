"""Before the visit: has anything changed? And a practitioner's question."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.models import Appointment
from clinic.errors import DomainError
from consultations.forms.booking import AnswerForm
from consultations.forms.topics import TopicsForm
from consultations.frame import areas_of
from consultations.questionnaire import current, texts
from consultations.reopening import topics_for
from consultations.services.changes import choose_topics, latest_submission, report_change, report_unchanged
from consultations.services.questions import answer_question, closed, open_question
from consultations.standing import HEARS_CHANGES
from consultations.views.form import reopened_of, takes_form
from consultations.views.manage import when
from consultations.views.onward import onward
from consultations.views.visitor import own_page, url_of


@own_page("intake.own")
@require_http_methods(["GET", "HEAD", "POST"])
def changed(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """No: written down. Yes: the form opens with the answers it had, and the visit waits for a practitioner."""
    if appointment.state not in HEARS_CHANGES or latest_submission(appointment) is None:
        return redirect(onward(appointment))
    answer, problem = request.POST.get("answer", ""), None
    if request.method == "POST" and answer in ("same", "changed"):
        try:
            if answer == "same":
                report_unchanged(appointment, actor=request.actor)
                messages.success(request, _("Thank you. See you soon."))
                return redirect(url_of("manage", appointment))
            report_change(appointment, actor=request.actor)
            return redirect(url_of("topics", appointment))
        except DomainError as refusal:
            problem = refusal
    elif request.method == "POST":
        problem = DomainError("answer_missing", _("Choose yes or no."), status=422)
    context = {
        "appointment": appointment,
        "when": when(appointment),
        "problem": problem,
        "has_errors": bool(problem),
        "back_url": url_of("manage", appointment),
    }
    return render(request, "booking/changed.html", context, status=problem.status if problem else 200)


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def topics(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    """What changed: its questions open, the rest stays as it was."""
    if not takes_form(appointment) or reopened_of(appointment) is None:
        return redirect(onward(appointment))
    frame = {"modality": appointment.modality.slug, "areas": areas_of(appointment)}
    choices = [(one.id, texts.topic(one.id, get_language())) for one in topics_for(current(), **frame)]
    form = TopicsForm(request.POST if request.method == "POST" else None, choices=choices)
    if form.is_bound and form.is_valid():
        choose_topics(appointment, topics=form.cleaned_data["topics"], actor=request.actor)
        return redirect(url_of("form", appointment))
    context = {"appointment": appointment, "form": form, "back_url": url_of("manage", appointment)}
    return render(request, "booking/topics.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@own_page("intake.own", health=True)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, appointment: Appointment) -> HttpResponse:
    asked = open_question(appointment)
    if asked is None and request.method == "POST":
        messages.error(request, str(closed()))
        return redirect(url_of("changed", appointment))
    if asked is None:
        return redirect(url_of("manage", appointment))
    if asked.question_id:
        return redirect(url_of("form", appointment))
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_question(appointment, text=form.cleaned_data["text"], actor=request.actor)
            messages.success(request, _("Thank you. The practitioner reads your answer and we write to you."))
            return redirect(url_of("manage", appointment))
        except DomainError as refusal:
            form.add_error(None, str(refusal))
    context = {
        "appointment": appointment,
        "asked": asked,
        "form": form,
        "back_url": url_of("manage", appointment),
    }
    return render(request, "booking/question.html", context, status=422 if form.errors else 200)
