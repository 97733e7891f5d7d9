"""The front desk, under /desk/."""

import datetime as dt

from django.urls import path, register_converter

from bookings.views import (
    call,
    cancel,
    channels,
    checkin,
    courses,
    create,
    day,
    messages,
    move,
    panel,
    patients,
    waiting,
    waiting_new,
    week,
)


class DayConverter:
    """A day as 2027-05-12; anything else is another address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "desk"
urlpatterns = [
    path("", day.day, name="day"),
    path("<day:date>/", day.day, name="day"),
    path("<day:date>/sheet/", day.sheet, name="sheet"),
    path("week/<slug:practitioner>/<day:date>/", week.week, name="week"),
    path("new/", create.new, name="new"),
    path("courses/new/", courses.new, name="course_new"),
    path("courses/<uuid:course_id>/", courses.course, name="course"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/new/", waiting_new.new, name="waiting_new"),
    path("waiting/switch/", waiting.switch, name="waiting_switch"),
    path("waiting/<uuid:entry_id>/offer/", waiting.offer, name="waiting_offer"),
    path("waiting/<uuid:entry_id>/resume/", waiting.resume, name="waiting_resume"),
    path("waiting/<uuid:entry_id>/remove/", waiting.remove, name="waiting_remove"),
    path("search/", patients.search, name="search"),
    path("p/<uuid:pk>/", patients.patient, name="patient"),
    path("messages/", messages.waiting, name="messages"),
    path("messages/channels/", channels.channels, name="channels"),
    path("messages/channels/open/", channels.reopen, name="channel_open"),
    path("messages/read/", messages.read, name="read"),
    path("messages/stuck/<uuid:message_id>/", messages.settle, name="settle"),
    path("messages/<uuid:pk>/", messages.thread, name="thread"),
    path("messages/<uuid:pk>/answer/", messages.answer, name="answer"),
    path("messages/<uuid:pk>/assign/", messages.assign, name="assign"),
    path("messages/<uuid:pk>/write/", messages.write, name="write"),
    path("a/<uuid:pk>/", panel.appointment, name="appointment"),
    path("a/<uuid:pk>/check-in/", checkin.check_in, name="check_in"),
    path("a/<uuid:pk>/move/", move.move, name="move"),
    path("a/<uuid:pk>/cancel/", cancel.cancel, name="cancel"),
    path("a/<uuid:pk>/video/", call.host, name="video"),
    path("a/<uuid:pk>/send-form/", panel.send_form, name="send_form"),
    path("a/<uuid:pk>/<slug:step>/", panel.step, name="step"),
]
