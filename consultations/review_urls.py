from django.urls import path

from consultations.views import review

app_name = "review"
urlpatterns = [
    path("", review.queue, name="queue"),
    path("<uuid:submission_id>/", review.form, name="form"),
]
