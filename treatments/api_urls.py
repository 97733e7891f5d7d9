from django.urls import path

from . import api

urlpatterns = [path("treatments/", api.TreatmentsView.as_view(), name="api-treatments")]
