from django.urls import path

from consultations.views import review, shared

app_name = "review"
urlpatterns = [
    path("", review.queue, name="queue"),
    path("shared/<uuid:appointment_id>/", shared.shared, name="shared"),
    path("<uuid:submission_id>/", review.form, name="form"),
]
