"""Ties the floors together by name."""

from importlib.util import find_spec

from django.urls import include, path

ROUTES = (
    ("", "clinic.site_urls"),
    ("", "clinic.people.urls"),
    ("", "clinic.messaging.urls"),
    ("look/", "clinic.ui.urls"),
    ("", "treatments.urls"),
    ("desk/", "bookings.urls"),
    ("", "consultations.urls"),
    ("review/", "consultations.review_urls"),
    ("api/v1/", "clinic.api_urls"),
    ("api/v1/", "treatments.api_urls"),
    ("api/v1/", "bookings.api_urls"),
    ("api/v1/", "consultations.api_urls"),
)

urlpatterns = [path(prefix, include(module)) for prefix, module in ROUTES if find_spec(module)]

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.forbidden"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
