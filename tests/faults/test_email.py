"""What a mail server, or none, makes of a message: what broke before anything was handed over is known to be unsent."""

import contextlib
import datetime as dt
import socket
import threading

import pytest

from clinic.messaging.models import Message
from clinic.messaging.plan import send_now
from clinic.messaging.states import State
from clinic.messaging.sweep import sweep
from clinic.people.models import Patient
from tests.faults.test_sending import now  # noqa: F401

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


class MailServer:
    """Speaks SMTP from a script: what it answers to each word, and after which it hangs up. Keeps what was handed over."""

    def __init__(self, greeting="220 hello", hang_up="", **answers):
        self.greeting, self.hang_up, self.answers, self.taken = greeting, hang_up, answers, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.talk(self.listener.accept()[0])

    def talk(self, link):
        with contextlib.suppress(OSError), link, link.makefile("rb") as lines:
            if not self.greeting:
                return
            link.sendall(f"{self.greeting}\r\n".encode())
            for line in lines:
                word = line.split()[0].decode().upper()
                if word == self.hang_up:
                    return
                link.sendall(f"{self.answers.get(word, '354 go on' if word == 'DATA' else '250 ok')}\r\n".encode())
                if word == "DATA" and "DATA" not in self.answers:
                    while next(lines) != b".\r\n":
                        pass
                    self.taken += 1
                    if self.hang_up == ".":
                        return
                    link.sendall(b"250 taken\r\n")


@pytest.fixture
def email(fake, now, settings):  # noqa: F811
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1"
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 1
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    patient = Patient.objects.create(name="Sofía", email="sofia@example.org", language="es")
    return send_now("contact_changed", key="e", patient=patient, language="es", now=now)


def state_after(server, now, settings) -> str:  # noqa: F811
    settings.EMAIL_PORT = server.port
    sweep(now=now, threads=1)
    return Message.objects.get(parent=None).state


def test_taken(email, now, settings):  # noqa: F811
    server = MailServer()
    assert (state_after(server, now, settings), server.taken) == (State.SENT, 1)


BEFORE = {
    "no greeting": {"greeting": "554 no service"},
    "too busy": {"greeting": "421 too busy"},
    "hangs up at once": {"greeting": ""},
    "later, please": {"MAIL": "451 later"},
}


@pytest.mark.parametrize("case", BEFORE)
def test_not_handed_over_it_goes_once_the_server_is_well_again(email, now, settings, case):  # noqa: F811
    assert state_after(MailServer(**BEFORE[case]), now, settings) == State.PENDING
    well = MailServer()
    assert (state_after(well, now + MINUTE, settings), well.taken) == (State.SENT, 1)


def test_a_name_that_cannot_be_looked_up_is_no_matter_for_a_person(email, now, settings):  # noqa: F811
    settings.EMAIL_HOST = "mail.invalid"
    assert state_after(MailServer(), now, settings) == State.PENDING


@pytest.mark.parametrize("after", [".", "RCPT"])
def test_broken_off_later_it_is_in_doubt(email, now, settings, after):  # noqa: F811
    assert state_after(MailServer(hang_up=after), now, settings) == State.UNKNOWN


def test_a_goodbye_that_fails_does_not_undo_what_was_taken(email, now, settings):  # noqa: F811
    server = MailServer(hang_up="QUIT")
    assert (state_after(server, now, settings), server.taken) == (State.SENT, 1)


def test_an_address_that_does_not_exist_is_refused_for_good(email, now, settings):  # noqa: F811
    assert state_after(MailServer(RCPT="550 nobody"), now, settings) == State.FAILED
