from django.urls import path

from consultations.views import consents, review, shared

app_name = "review"
urlpatterns = [
    path("", review.queue, name="queue"),
    path("shared/<uuid:appointment_id>/", shared.shared, name="shared"),
    path("consent/<uuid:consent_id>/", consents.copy_for_staff, name="consent"),
    path("<uuid:submission_id>/", review.form, name="form"),
]
