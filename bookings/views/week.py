"""Seven days of one practitioner."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Resource
from bookings.selectors import desk
from bookings.views import words
from bookings.views.board import line
from bookings.views.pages import page
from clinic.errors import NotFound
from clinic.people.access import requires


@requires("diary.read")
def week(request: HttpRequest, practitioner: str, date: dt.date) -> HttpResponse:
    """Seven days of one practitioner, as lists side by side."""
    now = timezone.now()
    people = desk.practitioners(actor=request.actor)
    resource = next((one for one in people if one.slug == practitioner), None)
    if resource is None:
        raise NotFound(_("There is no such diary."))
    here, _everywhere = desk.pick_location()
    monday = date - dt.timedelta(days=date.weekday())
    found = desk.load_week(first=monday, resource=resource, actor=request.actor, zone=here.timezone, now=now)
    zone = ZoneInfo(here.timezone)
    context = {
        "title": words.practitioner(resource),
        "people": [
            {"name": words.practitioner(one), "url": week_url(one, monday), "here": one == resource} for one in people
        ],
        "range": _("%(first)s to %(last)s")
        % {"first": words.short_day(monday), "last": words.short_day(monday + dt.timedelta(days=6))},
        "previous": week_url(resource, monday - dt.timedelta(days=7)),
        "next": week_url(resource, monday + dt.timedelta(days=7)),
        "this": week_url(resource, now.astimezone(zone).date()),
        "days": [
            {
                "title": words.short_day(day),
                "url": reverse("desk:day", args=[day]),
                "today": day == now.astimezone(zone).date(),
                "rows": [line(visit, zone, now) for visit in visits],
            }
            for day, visits in found.items()
        ],
    }
    return page(request, "desk/week.html", context)


def week_url(resource: Resource, day: dt.date) -> str:
    return reverse("desk:week", args=[resource.slug, day])
