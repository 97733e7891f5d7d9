"""A word that only a patient, a practitioner or nobody may read is sent through every free text, then looked for."""

import io
import logging
from copy import deepcopy
from logging.config import DictConfigurator
from types import SimpleNamespace

import pytest
from celery.app.task import Task
from django.conf import settings as project
from django.utils import timezone

from clinic.audit.models import Entry
from clinic.messaging.replies import inbound
from consultations.enquiry_links import enquiry_path, enquiry_token
from consultations.models import Submission
from consultations.selectors.review import last_word
from consultations.services import enquiries, intake, review
from tests.consultations.asking import asked as ask_something
from tests.consultations.cast import answers_for
from tests.security.conftest import is_refused
from tests.security.dump import rows_with, sessions, tables, whole
from tests.security.routes import EVERY

pytestmark = pytest.mark.django_db

ANSWERS = {
    "blood_thinner": "yes",
    "blood_thinner_name": "Zanquilory",
    "other_conditions": "Zanquilmed",
    "other_medicines": "Zanquilpil",
    "other_allergies": "Zanquilall",
}
DECISION = {
    "decision": "precautions",
    "precautions": "Zanquilpre",
    "reason": "Zanquilwhy",
    "patient_text": "Zanquiltxt",
}
QUESTION = {
    "words": "Zanquilsee on my chin",
    "goals": "Zanquilhope",
    "tried": "Zanquilcream",
    "health": "Zanquilsick",
}
CANARY = "zanquil"


@pytest.fixture
def logged():
    """What the product's own logging writes, through its own filter and formatter."""
    ours, out = deepcopy(project.LOGGING), io.StringIO()
    made = DictConfigurator(ours)
    handler = logging.StreamHandler(out)
    handler.setFormatter(made.configure_formatter(ours["formatters"]["line"]))
    handler.addFilter(made.configure_filter(ours["filters"]["private"]))
    loggers = [logging.getLogger(name) for name in ("", "django", "celery")]
    for one in loggers:
        one.addHandler(handler)
    yield out
    for one in loggers:
        one.removeHandler(handler)


@pytest.fixture
def tasks(monkeypatch):
    """Arguments of every Celery task that is sent."""
    sent = []
    monkeypatch.setattr(
        Task, "apply_async", lambda self, args=None, kwargs=None, **more: sent.append((args, kwargs, more))
    )
    return sent


@pytest.fixture
def told(world, door, logged, tasks):
    """Mia's whole story with the canary in every free text. Addresses seen on the way are collected."""
    client, urls = door("anyone"), []
    call = f"/api/v1/bookings/{world.mia.visit.pk}/"
    headers = {"authorization": f"Bearer {world.mia.token}"}
    form = {"version": intake.published_version().version, "answers": answers_for(world.mia.visit, **ANSWERS)}
    assert client.put(f"{call}intake/", form, content_type="application/json", headers=headers).status_code == 200
    newest = Submission.objects.filter(appointment=world.mia.visit).latest("number")
    page = f"/review/{newest.pk}/"
    ayse = door("ayse")
    asked = ayse.post(page, {"decision": "ask", "question": "Zanquilask?", "seen": ""})
    assert review.follow_due(now=timezone.now() + review.UNDO) == 1
    session = client.session
    session["opened"] = {str(world.mia.visit.pk): [NOW_SECONDS, NOW_SECONDS]}
    session.save()
    client.cookies["session"] = session.session_key
    answered = client.post(f"/b/{world.mia.token}/question/", {"text": "Zanquilans"})
    decided = ayse.post(page, DECISION | {"seen": str(last_word(newest))})
    assert review.follow_due(now=timezone.now() + review.UNDO) == 1
    urls += [asked["location"], answered["location"], decided["location"]]
    inbound.accept({"MessageSid": "SM7", "From": world.mia.patient.phone, "Body": "Zanquilrep"})
    assert newest.decisions.count() == 2
    enquiry = ask_something(name=world.mia.patient.name, phone=world.mia.patient.phone, photos=1, **QUESTION)
    session["opened"] |= {str(enquiry.pk): [NOW_SECONDS, NOW_SECONDS]}
    session.save()
    added = client.post(enquiry_path(enquiry), {"text": "Zanquilmore"})
    question = f"/enquiries/{enquiry.pk}/"
    replied = ayse.post(question, {"act": "answer", "text": "Zanquiladvice", "seen": "2"})
    assert enquiry.entries.count() == 3
    urls += [added["location"], replied["location"]]
    return SimpleNamespace(urls=urls, submission=newest, page=page, question=question, token=enquiry_token(enquiry))


NOW_SECONDS = 1803880800  # Monday at nine, 2027-03-01


def test_those_who_may_read_it_do(world, door, told):
    """So that the tests below do not pass because nothing was written."""
    sheet = door("ayse").get(told.page).content.decode()
    for word in ("Zanquilory", "Zanquilmed", "Zanquilpil", "Zanquilall", "Zanquilpre", "Zanquilwhy", "Zanquilans"):
        assert word in sheet, word
    thread = door("ayse").get(told.question).content.decode()
    for word in ("Zanquilsee", "Zanquilhope", "Zanquilcream", "Zanquilsick", "Zanquilmore", "Zanquiladvice"):
        assert word in thread, word


