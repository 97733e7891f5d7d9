"""The patient's path: ``book`` before a time is held, ``booking`` behind its link afterwards, ``my`` for all of one's own."""

from django.urls import include, path

from consultations.views import (
    changes,
    check,
    choosing,
    code,
    consenting,
    details,
    form,
    holding,
    manage,
    my,
    suitability,
)

BOOK = [
    path("", choosing.choices, name="choices"),
    path("suitability/", suitability.suitability, name="suitability"),
    path("suitability/<slug:page>/", suitability.question_page, name="question_page"),
    path("clear/", suitability.clear, name="clear"),
    path("later/", suitability.later, name="later"),
    path("not-now/", suitability.not_now, name="not_now"),
    path("time/", holding.times, name="time"),
    path("hold/", holding.hold, name="hold"),
]

BOOKING = [
    path("", manage.manage, name="manage"),
    path("details/", details.details, name="details"),
    path("extend/", details.extend, name="extend"),
    path("form/", form.form, name="form"),
    path("form/<slug:page>/", form.form_page, name="form_page"),
    path("check/", check.check, name="check"),
    path("consent/", consenting.consent, name="consent"),
    path("consent/text/", consenting.consent_text, name="consent_text"),
    path("question/", changes.question, name="question"),
    path("changed/", changes.changed, name="changed"),
    path("code/", code.code, name="code"),
    path("move/", manage.move, name="move"),
    path("cancel/", manage.cancel, name="cancel"),
    path("calendar.ics", manage.calendar, name="calendar"),
]

MY = [
    path("", my.home, name="home"),
    path("sign-in/", my.sign_in, name="sign_in"),
    path("code/", my.code, name="code"),
    path("sign-out/", my.sign_out, name="sign_out"),
]

urlpatterns = [
    path("book/<slug:slug>/", include((BOOK, "book"))),
    path("b/<str:token>/", include((BOOKING, "booking"))),
    path("my/", include((MY, "my"))),
]
