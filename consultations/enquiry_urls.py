"""Questions at the practitioners' side."""

from django.urls import path

from consultations.views import enquiries_staff as views

app_name = "enquiries"
urlpatterns = [
    path("", views.queue, name="list"),
    path("<uuid:enquiry_id>/", views.one, name="one"),
    path("<uuid:enquiry_id>/take/", views.take, name="take"),
    path("<uuid:enquiry_id>/erase/", views.erase, name="erase"),
    path("<uuid:enquiry_id>/photo/<uuid:photo_id>/", views.photo_page, name="photo_page"),
    path("<uuid:enquiry_id>/photo/<uuid:photo_id>/<slug:size>/", views.photo, name="photo"),
]
