"""Cancelling: who cancelled is asked, because it decides what is counted and what the patient is told."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.forms import CancelForm
from bookings.selectors import desk
from bookings.services import lifecycle
from bookings.views import words
from bookings.views.pages import page
from bookings.views.panel import changed, panel_context
from bookings.views.waiting import freed_by
from clinic.errors import DomainError
from clinic.people.access import requires


@requires("diary.write")
def cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    visit = desk.get_visit(pk, actor=request.actor)
    form = CancelForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            lifecycle.cancel(visit, reason=form.cleaned_data["reason"], actor=request.actor)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            status = refusal.status
        else:
            said = _("Cancelled. The time of %(name)s is free again.") % {"name": words.who(visit)}
            return changed(request, visit, said, link=freed_by(request, visit))
    context = panel_context(visit, request=request, now=timezone.now()) | {"form": form}
    return page(request, "desk/_cancel.html" if request.htmx else "desk/cancel.html", context, status=status)
