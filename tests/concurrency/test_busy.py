"""Somebody sits on the locks: whoever else comes is told soon and kindly, after two tries, and nothing typed is lost."""

import threading
from contextlib import contextmanager
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client

from bookings.links import manage_path, manage_token
from bookings.models import Appointment
from bookings.services import details, holds, lifecycle, locks, moves, phone
from clinic.errors import DomainError
from clinic.people.models import User
from consultations.services.holding import move_hold
from tests.bookings.cast import NOW, at, confirmed, held, make_clinic, make_patient, plan
from tests.concurrency.test_every_path import answers_given

pytestmark = pytest.mark.django_db(transaction=True)
TEN = "2027-03-02 10:00"
SENTENCE = "Many people are booking right now. Nothing you entered is lost. Please try again in a moment."


@pytest.fixture(autouse=True)
def _clock(time_machine, monkeypatch):
    time_machine.move_to(NOW, tick=False)
    monkeypatch.setattr(locks, "WAIT", "20ms")
    monkeypatch.setattr(locks, "LOCK", locks.LOCK.replace("1500ms", "20ms"))
    from bookings.services import choosing

    monkeypatch.setattr(choosing, "LOCK", locks.LOCK)


@contextmanager
def somebody_sits_on(sql: str = "SELECT 1 FROM bookings_resource FOR UPDATE"):
    """Another connection holds these locks until the block is left."""
    sits, leave = threading.Event(), threading.Event()

    def sit():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
                sits.set()
                leave.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=sit)
    thread.start()
    assert sits.wait(10)
    try:
        yield
    finally:
        leave.set()
        thread.join()


def tries(act) -> tuple[int, DomainError]:
    """How often the database refused to wait any longer while the act was tried, and what it said in the end."""
    lost = 0

    def count(execute, sql, params, many, context):
        nonlocal lost
        try:
            return execute(sql, params, many, context)
        except Exception as problem:
            lost += getattr(problem.__cause__, "pgcode", "") == "55P03"
            raise

    with connection.execute_wrapper(count), pytest.raises(DomainError) as refusal:
        act()
    return lost, refusal.value


APPOINTMENTS = "SELECT 1 FROM bookings_appointment FOR UPDATE"
RESOURCES = "SELECT 1 FROM bookings_resource FOR UPDATE"
SERVICES = {
    "hold": (RESOURCES, lambda row, who: held("2027-03-03 10:00")),
    "move": (RESOURCES, lambda row, who: moves.move(row, start=at("2027-03-03 10:00"), now=NOW)),
    "move, the visit": (APPOINTMENTS, lambda row, who: moves.move(row, start=at("2027-03-03 10:00"), now=NOW)),
    "reserve": (RESOURCES, lambda row, who: lifecycle.reserve(row, patient=who, now=NOW)),
    "extend": (RESOURCES, lambda row, who: holds.extend_hold(row, now=NOW)),
    "release": (APPOINTMENTS, lambda row, who: holds.release_hold(row, now=NOW)),
    "confirm": (APPOINTMENTS, lambda row, who: lifecycle.confirm(row, now=NOW)),
    "cancel": (APPOINTMENTS, lambda row, who: lifecycle.cancel(row, reason="patient", now=NOW)),
    "desk": (
        RESOURCES,
        lambda row, who: phone.book_by_phone(plan=plan(), start=at("2027-03-03 10:00"), patient=who, now=NOW),
    ),
    "details": (
        RESOURCES,
        lambda row, who: details.give_details(row, name="Mia Çelik", phone="0532 555 01 77", now=NOW),
    ),
    "another time for a hold": (RESOURCES, lambda row, who: move_hold(row, start=at("2027-03-03 10:00"), now=NOW)),
}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_gives_up_after_one_more_try(name):
    sql, act = SERVICES[name]
    make_clinic()
    row, who = held(TEN), make_patient()
    with somebody_sits_on(sql):
        lost, refusal = tries(partial(act, row, who))
    assert (lost, refusal.code, refusal.status, str(refusal)) == (2, "busy", 409, SENTENCE)
    row.refresh_from_db()
    assert (row.state, Appointment.objects.count()) == ("held", 1)
    if name != "confirm":  # nobody has answered a question yet
        assert act(row, who)


def test_a_lock_that_is_let_go_in_time_is_waited_for_or_tried_again():
    """The first try is lost, the second finds the way free."""
    make_clinic()
    sat = somebody_sits_on()
    sat.__enter__()
    really = locks._worth_another_try

    def lets_go(problem):
        sat.__exit__(None, None, None)
        return really(problem)

    locks._worth_another_try = lets_go
    try:
        assert held(TEN).state == "held"
    finally:
        locks._worth_another_try = really


def test_the_sweep_leaves_what_somebody_works_on_for_later():
    make_clinic()
    row = held(TEN)
    with somebody_sits_on(APPOINTMENTS):
        assert holds.lapse_due(now=row.hold_expires_at) == 0
    assert holds.lapse_due(now=row.hold_expires_at) == 1


