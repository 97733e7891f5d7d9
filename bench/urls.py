from django.urls import include, path

from bench import floor

urlpatterns = [
    path("bench/constant/", floor.constant),
    path("bench/floor/", floor.availability),
    path("bench/insert/", floor.insert),
    path("", include("clinic.urls")),
]
