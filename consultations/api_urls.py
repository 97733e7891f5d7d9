from django.urls import path

from consultations import api

urlpatterns = [
    path("questionnaire/", api.QuestionnaireView.as_view(), name="api-questionnaire"),
    path("screenings/", api.ScreeningView.as_view(), name="api-screenings"),
    path("bookings/<str:booking>/intake/", api.IntakeView.as_view(), name="api-booking-intake"),
    path("bookings/<str:booking>/consent/", api.ConsentView.as_view(), name="api-booking-consent"),
    path("bookings/<str:booking>/confirm/", api.ConfirmView.as_view(), name="api-booking-confirm"),
]