def api(client: Client, method: str, path: str, body=None, **headers):
    return getattr(client, method)(f"/api/v1{path}", body or {}, content_type="application/json", headers=headers)


def test_the_api_says_busy_and_the_same_key_may_try_again(client):
    make_clinic()
    body = {"treatment": "pen", "areas": ["face"], "start": "2027-03-02T10:00:00+03:00"}
    key = {"Idempotency-Key": "a key of more than twenty characters"}
    with somebody_sits_on():
        answer = api(client, "post", "/bookings/", body, **key)
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (409, "busy", SENTENCE)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert api(client, "post", "/bookings/", body, **key).status_code == 201
    row = Appointment.objects.get()
    mine = {"authorization": f"Bearer {manage_token(row)}"}
    person = {"name": "Mia Çelik", "phone": "0532 555 01 77", "date_of_birth": "1990-01-01"}
    for method, path, given in (
        ("post", "move", {"start": "2027-03-03T10:00:00+03:00"}),
        ("put", "patient", person),
    ):
        with somebody_sits_on():
            answer = api(client, method, f"/bookings/{row.pk}/{path}/", given, **mine)
        assert (answer.status_code, answer.json()["code"]) == (409, "busy")
        assert api(client, method, f"/bookings/{row.pk}/{path}/", given, **mine).status_code == 200


@pytest.fixture
def answered(client):
    make_clinic()
    call_command("load_questionnaire", verbosity=0)
    client.cookies["answers"] = answers_given()
    return client


def test_the_times_page_stays_with_its_times_and_the_next_press_holds(answered):
    address, start = "/book/pen/hold/?areas=face&location=moda&day=2027-03-02", {"start": "2027-03-02T10:00:00+03:00"}
    with somebody_sits_on():
        page = answered.post(address, start)
    text = page.content.decode()
    assert page.status_code == 409
    assert SENTENCE in text
    assert 'value="2027-03-02T10:00:00+03:00"' in text
    assert not Appointment.objects.exists()
    assert answered.post(address, start).status_code == 302
    # Another time instead of the one that is kept: it stays theirs while nobody can be asked.
    with somebody_sits_on():
        page = answered.post(address, {"start": "2027-03-02T14:00:00+03:00"})
    assert (page.status_code, SENTENCE in page.content.decode()) == (409, True)
    assert [row.start for row in Appointment.objects.filter(state="held")] == [at(TEN)]


def test_the_details_page_keeps_what_was_typed(answered):
    row = held(TEN, now=NOW)
    typed = {"name": "Mia Çelik", "phone": "0532 555 01 77", "email": "mia@example.org", "whatsapp": "on"}
    with somebody_sits_on():
        page = answered.post(f"{manage_path(row)}details/", typed)
    text = page.content.decode()
    assert (page.status_code, SENTENCE in text) == (409, True)
    assert all(f'value="{typed[name]}"' in text for name in ("name", "phone", "email"))
    assert answered.post(f"{manage_path(row)}details/", typed).status_code == 302


def test_the_move_and_cancel_pages_of_a_booking_say_it_kindly(answered):
    row = confirmed(TEN)
    with somebody_sits_on():
        page = answered.post(f"{manage_path(row)}move/", {"start": "2027-03-03T10:00:00+03:00"})
    assert (page.status_code, SENTENCE in page.content.decode()) == (409, True)
    with somebody_sits_on(APPOINTMENTS):
        page = answered.post(f"{manage_path(row)}cancel/")
    assert (page.status_code, SENTENCE in page.content.decode()) == (409, True)
    row.refresh_from_db()
    assert (row.state, row.start) == ("confirmed", at(TEN))


def test_the_desk_keeps_what_was_typed():
    make_clinic()
    client = Client()
    client.force_login(User.objects.create_user("desk@clinic.example", "a long enough word", name="D", role="desk"))
    typed = {
        "name": "Hande Öztürk", "phone": "0532 555 44 33", "language": "tr", "treatment": "consult", "areas": ["face"],
        "practitioner": "ayse", "date": "2027-03-02", "start": "2027-03-02T10:00:00+03:00", "intent": "book",
    }  # fmt: skip
    with somebody_sits_on():
        page = client.post("/desk/new/", typed)
    text = page.content.decode()
    assert (page.status_code, SENTENCE in text) == (422, True)
    assert 'value="Hande Öztürk"' in text
    assert not Appointment.objects.exists()
    assert client.post("/desk/new/", typed).status_code == 302
    row = Appointment.objects.get()
    with somebody_sits_on():
        page = client.post(f"/desk/a/{row.pk}/move/", {"date": "2027-03-03", "time": "10:00", "practitioner": ""})
    text = page.content.decode()
    assert (page.status_code, SENTENCE in text) == (409, True)
    assert 'value="2027-03-03"' in text
