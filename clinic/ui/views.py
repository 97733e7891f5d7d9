"""The style guide: every component in every state. For those who build pages, so only while DEBUG is on."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.people.access import requires
from clinic.ui import specimen


@requires("page.read")
@require_safe
def look(request: HttpRequest, page: str = "patient") -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    template = "ui/look_staff.html" if page == "staff" else "ui/look.html"
    return render(request, template, specimen.context())
