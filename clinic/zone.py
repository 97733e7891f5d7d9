"""The time zone a page is written in: the clinic's, until a view knows the location its page is about."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class ClinicZoneMiddleware:
    """Templates turn aware datetimes into the active zone, so one is always active, and never the last request's."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(ZoneInfo(settings.CLINIC_TIMEZONE)):
            return self.get_response(request)


def write_in(zone: str) -> None:
    """For the rest of this request, moments are shown in ``zone`` (a name such as Europe/Istanbul)."""
    timezone.activate(ZoneInfo(zone))
