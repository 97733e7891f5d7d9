"""The review queue and one form's decision."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinic.errors import DomainError, Invalid
from clinic.people.access import requires
from consultations.models import Submission
from consultations.selectors import review as selectors
from consultations.services import review as services
from consultations.views.review_form import DecisionForm

SAID = {
    "approve": _("Approved. The patient has been told."),
    "precautions": _("Approved with precautions. The patient has been told."),
    "ask": _("Your question is on its way."),
    "defer": _("Put off. The time is free again and the patient has been told."),
    "decline": _("Declined. The time is free again and the patient has been told."),
}


@requires("review.read")
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    return render(request, "review/queue.html", {"waiting": selectors.queue()})


@requires("review.decide")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, submission_id: uuid.UUID) -> HttpResponse:
    """Shows a form with its flags first; a POST decides."""
    submission = get_object_or_404(Submission.objects.defer("answers", "as_asked", "findings"), pk=submission_id)
    status, bound = 200, None
    if request.method == "POST":
        bound = DecisionForm(request.POST)
        try:
            if bound.is_valid():
                services.decide(submission, actor=request.actor, **bound.cleaned_data)
                messages.success(request, _(SAID[bound.cleaned_data["decision"]]))
                return redirect("review:queue")
            status = 422
        except Invalid as refusal:
            for name, sentences in refusal.fields.items():
                bound.add_error(name if name in bound.fields else None, list(sentences))
            status = refusal.status
        except DomainError as refusal:
            bound.add_error(None, str(refusal))
            status = refusal.status
    sheet = selectors.sheet(submission_id, actor=request.actor, language=get_language())
    latest = sheet.latest
    bound = bound or DecisionForm(initial={"seen": latest.pk if latest else None, "decision": None})
    context = {"sheet": sheet, "form": bound, "waiting": selectors.queue()}
    return render(request, "review/form.html", context, status=status)
