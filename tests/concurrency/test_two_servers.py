"""Two web servers beside each other on one database: what one does, the other's very next answer knows."""

import json
import random
import re
from collections import Counter
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings.models import Appointment
from bookings.states import State
from consultations.consent_words import consent_words
from consultations.demo.loader import quiet_answers
from tests.bookings.cast import make_catalogue, make_device, make_location, make_practitioner, make_room
from tests.consultations.cast import BORN

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"name": "Mia Çelik", "phone": "0532 555 01 77", "email": "mia@example.org", "date_of_birth": BORN.isoformat()}
TURNS = 24
KEY = "0d1f6a52-0c5e-4a43-9f0b-6f5e3c1d7a91"


class Server:
    """One kept-alive connection, so that it is always the same process that answers."""

    def __init__(self, address: str) -> None:
        self.web = HTTPConnection(urlsplit(address).netloc, timeout=60)

    def send(self, method: str, path: str, body=None, **headers) -> tuple[int, dict]:
        status, _, content = self.raw(method, path, body and json.dumps(body), "application/json", **headers)
        return status, json.loads(content)

    def raw(self, method: str, path: str, body=None, kind: str = "", **headers) -> tuple[int, dict, str]:
        self.web.request(method, path, body, {"Content-Type": kind} | headers)
        answer = self.web.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()

    def starts(self, treatment: str = "consult") -> list[str]:
        status, found = self.send("GET", f"/api/v1/availability/?{urlencode(asked(treatment))}")
        assert status == 200
        return [start for day in found["days"] for start in day["starts"]]

    def hold(self, start: str, treatment: str = "consult", **more) -> tuple[int, dict]:
        body = {"treatment": treatment, "areas": ["face"], "start": start} | more
        return self.send("POST", "/api/v1/bookings/", body)


def asked(treatment: str) -> dict:
    first = timezone.now().astimezone(ZoneInfo("Europe/Istanbul")).date() + timedelta(days=3)
    return {"treatment": treatment, "areas": "face", "from": first, "to": first + timedelta(days=3)}


@pytest.fixture
def clinic():
    """One practitioner, room and device: every sold time is a time fewer."""
    catalogue = make_catalogue()
    location = make_location(days=range(7))
    make_practitioner("p0", location, [catalogue.pen, catalogue.consult], days=range(7))
    make_room("r0", location, [catalogue.pen, catalogue.consult])
    make_device("d0", location, [catalogue.pen])
    return catalogue


@pytest.fixture
def servers(web):
    """Addresses of two servers of one process each."""
    return web(workers=1), web(workers=1)


def test_what_one_sells_or_frees_the_other_knows_at_once(clinic, servers):
    one, two = map(Server, servers)
    dice = random.Random(5)
    sold: list[dict] = []
    for turn in range(TURNS):
        seller, other = (one, two) if turn % 2 else (two, one)
        offered = other.starts()
        assert offered == seller.starts()
        if turn % 4 == 3:
            freed = sold.pop(dice.randrange(len(sold)))
            token = {"Authorization": f"Bearer {freed['token']}"}
            assert seller.send("POST", f"/api/v1/bookings/{freed['id']}/cancel/", **token)[0] == 200
            assert freed["start"] in other.starts()
            continue
        start = dice.choice(offered)
        status, booking = seller.hold(start)
        assert status == 201
        sold.append(booking)
        assert start not in other.starts()
        refused, problem = other.hold(start)
        assert (refused, problem["code"]) == (409, "slot_taken")
        assert set(problem["nearest"]) <= set(other.starts())
    assert Appointment.objects.filter(state=State.HELD).count() == len(sold)


def test_one_key_sent_to_both_books_once(clinic, servers, together):
    start = Server(servers[0]).starts()[5]

    def send(n: int):
        body = {"treatment": "consult", "areas": ["face"], "start": start}
        return lambda: Server(servers[n % 2]).send("POST", "/api/v1/bookings/", body, **{"Idempotency-Key": KEY})

    answers = together([send(n) for n in range(30)])
    assert {status for status, _ in answers} == {201}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert Appointment.objects.count() == 1


def test_a_hold_of_one_is_prolonged_reserved_and_confirmed_at_the_other(clinic, servers):
    call_command("load_questionnaire", verbosity=0)
    clinic.pen.content = {"en": {"what": ["Fine needles."], "common": ["Redness for a day."]}}
    clinic.pen.save()
    one, two = map(Server, servers)
    status, held = one.hold(one.starts("pen")[0], "pen")
    assert status == 201
    extend(two, held["token"])
    row = Appointment.objects.get()
    assert (row.state, row.hold_extensions) == (State.HELD, 1)

    token = {"Authorization": f"Bearer {held['token']}"}
    place = f"/api/v1/bookings/{held['id']}/"

    def there(method: str, rest: str, body=None) -> dict:
        status, answer = two.send(method, f"{place}{rest}", body, **token)
        assert status == 200, answer
        return answer

    assert there("PUT", "patient/", WHO)["state"] == "reserved"
    version = two.send("GET", "/api/v1/questionnaire/?treatment=pen&areas=face")[1]["version"]
    there("PUT", "intake/", {"version": version, "answers": quiet_answers("pen", {"face": "face"}, born=BORN)})
    there("PUT", "consent/", {"version": consent_words("pen", "en").version, "name": WHO["name"]})
    assert there("POST", "confirm/")["state"] == "confirmed"
    assert one.send("GET", place, **token)[1]["state"] == "confirmed"
    assert held["start"] not in one.starts("pen")


def extend(server: Server, token: str) -> None:
    """As the page's button does: the form's token and its cookie from the same server."""
    status, headers, page = server.raw("GET", f"/b/{token}/details/")
    assert status == 200
    cookie = re.search(r"\S*csrf=[^;]+", headers.get("set-cookie") or headers["Set-Cookie"])[0]
    word = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    form = urlencode({"csrfmiddlewaretoken": word})
    kind = "application/x-www-form-urlencoded"
    status, _, _ = server.raw("POST", f"/b/{token}/extend/", form, kind, Cookie=cookie)
    assert status in (200, 302, 303)


def test_two_hundred_clients_spread_over_both(clinic, servers, together, overlaps, orphans):
    one, two = map(Server, servers)
    hours = {f"{hour:02}:00" for hour in range(9, 18)}
    free = [start for start in one.starts() if start[11:16] in hours][:20]
    wishes = [(start, address) for start in free for address in servers * 5]
    assert len(wishes) == 200
    random.Random(3).shuffle(wishes)

    def wish(start: str, address: str):
        return lambda: Server(address).hold(start)

    answers = together([wish(*each) for each in wishes])
    assert Counter(status for status, _ in answers) == {201: 20, 409: 180}
    assert {answer["code"] for status, answer in answers if status == 409} == {"slot_taken"}
    assert one.starts() == two.starts()
    assert not set(free) & set(one.starts())
    assert (overlaps(), orphans()) == (0, 0)
