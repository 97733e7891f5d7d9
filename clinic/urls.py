"""Ties the floors together by name."""

from django.urls import include, path

# The API first: programs ask most, and every pattern before costs them.
urlpatterns = [
    path("api/v1/", include("bookings.api_urls")),
    path("api/v1/", include("treatments.api_urls")),
    path("api/v1/", include("consultations.api_urls")),
    path("api/v1/", include("clinic.api_urls")),
    path("", include("clinic.site_urls")),
    path("", include("clinic.people.urls")),
    path("", include("clinic.messaging.urls")),
    path("look/", include("clinic.ui.urls")),
    path("", include("treatments.urls")),
    path("desk/", include("bookings.urls")),
    path("", include("consultations.urls")),
    path("", include("consultations.ask_urls")),
    path("review/", include("consultations.review_urls")),
    path("events/", include("consultations.event_urls")),
    path("enquiries/", include("consultations.enquiry_urls")),
    path("rules/", include("consultations.rules_urls")),
]

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.forbidden"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
