"""Redis is refused, silent and emptied; ticks come twice, late or never. Real workers, real beats, a real Valkey."""

import contextlib
import datetime as dt
import json
import socket
import threading

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from bookings.models import Appointment
from bookings.public import next_free
from clinic.messaging import limits
from clinic.messaging.models import Heartbeat, Message
from clinic.messaging.schedule import BEAT
from clinic.messaging.states import OUT, State
from clinic.messaging.sweep import begin
from clinic.people.models import User
from tests.bookings import cast
from tests.faults import drill
from tests.faults.fake_provider import FakeProvider
from tests.faults.fleet import Fleet, ticks, wait_until
from tests.faults.test_kill import queue

pytestmark = pytest.mark.django_db(transaction=True)


def sent() -> int:
    return Message.objects.filter(state__in=sorted(OUT)).count()


def test_refused_silent_and_emptied_the_broker_loses_no_message(tmp_path):
    """What was due meanwhile goes out once the broker is back, by itself, through two workers and two beats."""
    with FakeProvider(latency=0.02) as fake:
        env = drill.environment(fake, threads=2, settings_too=ticks(0.5))
        with Fleet(tmp_path, env, workers=2, beats=2, concurrency=1) as fleet:
            queue(5)
            wait_until(lambda: sent() == 5)
            fleet.valkey.process.stop(hurry=True)
            queue(5, first=5)
            fleet.valkey.attempt()
            wait_until(lambda: sent() == 10, 90)
            for number in (10, 15):
                fleet.silence()
                queue(5, first=number)
                threading.Event().wait(8)  # longer than any of the sockets waits
                fleet.speak()
                wait_until(lambda number=number: sent() == number + 5, 90)
            for number in (20, 25, 30):
                queue(5, first=number)
                fleet.redis().flushall()
            wait_until(lambda: sent() == 35, 90)
        verdict = drill.judge(fake)
    assert (verdict["made"], verdict["duplicates"], verdict["lost"]) == (35, 0, 0), fleet.logs()


def test_a_worker_killed_with_a_task_in_hand_leaves_it_to_the_next_and_nothing_is_doubled(tmp_path):
    """No beat: one tick, handed out again because nobody acknowledged it. Its clock is two minutes behind the worker's."""
    from clinic.celery import app

    quick = {"visibility_timeout": 2, "socket_timeout": 5, "global_keyprefix": "needlepoint:"}
    queue(5)
    with FakeProvider(behave=lambda _to, number: "hang" if number == 0 else "201", hang_seconds=600) as fake:
        env = drill.environment(
            fake, threads=1, read_timeout=600, settings_too=ticks(3600) | {"CELERY_BROKER_TRANSPORT_OPTIONS": quick}
        )
        with Fleet(tmp_path, env, workers=1, beats=0, concurrency=1) as fleet:

            def tick(name: str) -> None:
                with app.connection_for_write(fleet.env["REDIS_URL"]) as link:
                    app.send_task(name, connection=link, expires=BEAT[name]["options"]["expires"] - 120)

            tick("messaging.sweep")
            wait_until(lambda: len(fake.posts) == 1)
            assert fleet.redis().hlen("needlepoint:unacked") == 1
            fleet.kill("worker", again=False, what="all")
            assert fleet.redis().hlen("needlepoint:unacked") == 1
            fleet.add("worker")
            wait_until(lambda: sent() == 4)

            def settled() -> bool:
                tick("messaging.reconcile")
                tick("messaging.sweep")
                threading.Event().wait(0.5)
                return sent() == 5

            wait_until(settled)
        verdict = drill.judge(fake)
    assert (verdict["made"], verdict["duplicates"], verdict["lost"]) == (5, 0, 0), fleet.logs()


def test_of_ticks_that_have_piled_up_one_sweeps(settings):
    settings.MESSAGING = {"apart_seconds": 60}
    assert [begin() for _tick in range(5)] == [True, False, False, False, False]
    Heartbeat.objects.filter(component="sweep_begun").update(at=timezone.now() - dt.timedelta(minutes=2))
    assert begin()
    Heartbeat.objects.filter(component="sweep_begun").update(at=timezone.now() + dt.timedelta(days=2))
    assert begin()  # a clock that was set back does not stop them


def test_without_a_beat_the_status_page_and_the_desk_say_so(client, text):
    """Nobody sweeps: never, or no longer."""
    limits.forget_remembered()
    User.objects.create_user("desk@clinic.example", "long enough word", name="Deniz", role="desk")
    desk = Client()
    assert client.get("/statusz").status_code == 200
    Message.objects.filter(pk=text(now=timezone.now() - dt.timedelta(minutes=3)).pk).update(crosses_quiet=True)
    answer = client.get("/statusz")
    assert (answer.status_code, answer.json()["due"], answer.json()["standing_still"]) == (503, 1, True)
    Message.objects.update(state=State.ACCEPTED)
    Heartbeat.objects.create(component="beat", at=timezone.now() - dt.timedelta(minutes=5))
    assert client.get("/statusz").status_code == 503
    Heartbeat.objects.update(at=timezone.now())
    assert client.get("/statusz").status_code == 200
    assert desk.get("/statusz").status_code == 200


@contextlib.contextmanager
def silent_server():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("broker", ["refused", "silent"])
def test_a_booking_is_made_while_the_broker_is_away(settings, broker):
    """The shop window asks the cache, which is the same Redis; a booking asks nobody but the database."""
    cast.make_clinic()
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    answers = []

    def book() -> None:
        web = Client()
        answers.append(sorted(next_free(["peel", "pen"])))
        asked = f"/api/v1/availability/?treatment=peel&areas=face&from={tomorrow}&to={tomorrow + dt.timedelta(days=9)}"
        start = next(day for day in web.get(asked).json()["days"] if day["starts"])["starts"][0]
        given = {"treatment": "peel", "areas": ["face"], "start": start}
        answers.append(web.post("/api/v1/bookings/", json.dumps(given), content_type="application/json").status_code)

    with silent_server() as port:
        port = port if broker == "silent" else 9
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": f"redis://127.0.0.1:{port}/0"}}
        caches.close_all()
        from tests.faults.test_steps import in_threads

        in_threads(1, lambda _number: book())
    assert answers == [["peel", "pen"], 201]
    assert Appointment.objects.get().state == "held"


@pytest.mark.parametrize("gone", ["channel", "connection"])
def test_a_task_that_ends_when_the_connection_is_gone_has_lost_it_and_is_no_fault(tmp_path, gone):
    """Anything but a lost connection would end the worker."""
    from clinic.celery import app

    with Fleet(tmp_path, {}, workers=0, beats=0) as fleet:
        connection = app.connection_for_read(fleet.env["REDIS_URL"])
        channel = connection.channel()
        lost = connection.connection_errors
        if gone == "channel":
            connection.close()
        else:
            channel.connection.client = None
        with pytest.raises(lost):
            channel.qos.ack("a tag")
