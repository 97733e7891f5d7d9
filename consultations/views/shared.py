"""What somebody chose to show the practitioner before a consultation."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.people.access import requires
from consultations.selectors.sharing import shared_sheet


@requires("review.read")
@never_cache
@require_safe
def shared(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    sheet = shared_sheet(appointment_id, actor=request.actor, language=get_language())
    return render(request, "review/shared.html", {"sheet": sheet})
