"""The review queue, one form's decision, taking it back, and a permit against a rule's no."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from clinic.people.models import Patient
from consultations.decision_words import WORDS, standard_text
from consultations.models import Decision, ReviewDecision, Submission
from consultations.selectors import review as selectors
from consultations.services import review as services
from consultations.services.permits import give_permit
from consultations.views.permit_form import PermitForm
from consultations.views.review_form import CHOICES, DecisionForm


@requires("review.read")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """``?mine=1`` leaves the visits with others out."""
    mine = request.GET.get("mine") == "1"
    context = {
        "waiting": selectors.queue(actor=request.actor, mine=mine),
        "mine": mine,
        "undoable": [
            {"row": one, "word": WORDS[Decision(one.decision)]} for one in selectors.undoable(actor=request.actor)
        ],
    }
    return render(request, "review/queue.html", context)


@requires("review.decide")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """Shows a form with its flags first; a POST decides, to take effect in a minute."""
    submission = get_object_or_404(
        Submission.objects.select_related("appointment").defer("answers", "as_asked", "findings"), pk=submission_id
    )
    status, bound, given, seen = 200, None, None, selectors.last_word(submission)
    if request.method == "POST":
        sheet = selectors.sheet(submission_id, actor=request.actor, language=get_language())
        bound = DecisionForm(request.POST, questions=sheet.questions)
        try:
            if bound.is_valid():
                given = dict(bound.cleaned_data)
                if given["decision"] != Decision.ASK and not given["patient_text"].strip():
                    given["patient_text"] = standard_text(given["decision"], submission.appointment.language)
                services.decide(submission, actor=request.actor, wait=services.UNDO, **given)
                messages.success(request, _("Decided. It takes effect in a minute; until then you can take it back."))
                return redirect("review:queue")
            status = 422
        except Invalid as refusal:
            for name, sentences in refusal.fields.items():
                bound.add_error(name if name in bound.fields else None, list(sentences))
            status = refusal.status
        except DomainError as refusal:
            bound.add_error(None, str(refusal))
            status = refusal.status
    if status == 409:  # what came between stands on the page now
        seen = selectors.last_word(submission)
    if bound is None or status == 409:
        sheet = selectors.sheet(submission_id, actor=request.actor, language=get_language())
    latest = sheet.latest
    initial = {"seen": seen, "decision": None}
    bound = bound or DecisionForm(initial=initial, questions=sheet.questions)
    if latest and status == 409:
        bound.data = bound.data.copy()
        bound.data["seen"] = str(seen)
    waiting = selectors.queue(actor=request.actor)
    context = {
        "sheet": sheet,
        "form": bound,
        "waiting": waiting,
        "previews": _previews(sheet.appointment.language),
        "against": services.is_against_a_no(sheet.submission, sheet.appointment, by=request.actor.user),
        "may_override": request.actor.user.may_override,
        **_neighbours(waiting, submission_id),
    }
    return render(request, "review/form.html", context, status=status)


def _previews(language: str) -> list[dict[str, Any]]:
    """Per decision what the patient reads, in their language and, where it differs, in the reader's."""
    own = get_language()
    return [
        {
            "decision": str(name),
            "text": text,
            "language": language,
            "meaning": standard_text(name, own) if own.split("-")[0] != language.split("-")[0] else "",
        }
        for name, _label in CHOICES
        if (text := standard_text(name, language))
    ]


def _neighbours(waiting: list[selectors.Waiting], here: uuid.UUID) -> dict[str, Any]:
    keys = [one.submission.pk for one in waiting]
    at = keys.index(here) if here in keys else -1
    return {
        "next_form": keys[at + 1] if at + 1 < len(keys) else None,
        "previous_form": keys[at - 1] if at > 0 else None,
    }


@requires("review.decide")
@require_POST
def undo(request: HttpRequest, decision_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(ReviewDecision.objects.select_related("submission"), pk=decision_id)
    try:
        services.undo(row, actor=request.actor)
        messages.success(request, _("Taken back. The form waits as it did before, and nobody was told anything."))
        return redirect("review:form", row.submission_id)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("review:queue")


@requires("review.override")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def permit(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A form the rules would turn away goes to review: asked for before the patient fills it in."""
    patient = get_object_or_404(Patient, pk=patient_id)
    form, status = PermitForm(request.POST if request.method == "POST" else None), 200
    if form.is_bound and form.is_valid():
        try:
            given = give_permit(patient, actor=request.actor, now=timezone.now(), **form.cleaned_data)
            said = _(
                "Written down. Until %(day)s their form for this treatment comes to the queue instead of being turned away."
            )
            messages.success(request, said % {"day": f"{given.until:%d.%m.%Y}"})
            return redirect("desk:patient", patient.pk)
        except Invalid as refusal:
            for name, sentences in refusal.fields.items():
                form.add_error(name if name in form.fields else None, list(sentences))
            status = refusal.status
    elif form.is_bound:
        status = 422
    context = {"patient": patient, "form": form, "may": request.actor.user.may_override}
    return render(request, "review/permit.html", context, status=status)
