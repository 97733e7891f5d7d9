from django.urls import path

from consultations import api

urlpatterns = [
    path("questionnaire/", api.QuestionnaireView.as_view(), name="api-questionnaire"),
    path("screenings/", api.ScreeningView.as_view(), name="api-screenings"),
    path("bookings/<uuid:identifier>/intake/", api.IntakeView.as_view(), name="api-booking-intake"),
    path("bookings/<uuid:identifier>/consent/", api.ConsentView.as_view(), name="api-booking-consent"),
    path("bookings/<uuid:identifier>/confirm/", api.ConfirmView.as_view(), name="api-booking-confirm"),
]
