"""A question to a practitioner: ``ask`` before it is sent, ``enquiry`` behind its link afterwards."""

from django.urls import include, path

from consultations.views import enquiries_ask, enquiries_own, enquiries_send

ASK = [
    path("", enquiries_ask.start, name="start"),
    path("concern/", enquiries_ask.concern, name="concern"),
    path("goals/", enquiries_ask.goals, name="goals"),
    path("photos/", enquiries_ask.photos, name="photos"),
    path("photo/<uuid:photo_id>/remove/", enquiries_ask.remove, name="remove"),
    path("photo/<uuid:photo_id>/<slug:size>/", enquiries_ask.photo, name="photo"),
    path("contact/", enquiries_send.contact, name="contact"),
    path("code/", enquiries_send.code, name="code"),
    path("check/", enquiries_send.check, name="check"),
    path("sent/", enquiries_send.sent, name="sent"),
    path("urgent/", enquiries_ask.urgent, name="urgent"),
    path("under-18/", enquiries_ask.young, name="young"),
    path("clear/", enquiries_ask.clear, name="clear"),
    path("deleted/", enquiries_own.gone, name="gone"),
]

ENQUIRY = [
    path("", enquiries_own.own, name="own"),
    path("code/", enquiries_own.code, name="code"),
    path("delete/", enquiries_own.delete, name="delete"),
    path("photo/<uuid:photo_id>/<slug:size>/", enquiries_own.photo, name="photo"),
]

urlpatterns = [
    path("ask/", include((ASK, "ask"))),
    path("e/<str:token>/", include((ENQUIRY, "enquiry"))),
]