def test_nobody_else_reads_it_on_any_page(world, door, told):
    """The desk may read what a patient wrote as an ordinary message: that is talk, not a form."""
    routes = [route for route in EVERY if "<str:token>" not in route.pattern]
    paths = [route.path(world) for route in routes] + [f"/desk/?open={world.mia.visit.pk}", "/desk/?view=list"]
    for who in ("desk", "owner", "anyone", "noor"):
        client = door(who)
        for path in paths:
            body = client.get(path).content.decode(errors="replace").casefold().replace("zanquilrep", "")
            assert CANARY not in body, (who, path)
        assert is_refused(client.get(told.page))
        assert is_refused(client.get(told.question))


def test_a_link_alone_shows_no_answer(world, door, told):
    """A forwarded message opens time and place; the form asks for a code."""
    client = door("anyone")
    for route in EVERY:
        if "<str:token>" in route.pattern:
            assert CANARY not in client.get(route.path(world)).content.decode(errors="replace").casefold(), (
                route.pattern
            )


def test_no_plain_column_holds_it(world, told):
    assert len(tables()) > 30
    assert rows_with("mia celik") != []
    assert rows_with(CANARY) == []
    for private in (world.mia.patient.phone, world.mia.patient.email, "1991-04-02"):
        assert private not in whole()


def test_sessions_audit_addresses_and_tasks_do_not_hold_it(world, told, tasks):
    assert Entry.objects.filter(action="review.decide").count() == 2
    assert CANARY not in sessions().casefold()
    assert CANARY not in repr(list(Entry.objects.values())).casefold()
    assert CANARY not in repr(told.urls).casefold()
    assert CANARY not in repr(tasks).casefold()


@pytest.mark.parametrize(
    ("module", "name", "method", "path", "who"),
    [
        (intake, "judge", "put", "/api/v1/bookings/{visit}/intake/", "anyone"),
        (intake, "_store", "put", "/api/v1/bookings/{visit}/intake/", "anyone"),
        (review, "_check_current", "post", "/review/{submission}/", "ayse"),
        (enquiries, "_append", "post", "/enquiries/{enquiry}/", "ayse"),
    ],
)
def test_a_fault_writes_neither_page_nor_log(world, door, logged, monkeypatch, module, name, method, path, who):
    """The fault's own message is the whole form, as a careless library would have it."""

    def break_(*args, **more):
        try:
            raise ValueError(f"first {ANSWERS}")
        except ValueError as first:
            raise RuntimeError(f"cannot take {ANSWERS} {DECISION}") from first

    monkeypatch.setattr(module, name, break_)
    sent = {"version": intake.published_version().version, "answers": answers_for(world.mia.visit, **ANSWERS)}
    path = path.format(visit=world.mia.visit.pk, submission=world.mia.submission.pk, enquiry=world.mia.enquiry.pk)
    headers = {"authorization": f"Bearer {world.mia.token}"} if who == "anyone" else {}
    said = {"act": "answer", "text": "Zanquiladv", "seen": "1"} if "/enquiries/" in path else DECISION | {"seen": ""}
    body, kind = (sent, "application/json") if method == "put" else (said, None)
    got = getattr(door(who), method)(path, body, headers=headers, **({"content_type": kind} if kind else {}))
    assert got.status_code == 500
    assert CANARY not in got.content.decode().casefold()
    assert "builtins.RuntimeError (message left out)" in logged.getvalue()
    assert "Internal Server Error" in logged.getvalue()
    assert CANARY not in logged.getvalue().casefold()


def test_the_whole_story_is_not_in_the_log(world, told, logged):
    logging.getLogger("django").info("heard")
    assert "heard" in logged.getvalue()
    assert CANARY not in logged.getvalue().casefold()
    for token in (world.mia.token, world.mia.plan_token, told.token):
        assert token not in logged.getvalue()
    assert world.mia.patient.phone not in logged.getvalue()


def test_a_plans_goal_is_read_by_its_patient_and_its_practitioner_only(world, door, told):
    page = f"/plans/{world.mia.plan.pk}/"
    assert "Zanquilgoal" in door("ayse").get(page).content.decode()
    assert door("deniz").get(page).status_code == 404
    client = door("anyone")
    session = client.session
    session["opened"] = {str(world.mia.plan.pk): [NOW_SECONDS, NOW_SECONDS]}
    session.save()
    client.cookies["session"] = session.session_key
    assert "Zanquilgoal" in client.get(f"/p/{world.mia.plan_token}/").content.decode()
    for who in ("desk", "owner", "noor"):
        assert CANARY not in door(who).get(page).content.decode().casefold()


def test_a_task_that_fails_is_logged_without_what_it_carried(logged):
    """The record as Celery makes it: error, arguments and result are among its values."""
    try:
        raise ValueError(ANSWERS["blood_thinner_name"])
    except ValueError as error:
        context = {"id": "7", "name": "bookings.expire_holds", "exc": repr(error), "args": "('Zanquil',)"}
        context |= {
            "kwargs": "{}",
            "traceback": "Zanquil",
            "description": "raised unexpected",
            "return_value": "Zanquil",
        }
        logging.getLogger("celery.app.trace").error(
            "Task %(name)s[%(id)s] %(description)s: %(exc)s %(args)s %(traceback)s", context, exc_info=True
        )
    assert "bookings.expire_holds[7] raised unexpected: ValueError" in logged.getvalue()
    assert CANARY not in logged.getvalue().casefold()
