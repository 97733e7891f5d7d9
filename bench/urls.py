from django.urls import include, path

from bench import cold, floor

urlpatterns = [
    path("bench/constant/", floor.constant),
    path("bench/floor/", floor.availability),
    path("bench/insert/", floor.insert),
    path("bench/cold/", cold.availability),
    path("", include("clinic.urls")),
]
