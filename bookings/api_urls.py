from django.urls import path

from bookings import api, course_api

urlpatterns = [
    path("availability/", api.AvailabilityView.as_view(), name="api-availability"),
    path("courses/proposals/", course_api.ProposalsView.as_view(), name="api-course-proposals"),
    path("courses/", course_api.CoursesView.as_view(), name="api-courses"),
    path("bookings/", api.BookingsView.as_view(), name="api-bookings"),
    path("bookings/<uuid:identifier>/", api.BookingView.as_view(), name="api-booking"),
    path("bookings/<uuid:identifier>/patient/", api.PatientView.as_view(), name="api-booking-patient"),
    path("bookings/<uuid:identifier>/move/", api.MoveView.as_view(), name="api-booking-move"),
    path("bookings/<uuid:identifier>/cancel/", api.CancelView.as_view(), name="api-booking-cancel"),
]
