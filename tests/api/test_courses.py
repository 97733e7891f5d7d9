import pytest

from bookings.models import Appointment, Course
from tests.api.conftest import TEN
from tests.bookings.cast import make_patient

pytestmark = pytest.mark.django_db
ASKED = {"treatment": "pen", "areas": "face", "sessions": 4, "from": "2027-03-08"}
STARTS = [TEN, "2027-04-05T10:00:00+03:00", "2027-05-03T10:00:00+03:00"]


@pytest.fixture
def desk(client, django_user_model):
    user = django_user_model.objects.create_user("desk@example.org", role="desk")
    client.force_login(user)
    return user


def ask(api, **change):
    asked = {name: value for name, value in (ASKED | change).items() if value is not None}
    return api("get", "/courses/proposals/?" + "&".join(f"{name}={value}" for name, value in asked.items()))


def order(**change):
    starts = [{"start": start, "practitioner": "ayse"} for start in STARTS]
    return {"patient": str(make_patient().pk), "treatment": "pen", "areas": ["face"], "starts": starts} | change


def test_anybody_may_ask_for_plans_and_reads_why_they_are_so(clinic, api):
    answer = ask(api)
    assert answer.status == 200 and len(answer.body["plans"]) == 3
    best = answer.body["plans"][0]
    assert [one["start"][:10] for one in best["sessions"]] == ["2027-03-08", "2027-04-05", "2027-05-03", "2027-05-31"]
    assert {"same_weekday_and_time", "same_practitioner"} <= {one["code"] for one in best["reasons"]}
    assert (answer.body["price"], answer.body["problem"], answer.body["timezone"]) == (
        "12000.00",
        "",
        "Europe/Istanbul",
    )


def test_wishes_are_kept(clinic, api):
    best = ask(api, weekday=3, time="15:00", practitioner="deniz").body["plans"][0]
    assert {(one["start"][11:16], one["practitioner"]) for one in best["sessions"]} == {("15:00", "deniz")}
    assert best["sessions"][0]["start"][:10] == "2027-03-11"


def test_beyond_the_horizon_the_public_gets_no_plan_and_reads_which_session_fails(clinic, api):
    answer = ask(api, **{"from": "2027-08-10"})
    assert answer.body["plans"] == [] and answer.body["problem"].startswith("Session 2")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"treatment": "magic"}, 404, "unknown_treatment"),
        ({"treatment": "consult"}, 422, "no_course"),
        ({"sessions": 7}, 422, "sessions_out_of_range"),
        ({"sessions": 1}, 400, "invalid"),
        ({"sessions": None}, 400, "invalid"),
        ({"areas": "fa ce"}, 400, "invalid"),
        ({"from": "soon"}, 400, "invalid"),
        ({"from": "9999-12-31"}, 400, "invalid"),
        ({"weekday": 7}, 400, "invalid"),
        ({"practitioner": "nobody"}, 422, "invalid"),
    ],
)
def test_what_makes_no_sense_is_refused(clinic, api, change, status, code):
    answer = ask(api, **change)
    assert (answer.status, answer.code) == (status, code)


def test_staff_book_a_whole_course_once_per_key(clinic, api, desk):
    sent = order()
    answers = [api("post", "/courses/", sent, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201] and answers[0].body == answers[1].body
    assert [(one["session"], one["start"], one["state"]) for one in answers[0].body["sessions"]] == [
        (number, start, "reserved") for number, start in enumerate(STARTS, 1)
    ]
    assert Course.objects.count() == 1 and Appointment.objects.count() == 3


def test_a_lost_session_books_nothing_and_brings_new_plans(clinic, api, desk, hold):
    hold(STARTS[1], practitioner="ayse")
    answer = api("post", "/courses/", order())
    assert (answer.status, answer.code, answer.body["session"]) == (409, "slot_taken", 2)
    assert answer.body["reasons"][0]["code"] == "practitioner_taken" and answer.body["proposals"]
    assert Course.objects.count() == 0 and Appointment.objects.count() == 1


def test_only_staff_book_courses(clinic, api):
    assert api("post", "/courses/", order()).status == 403
    assert not Appointment.objects.exists()
