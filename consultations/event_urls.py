"""Adverse events: at the practitioners' side, and what the desk takes on the phone."""

from django.urls import path

from consultations.views import events as views
from consultations.views import events_desk, paging

app_name = "events"
urlpatterns = [
    path("", views.queue, name="list"),
    path("new/<uuid:patient_id>/", views.new, name="new"),
    path("report/<uuid:patient_id>/", events_desk.report, name="report"),
    path("report/<uuid:patient_id>/sent/", events_desk.reported, name="reported"),
    path("paging/", paging.paging, name="paging"),
    path("paging/own/", paging.own, name="paging_own"),
    path("paging/test/", paging.test, name="paging_test"),
    path("paging/<int:user_id>/", paging.somebody, name="paging_somebody"),
    path("<uuid:event_id>/", views.one, name="one"),
    path("<uuid:event_id>/take/", views.take, name="take"),
    path("<uuid:event_id>/act/", views.act, name="act"),
    path("<uuid:event_id>/record/", views.describe, name="describe"),
    path("<uuid:event_id>/close/", views.close, name="close"),
    path("<uuid:event_id>/photo/<uuid:photo_id>/<slug:size>/", views.photo, name="photo"),
]
