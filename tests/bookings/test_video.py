"""A visit by video takes a practitioner and nothing else; its room is derived, and opens by the clock."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import messages, video
from bookings.ical import calendar_file
from bookings.links import manage_token
from bookings.models import Absence, Allocation, Appointment, Practitioner, Resource, WorkingHours
from bookings.selectors import free_starts, plan_of, why_not
from bookings.services import moves, offers, waiting
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import confirm, record_clearance, reserve
from bookings.services.phone import book_by_phone
from bookings.views.wishes import wish_words
from bookings.waiting import PARTS
from clinic.audit.models import Entry
from clinic.errors import DomainError
from clinic.messaging.models import Message
from clinic.people.models import User
from tests.bookings.cast import NOW, at, confirmed, held, make_patient, make_practitioner, reserved
from tests.security import dump
from treatments.selectors import visit_plan

BASE = "https://meet.clinic.example"
TEN = "2027-03-02 10:00"


@pytest.fixture(autouse=True)
def _offered(settings):
    settings.VIDEO_BASE_URL = BASE


def by_video():
    return visit_plan(modality="consult", areas=["face"], video=True)


def call(start=TEN, **options) -> Appointment:
    row = hold_slot(plan=by_video(), start=at(start), now=NOW, **options)
    row = reserve(row, patient=make_patient(), now=NOW)
    row = record_clearance(row, clearance="cleared", now=NOW)
    return confirm(row, now=NOW)


def kinds(row) -> set[str]:
    return set(Allocation.objects.filter(appointment=row, active=True).values_list("resource__kind", flat=True))


def test_it_takes_the_practitioner_and_the_patient_alone(clinic):
    row = call()
    assert (row.by_video, row.room_id, row.device_id) == (True, None, None)
    assert kinds(row) == {"practitioner", "patient"}
    assert row.end == row.treatment_end


def test_it_can_be_had_while_every_room_is_taken(clinic):
    for who in ("ayse", "deniz"):
        held(TEN, "consult", practitioner=who)
    zeynep = make_practitioner("zeynep", clinic.location, [clinic.consult])
    assert [one.code for one in why_not(plan=visit_plan(modality="consult", areas=["face"]), start=at(TEN), now=NOW)]
    assert why_not(plan=by_video(), start=at(TEN), now=NOW) == []
    assert call(TEN).practitioner_id == zeynep.pk


def test_its_hours_are_the_practitioners_own(clinic):
    evening = {"starts": "20:00", "ends": "21:00"}
    WorkingHours.objects.create(resource=clinic.ayse, weekday=1, **evening)
    day = {"first": at(TEN).date(), "last": at(TEN).date(), "now": NOW}
    late = at("2027-03-02 20:00")
    assert late in free_starts(plan=by_video(), **day).starts
    assert late not in free_starts(plan=visit_plan(modality="consult", areas=["face"]), **day).starts


def test_two_calls_with_one_practitioner_at_once_are_refused(clinic):
    call(practitioner="ayse")
    with pytest.raises(DomainError) as refusal:
        held(TEN, "peel", practitioner="ayse")
    assert refusal.value.code == "slot_taken"


def test_only_a_consultation_is_held_by_video(clinic):
    with pytest.raises(DomainError) as refusal:
        visit_plan(modality="pen", areas=["face"], video=True)
    assert (refusal.value.code, refusal.value.status) == ("no_video", 422)


@pytest.mark.parametrize("change", [{"room_id": "room"}, {"by_video": False}])
def test_the_database_knows_no_call_in_a_room_and_no_visit_without_one(clinic, change):
    row = call()
    values = {name: clinic.room1.pk if value == "room" else value for name, value in change.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.filter(pk=row.pk).update(**values)


def test_a_move_keeps_the_way_unless_another_is_asked_for(clinic):
    row = moves.move(call(), start=at("2027-03-03 11:00"), now=NOW)
    assert (row.by_video, row.room_id, kinds(row)) == (True, None, {"practitioner", "patient"})
    row = moves.move(row, start=row.start, video=False, now=NOW)
    assert (row.by_video, row.version, kinds(row)) == (False, 3, {"practitioner", "patient", "room"})
    assert plan_of(row).turnaround == 15
    row = moves.move(row, start=row.start, video=True, now=NOW)
    assert (row.by_video, kinds(row), plan_of(row).turnaround) == (True, {"practitioner", "patient"}, 0)


def test_coming_in_instead_is_refused_where_no_room_is_free_and_the_call_stays(clinic):
    row = call(practitioner="ayse")
    for room in ("room-1", "room-2"):
        where = Resource.objects.get(slug=room)
        Absence.objects.create(resource=where, starts_at=at("2027-03-02 00:00"), ends_at=at("2027-03-03 00:00"))
    with pytest.raises(DomainError) as refusal:
        moves.move(row, start=row.start, video=False, now=NOW)
    assert refusal.value.code == "start_not_possible"
    row.refresh_from_db()
    assert row.by_video and row.version == 1


def test_a_treatment_cannot_be_moved_to_video(clinic):
    with pytest.raises(DomainError) as refusal:
        moves.move(reserved(TEN), start=at("2027-03-03 10:00"), video=True, now=NOW)
    assert refusal.value.code == "no_video"


# The room.


def test_the_room_is_unguessable_and_of_this_visit_time_and_link_alone(clinic):
    row, other = call(practitioner="ayse"), call(practitioner="deniz")
    urls = {video.room_url(row), video.room_url(other)}
    row.version += 1
    urls.add(video.room_url(row))
    row.link_generation += 1
    urls.add(video.room_url(row))
    assert len(urls) == 4
    for url in urls:
        name = url.removeprefix(f"{BASE}/visit-")
        assert len(name) == 64 and set(name) <= set("0123456789abcdef")
        assert manage_token(row) not in url and str(row.pk) not in url


@pytest.mark.parametrize(
    ("minutes", "door"),
    [(-11, "soon"), (-10, "open"), (0, "open"), (59, "open"), (60, "over"), (600, "over")],
)
def test_the_door_opens_ten_minutes_before_and_closes_half_an_hour_after_the_end(clinic, minutes, door):
    row = call()  # half an hour long
    assert video.door(row, now=row.start + timedelta(minutes=minutes)) == door


def test_a_visit_in_the_clinic_has_no_door_and_none_is_there_while_video_is_not_offered(clinic, settings):
    assert video.door(confirmed(TEN, "consult"), now=at(TEN)) == ""
    row = call("2027-03-02 12:00")
    settings.VIDEO_BASE_URL = ""
    assert video.door(row, now=row.start) == ""


@pytest.mark.parametrize("state", ["reserved", "cancelled", "pending_review", "done"])
def test_a_visit_that_is_not_confirmed_has_no_door(clinic, state):
    row = call()
    row.state = state
    assert video.door(row, now=row.start) == ""


# The pages.


@pytest.fixture
def doors(clinic):
    users = {}
    for role, slug in (("practitioner", "ayse"), ("practitioner", "deniz"), ("desk", "derya"), ("owner", "nihal")):
        users[slug] = User.objects.create_user(f"{slug}@clinic.example", "x" * 16, role=role, name=slug.title())
        Practitioner.objects.filter(resource__slug=slug).update(user=users[slug])

    def make(who=None):
        client = Client()
        if who:
            client.force_login(users[who])
        return client

    return SimpleNamespace(row=call(practitioner="ayse"), make=make)


def test_the_patient_joins_from_their_page_in_time(doors):
    client, row = doors.make(), doors.row
    page = f"/b/{manage_token(row)}/"
    with time_machine.travel(row.start - timedelta(minutes=11), tick=False):
        shown = client.get(page).content.decode()
        assert "You can join here from" in shown and "09:50" in shown and "video/" not in shown
        assert client.get(page + "video/")["Location"] == page
    with time_machine.travel(row.start - timedelta(minutes=10), tick=False):
        shown = client.get(page).content.decode()
        assert f'href="{page}video/"' in shown and BASE not in shown
        answer = client.get(page + "video/")
    assert answer["Location"] == video.room_url(row)
    assert (answer["Referrer-Policy"], answer["Cache-Control"]) == ("no-referrer", "no-store, private")
    assert Entry.objects.filter(action="video.join", subject=row.ref).count() == 1
    with time_machine.travel(row.treatment_end + timedelta(minutes=30), tick=False):
        assert "The call is over." in client.get(page).content.decode()
        assert client.get(page + "video/")["Location"] == page


def test_the_practitioner_of_the_visit_joins_from_their_day_and_nobody_else_of_the_house_does(doors):
    row, path = doors.row, f"/desk/a/{doors.row.pk}/video/"
    with time_machine.travel(row.start, tick=False):
        assert f'href="{path}"' in doors.make("ayse").get(f"/desk/a/{row.pk}/").content.decode()
        assert doors.make("ayse").get(path)["Location"] == video.room_url(row)
        assert doors.make("deniz").get(path).status_code == 404
        for who in ("derya", "nihal"):
            assert doors.make(who).get(path).status_code == 403
            assert path not in doors.make(who).get(f"/desk/a/{row.pk}/").content.decode()
    with time_machine.travel(row.start - timedelta(hours=1), tick=False):
        assert doors.make("ayse").get(path)["Location"] == f"/desk/a/{row.pk}/"


def test_the_desk_reads_by_video_wherever_a_room_would_stand(doors):
    day = "2027-03-02"
    with time_machine.travel(NOW, tick=False):
        client = doors.make("derya")
        for path in (
            f"/desk/{day}/?view=list",
            f"/desk/{day}/?columns=all",
            f"/desk/{day}/sheet/",
            f"/desk/a/{doors.row.pk}/",
        ):
            page = client.get(path)
            assert page.status_code == 200 and "by video" in page.content.decode().lower(), path


def test_the_desk_books_by_video_and_moves_to_the_clinic_and_back(doors):
    with time_machine.travel(NOW, tick=False):
        client = doors.make("derya")
        given = {"treatment": "consult", "areas": "face", "practitioner": "deniz", "date": "2027-03-02", "video": "on"}
        given |= {"name": "Mert Kaya", "phone": "0532 555 44 33", "language": "tr", "location": "moda"}
        answer = client.post("/desk/new/", given | {"start": at(TEN).isoformat(), "intent": "book"})
        assert answer.status_code == 302, answer.content.decode()[:3000]
        row = Appointment.objects.latest("created_at")
        assert row.by_video and row.patient.name == "Mert Kaya"
        page = client.get(f"/desk/a/{row.pk}/move/").content.decode()
        assert 'name="video"' in page and "checked" in page
        asked = {"date": "2027-03-02", "practitioner": "deniz", "ways": "1", "start": row.start.isoformat()}
        client.post(f"/desk/a/{row.pk}/move/", asked)
        row.refresh_from_db()
        assert not row.by_video and row.room
        client.post(f"/desk/a/{row.pk}/move/?start={row.start.isoformat().replace('+', '%2B')}&way=video")
        row.refresh_from_db()
        assert row.by_video


def test_a_patient_changes_to_the_clinic_on_their_move_page(doors):
    client, row = doors.make(), doors.row
    with time_machine.travel(NOW, tick=False):
        page = f"/b/{manage_token(row)}/move/"
        assert f"{page}?way=clinic" in client.get(page).content.decode()
        answer = client.post(f"{page}?way=clinic", {"start": row.start.isoformat()})
    assert answer.status_code == 302
    row.refresh_from_db()
    assert not row.by_video and row.room_id


def test_no_message_calendar_or_row_holds_the_rooms_address(doors):
    row = doors.row
    with time_machine.travel(row.start, tick=False):
        doors.make().get(f"/b/{manage_token(row)}/video/")
    name = video.room_url(row).rpartition("/")[2]
    assert dump.rows_with(name) == [] and dump.rows_with(name.removeprefix("visit-")) == []
    assert name not in dump.sessions()
    bodies = " ".join(one.body for one in Message.objects.all())
    assert "by video, the link is on your page" in bodies and BASE not in bodies and "Moda Caddesi" not in bodies
    file = calendar_file(row, url="https://clinic.example/b/x/").decode()
    assert "LOCATION:By video" in file and BASE not in file


@pytest.mark.parametrize(
    ("language", "words"),
    [("tr", "görüntülü"), ("es", "por vídeo"), ("ar", "بالفيديو")],
)
def test_messages_say_by_video_in_the_readers_language(clinic, language, words):
    row = call(language=language)
    row.language = language
    assert words in messages.facts_of(row)["place"]


# The API.


def test_the_api_lists_holds_and_moves_by_video(clinic, client):
    with time_machine.travel(NOW, tick=False):
        asked = "/api/v1/availability/?treatment=consult&areas=face&from=2027-03-02&to=2027-03-02"
        assert at(TEN).isoformat() in str(client.get(asked + "&video=true").json())
        body = {"treatment": "consult", "areas": ["face"], "start": at(TEN).isoformat(), "video": True}
        made = client.post("/api/v1/bookings/", body, content_type="application/json").json()
        assert (made["video"], made["room"]) == (True, None)
        bearer = {"authorization": f"Bearer {made['token']}"}
        moved = client.post(
            f"/api/v1/bookings/{made['id']}/move/",
            {"start": at(TEN).isoformat(), "video": False},
            content_type="application/json",
            headers=bearer,
        ).json()
    assert moved["video"] is False and moved["room"]


@pytest.mark.parametrize("offered", [True, False])
def test_the_api_refuses_video_for_a_treatment_and_where_it_is_not_offered(clinic, client, settings, offered):
    settings.VIDEO_BASE_URL = BASE if offered else ""
    treatment = "pen" if offered else "consult"
    body = {"treatment": treatment, "areas": ["face"], "start": at(TEN).isoformat(), "video": True}
    with time_machine.travel(NOW, tick=False):
        answer = client.post("/api/v1/bookings/", body, content_type="application/json")
        looked = client.get(
            f"/api/v1/availability/?treatment={treatment}&areas=face&from=2027-03-02&to=2027-03-02&video=true"
        )
    for one in (answer, looked):
        assert (one.status_code, one.json()["code"]) == (422, "no_video")


def test_holding_by_video_asks_no_more_of_the_database_than_in_a_room(clinic):
    counts = []
    for day, plan in (("02", visit_plan(modality="consult", areas=["face"])), ("03", by_video())):
        with CaptureQueriesContext(connection) as seen:
            hold_slot(plan=plan, start=at(f"2027-03-{day} 10:00"), now=NOW)
        counts.append(len(seen))
    assert counts[1] <= counts[0]


def test_a_phone_booking_by_video_keeps_the_patients_own_time(clinic):
    patient = make_patient()
    row = book_by_phone(plan=by_video(), start=at(TEN), patient=patient, now=NOW)
    assert row.by_video and kinds(row) == {"practitioner", "patient"}
    with pytest.raises(DomainError):
        book_by_phone(plan=by_video(), start=at(TEN), patient=patient, now=NOW)


def test_who_waits_for_a_call_is_offered_a_call(clinic):
    wish = {"first": at(TEN).date(), "last": at(TEN).date(), "parts": PARTS}
    entry = waiting.join(plan=by_video(), location=clinic.location, patient=make_patient(), now=NOW, **wish)
    given = offers.offer(entry, start=at(TEN), by_hand=True, now=NOW)
    assert given.appointment.by_video and wish_words(entry)["what"].endswith("by video")
