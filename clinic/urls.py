"""Ties the floors together by name."""

from django.urls import include, path

urlpatterns = [
    path("", include("clinic.site_urls")),
    path("", include("clinic.people.urls")),
]
