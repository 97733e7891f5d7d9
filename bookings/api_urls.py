from django.urls import path

from bookings import api

urlpatterns = [
    path("availability/", api.AvailabilityView.as_view(), name="api-availability"),
    path("bookings/", api.BookingsView.as_view(), name="api-bookings"),
    path("bookings/<uuid:identifier>/", api.BookingView.as_view(), name="api-booking"),
    path("bookings/<uuid:identifier>/patient/", api.PatientView.as_view(), name="api-booking-patient"),
    path("bookings/<uuid:identifier>/move/", api.MoveView.as_view(), name="api-booking-move"),
    path("bookings/<uuid:identifier>/cancel/", api.CancelView.as_view(), name="api-booking-cancel"),
]
