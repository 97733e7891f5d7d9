"""The patient's path: ``book`` before a time is held, ``booking`` behind its link afterwards, ``waiting`` behind a link of
the waiting list, ``r`` behind that of a reminder, ``my`` for all of one's own, ``plan`` behind the link of a treatment
plan; and ``plans``, where practitioners write them."""

from django.urls import include, path

from consultations.views import (
    changes,
    check,
    choosing,
    code,
    consenting,
    consents,
    details,
    form,
    holding,
    manage,
    my,
    photos,
    plans,
    plans_own,
    plans_times,
    reminding,
    suitability,
    waiting,
    wrong,
)

BOOK = [
    path("", choosing.choices, name="choices"),
    path("suitability/", suitability.suitability, name="suitability"),
    path("suitability/<slug:page>/", suitability.question_page, name="question_page"),
    path("clear/", suitability.clear, name="clear"),
    path("later/", suitability.later, name="later"),
    path("not-now/", suitability.not_now, name="not_now"),
    path("remind/", reminding.remind, name="remind"),
    path("time/", holding.times, name="time"),
    path("hold/", holding.hold, name="hold"),
    path("waiting/", waiting.join, name="waiting"),
    path("waiting/joined/", waiting.joined, name="joined"),
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
    path("consents/", consents.consents, name="consents"),
    path("consents/<uuid:consent_id>/", consents.signed_consent, name="signed_consent"),
    path("question/", changes.question, name="question"),
    path("changed/", changes.changed, name="changed"),
    path("changed/topics/", changes.topics, name="topics"),
    path("code/", code.code, name="code"),
    path("move/", manage.move, name="move"),
    path("cancel/", manage.cancel, name="cancel"),
    path("video/", manage.video, name="video"),
    path("remind/", manage.remind, name="remind"),
    path("again/", manage.again, name="again"),
    path("wrong/", wrong.wrong, name="wrong"),
    path("wrong/more/", wrong.more, name="wrong_more"),
    path("wrong/sent/", wrong.sent, name="wrong_sent"),
    path("photos/", photos.photos, name="photos"),
    path("photos/sent/", photos.sent, name="photos_sent"),
    path("photos/<uuid:photo_id>/<slug:size>/", photos.photo, name="photo"),
    path("calendar.ics", manage.calendar, name="calendar"),
]

WAITING = [
    path("left/", waiting.left, name="left"),
    path("<str:token>/", waiting.own, name="own"),
]

MY = [
    path("", my.home, name="home"),
    path("sign-in/", my.sign_in, name="sign_in"),
    path("code/", my.code, name="code"),
    path("sign-out/", my.sign_out, name="sign_out"),
]

PLANS = [
    path("", plans.overview, name="overview"),
    path("new/", plans.new, name="new"),
    path("<uuid:plan_id>/", plans.plan, name="plan"),
]

PLAN = [
    path("", plans_own.own, name="own"),
    path("code/", plans_own.code, name="code"),
    path("times/", plans_times.times, name="times"),
]

urlpatterns = [
    path("book/<slug:slug>/", include((BOOK, "book"))),
    path("b/<str:token>/", include((BOOKING, "booking"))),
    path("w/", include((WAITING, "waiting"))),
    path("r/gone/", reminding.gone, name="reminder_gone"),
    path("r/<str:token>/", reminding.own, name="reminder"),
    path("my/", include((MY, "my"))),
    path("plans/", include((PLANS, "plans"))),
    path("p/<str:token>/", include((PLAN, "plan"))),
]
