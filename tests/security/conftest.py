"""A clinic in which Mia and Noor each have a form under review, and everybody who may come to its doors."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from bookings.links import manage_token, waiting_token
from bookings.models import Course, Practitioner
from clinic.messaging.models import DemoPhone, Message
from clinic.people.access import Actor
from clinic.people.models import User
from consultations import journey
from consultations.consent_words import consent_words
from consultations.enquiry_links import enquiry_token
from consultations.models import Photo, SharedAnswers, Source
from consultations.plan_links import plan_token
from consultations.services import plans
from consultations.services.adverse import report
from consultations.services.consent import give_consent
from consultations.services.photos import add_photo
from consultations.services.reminding import ask_reminder, reminder_token
from tests.api.conftest import _monday_at_nine  # noqa: F401
from tests.bookings.cast import NOW, make_patient, reserved
from tests.bookings.waiting_cast import waits
from tests.consultations.asking import asked
from tests.consultations.cast import BORN, submit
from tests.consultations.conftest import clinic, questionnaire  # noqa: F401
from tests.consultations.photos.pictures import jpeg

# Written while a page is looked at, and rightly: sessions, and counters of wrong links.
BY_LOOKING = {"django_session", "messaging_ratebucket"}
GOAL = "Zanquilgoal"  # nobody but the patient and those who treat them may read it
CSRF = re.compile(rb'[A-Za-z0-9]{64}(?=["&])')


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.RATE_LIMITS = False


def make_person(name, start, practitioner, **answers):
    """A patient whose form has gone to a practitioner."""
    patient = make_patient(name, date_of_birth=BORN, email=f"{name.split()[0].lower()}@example.org")
    visit = reserved(start, "pen", patient=patient, practitioner=practitioner, now=NOW)
    submission, _verdict = submit(visit, **{"blood_thinner": "yes", "blood_thinner_name": "Apixaban"} | answers)
    words = consent_words("pen", "en")
    visit.refresh_from_db()
    consent = give_consent(visit, version=words.version, typed_name=name, language="en", now=NOW)
    journey.settle(visit, now=NOW)
    visit.refresh_from_db()
    stuck = Message.objects.filter(patient=patient).first()
    Message.objects.filter(pk=stuck.pk).update(state="needs_person")
    phone = DemoPhone.objects.create(address=patient.phone, address_index=patient.phone_index, patient=patient)
    course = Course.objects.create(patient=patient, modality=visit.modality, sessions=2, spacing_min=28, spacing_max=42)
    plan = make_plan(patient, visit)
    entry = waits(SimpleNamespace(location=visit.location), "", patient=patient)
    enquiry = asked(name=patient.name, phone=patient.phone, photos=1)
    SharedAnswers.objects.create(
        appointment=visit,
        questionnaire=submission.questionnaire,
        modality="rf",
        areas=["face"],
        language="en",
        as_asked=submission.as_asked,
        findings=submission.findings,
        shared_at=NOW,
    )
    event = report(
        patient,
        appointment=visit,
        source=Source.STAFF,
        signs=["dark_marks"],
        words="Dark marks since Sunday",
        actor=Actor("practitioner", user=visit.practitioner.practitioner.user),
        now=NOW,
    )
    event_photo = add_photo(event, data=jpeg(), most=3, now=NOW)
    spring = NOW.date() + timedelta(days=60)
    reminder = ask_reminder(phone=patient.phone, day=spring, zone="Europe/Istanbul", language="en", now=NOW)
    return SimpleNamespace(
        patient=patient,
        visit=visit,
        enquiry=enquiry,
        enquiry_token=enquiry_token(enquiry),
        photo=Photo.objects.get(owner=enquiry.ref),
        submission=submission,
        consent=consent,
        token=manage_token(visit),
        phone=phone,
        stuck=stuck,
        course=course,
        entry=entry,
        waiting_token=waiting_token(entry),
        reminder_token=reminder_token(reminder),
        event=event,
        event_photo=event_photo,
        plan=plan,
        plan_token=plan_token(plan),
    )


def make_plan(patient, visit):
    """Sent by whoever treats them."""
    actor = Actor("practitioner", user=visit.practitioner.practitioner.user)
    about = {"patient": patient, "about": visit.ref, "location": visit.location}
    rows = [{"modality": "pen", "areas": ["face"]}] * 2
    plan = plans.save_draft(None, draft={"goal": GOAL, "note": GOAL, "sessions": rows}, actor=actor, **about)
    plans.propose(plan, actor=actor, now=NOW)
    return plan


def make_user(role, name):
    return User.objects.create_user(f"{name.lower()}@clinic.example", "x" * 16, role=role, name=name)


@pytest.fixture
def world(clinic, questionnaire):  # noqa: F811
    """Ayşe treats Mia, Deniz treats Noor."""
    ayse, deniz = make_user("practitioner", "Ayse"), make_user("practitioner", "Deniz")
    for user in (ayse, deniz):
        Practitioner.objects.filter(resource__slug=user.name.lower()).update(user=user)
    return SimpleNamespace(
        mia=make_person("Mia Celik", "2027-03-08 10:00", "ayse"),
        noor=make_person("Noor Haddad", "2027-03-08 10:00", "deniz"),
        ayse=ayse,
        deniz=deniz,
        desk=make_user("desk", "Derya"),
        owner=make_user("owner", "Nihal"),
    )


KINDS = {
    "anyone": "anyone",
    "mia": "patient",
    "noor": "patient",
    "desk": "desk",
    "ayse": "practitioner",
    "deniz": "practitioner",
    "owner": "owner",
}


@pytest.fixture
def door(world):
    """``door("desk")``: a signed-in browser of its own."""

    def make(who, **options):
        client = Client(raise_request_exception=False, **options)
        if who in ("mia", "noor"):
            session = client.session
            session["patient_id"] = str(getattr(world, who).patient.pk)
            session["patient_ids"] = [session["patient_id"]]
            session.save()
            client.cookies["session"] = session.session_key
        elif who != "anyone":
            client.force_login(getattr(world, who))
        return client

    return make


def fingerprint(*, without=frozenset()):
    """Table → hash of all its rows."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if table in BY_LOOKING | set(without):
                continue
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{table}" t')
            found[table] = cursor.fetchone()[0]
    return found


def plain(response, *blanked):
    """The body without what is new in each answer: masked CSRF tokens, and the address that was asked for."""
    body = CSRF.sub(b"csrf", response.content)
    for word in blanked:
        body = body.replace(str(word).encode(), b"it")
    return body


def is_refused(response):
    """403, or led to a sign-in page. A code that nobody asked for leads back to asking for one: that is no refusal."""
    if response.request["PATH_INFO"] == "/my/code/":
        return response.status_code == 403
    return response.status_code == 403 or (response.status_code == 302 and "/sign-in/" in response["location"])
