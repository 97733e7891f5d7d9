import datetime as dt

import pytest
import time_machine
from django.conf import settings

from bookings.models import Absence, Appointment, Practitioner, Resource
from bookings.states import State
from consultations.answers_cookie import answers_cookie
from consultations.models import Draft
from tests.consultations.views.walk import Walk, parts

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


def test_no_area_is_said_at_the_areas(walk, client):
    page = client.post("/book/pen/", {"practitioner": "anyone"})
    assert page.status_code == 422
    assert "<title>Error:" in text(page) and "data-focus" in text(page)
    assert text(page).count("Choose at least one area.") == 2
    assert 'href="#id_areas_0"' in text(page)


def test_choices_travel_in_the_address(walk, client):
    answer = client.post("/book/pen/", {"areas": ["face", "neck"], "practitioner": "ayse"})
    assert answer["Location"] == "/book/pen/suitability/?areas=face,neck&practitioner=ayse"
    assert "checked" in text(client.get("/book/pen/?areas=face"))


@pytest.mark.parametrize("query", ["", "areas=eyelids", "areas=scalp"])
def test_a_visit_that_is_not_offered_leads_back_to_the_choices(walk, client, query):
    for page in ("suitability/", "suitability/about_you/", "time/", "later/", "not-now/"):
        assert client.get(f"/book/pen/{page}?{query}")["Location"] == "/book/pen/"
    assert client.post(f"/book/pen/hold/?{query}", {"start": "2030-01-07T09:00:00+03:00"})["Location"] == "/book/pen/"


def test_an_unknown_treatment_is_a_404(walk, client):
    for path in ("/book/botox/", "/book/botox/time/?areas=face"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Tick what is true for you"),
        ({"ticks": ["none", "pregnant:yes"]}, "goes alone"),
        ({"ticks": ["pregnant:yes", "pregnant:unsure"]}, "Keep the more serious one"),
        ({"ticks": ["pregnant:perhaps"]}, "Select a valid choice"),
    ],
)
def test_the_server_holds_the_rules_of_the_checklist(walk, client, data, sentence):
    page = client.post(walk.book("suitability/about_you"), data)
    assert page.status_code == 422
    assert sentence in text(page)
    assert answers_cookie.name not in client.cookies


@pytest.mark.parametrize(
    ("day", "sentence"),
    [(None, "Enter the date"), (dt.date(2090, 1, 1), "in the future"), (dt.date(1700, 1, 1), "too long ago")],
)
def test_a_date_that_an_answer_opens_is_checked(walk, client, day, sentence):
    data = {"ticks": ["sun:burn"]} | (parts("sun_on", day) if day else {})
    page = client.post(walk.book("suitability/skin_today"), data)
    assert page.status_code == 422
    assert text(page).count(sentence) == 2
    assert 'value="sun:burn"' in text(page) and "checked" in text(page)


def test_a_follow_up_of_an_answer_taken_back_is_left_behind(walk, client):
    data = {"ticks": ["none"]} | parts("sun_on", dt.date(2026, 1, 2))
    assert client.post(walk.book("suitability/skin_today"), data).status_code == 302


def test_back_finds_the_ticks_again(walk, client):
    walk.short(skin_today={"ticks": ["acne:few_spots"]})
    page = text(client.get(walk.book("suitability/skin_today")))
    assert 'value="acne:few_spots" id="id_ticks_0" checked' in page
    assert "checked" in text(client.get(walk.book("suitability/about_you"))).split('value="none"')[1][:80]


def test_pages_cannot_be_jumped(walk, client):
    client.post(walk.book("suitability/about_you"), {"ticks": ["none"]})
    assert "/suitability/skin_today/" in walk.times()["Location"]
    assert "/suitability/skin_today/" in client.post(walk.book("hold"), {"start": "x"})["Location"]
    assert not Appointment.objects.exists()


def test_answers_are_sealed_private_and_go_when_asked(walk, client):
    walk.short()
    cookie = client.cookies[answers_cookie.name]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/book/"
    assert cookie["max-age"] == 7200
    assert "pregnant" not in cookie.value
    client.post(walk.book("clear"))
    assert "/suitability/about_you/" in walk.times()["Location"]


def test_answers_are_over_after_two_hours_whatever_the_browser_keeps(walk, client):
    walk.short()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(hours=2, minutes=1)):
        assert "/suitability/about_you/" in walk.times()["Location"]


@pytest.mark.parametrize("value", ["x", "AAAA", "", "eyJhIjoxfQ=="])
def test_a_cookie_that_is_not_ours_is_no_cookie(walk, client, value):
    client.cookies[answers_cookie.name] = value
    assert "/suitability/about_you/" in walk.times()["Location"]


def test_a_pregnancy_ends_the_questions_at_once(walk, client):
    answer = client.post(walk.book("suitability/about_you"), {"ticks": ["pregnant:yes"]})
    assert "/not-now/" in answer["Location"]
    page = text(client.get(answer["Location"]))
    assert "I am pregnant" in page and "suitability/about_you" in page


def test_a_sunburn_moves_the_first_time(walk, client):
    burnt = dt.date.today() - dt.timedelta(days=3)
    answer = walk.short(skin_today={"ticks": ["sun:burn"], **parts("sun_on", burnt)})
    page = client.get(answer["Location"])
    first = burnt + dt.timedelta(days=14)
    assert "/later/" in answer["Location"] and page.context["verdict"].bookable_from == first
    times = walk.times()
    earliest = dt.datetime.fromisoformat(times.context["earliest"]["value"])
    assert earliest.date() >= first
    early = earliest.replace(hour=10) - dt.timedelta(days=14)
    refused = client.post(walk.book("hold"), {"start": early.isoformat()})
    assert refused.status_code == 422
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("start", ["", "x", "2030-01-07", "2030-01-07T10:00:00"])
def test_a_start_that_is_none_is_refused_in_words(walk, client, start):
    walk.short()
    page = client.post(walk.book("hold"), {"start": start})
    assert page.status_code == 422
    assert "Choose one of the times." in text(page)


def test_a_time_outside_opening_hours_says_why_and_offers_others(walk, client):
    walk.short()
    sunday = dt.date.today() + dt.timedelta(days=(6 - dt.date.today().weekday()) or 7)
    page = client.post(walk.book("hold"), {"start": f"{sunday.isoformat()}T10:00:00+03:00"})
    assert page.status_code == 422
    assert "closed" in text(page) and page.context["nearest"]


def test_a_lost_time_says_so_kindly_and_offers_the_closest(walk, client, clinic):
    walk.short()
    start = walk.times().context["earliest"]["value"]
    for _both in range(2):
        other = Walk(client.__class__())
        other.short()
        other.hold(start)
    page = client.post(walk.book("hold"), {"start": start})
    assert page.status_code == 409
    assert "a moment ago. Nothing you entered is lost. These are the closest times." in text(page)
    assert len(page.context["nearest"]) == 3
    assert text(page).index("These are the closest times") < text(page).index("Earliest time")
    assert client.post(walk.book("hold"), {"start": page.context["nearest"][0]["value"]}).status_code == 302


def test_the_holder_sees_the_own_time_and_picks_again(walk, client):
    walk.short()
    first = walk.hold()
    page = walk.times()
    mine = [time for group in page.context["groups"] for time in group["times"] if time["mine"]]
    assert [time["value"] for time in mine] == [page.context["earliest"]["value"]]
    assert page.context["kept"]["url"] == walk.base + "details/"
    second = walk.hold(mine[0]["value"])
    first.refresh_from_db()
    assert first.state == State.LAPSED and second.state == State.HELD and second.start == first.start
    third = walk.hold(page.context["groups"][-1]["times"][-1]["value"] if page.context["groups"][-1]["times"] else None)
    assert Appointment.objects.filter(state=State.HELD).get() == third
    assert Draft.objects.get().appointment == third


def test_a_pick_that_fails_leaves_the_earlier_hold(walk, client):
    walk.short()
    first = walk.hold()
    assert client.post(walk.book("hold"), {"start": "2020-01-07T09:00:00+03:00"}).status_code == 422
    first.refresh_from_db()
    assert first.state == State.HELD


def test_the_time_page_takes_the_same_few_queries_whatever_is_booked(walk, client, django_assert_num_queries):
    walk.short()
    walk.times()
    client.cookies.pop(settings.SESSION_COOKIE_NAME, None)
    with django_assert_num_queries(6):
        walk.times()
    for _one in range(3):
        other = Walk(client.__class__())
        other.short()
        other.hold()
    with django_assert_num_queries(6):
        walk.times()


def test_days_are_links_with_a_name_and_a_full_day_is_none(walk, client):
    walk.short()
    day = dt.datetime.fromisoformat(walk.times().context["earliest"]["value"]).date() + dt.timedelta(days=7)
    page = client.get(walk.book("time", f"&day={day.isoformat()}"))
    week = page.context["week"]
    assert [one["current"] for one in week["days"]].count(True) == 1
    assert "times free" in week["days"][0]["label"]
    assert week["days"][6]["count"] == 0 and "no time free" in week["days"][6]["label"]
    assert page.context["day"] == day
    assert client.get(walk.book("time", "&day=nonsense")).status_code == 200
    assert client.get(walk.book("time", "&day=0001-01-01")).status_code == 200
    assert client.get(walk.book("time", "&day=9999-12-31")).status_code == 200


def test_nothing_soon_offers_the_next_day_other_people_and_the_phone(walk, client, clinic):
    walk.short()
    for resource in Resource.objects.filter(kind="practitioner"):
        begin = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        until = begin + dt.timedelta(days=60 if resource.slug == "ayse" else 45)
        Absence.objects.create(resource=resource, starts_at=begin, ends_at=until)
    page = client.get(walk.book("time", "&practitioner=ayse"))
    assert page.context["earliest"] is None and page.context["next_day"]
    assert "See times with any practitioner" in text(page) and "tel:" in text(page)


def test_a_consultation_may_be_booked_with_any_answers(client, clinic, questionnaire):
    walk = Walk(client, "consult")
    assert "/time/" in walk.short()["Location"]
    other = Walk(client.__class__(), "consult")
    answer = other.short(about_you={"ticks": ["adult:no"]})
    assert "/not-now/" in answer["Location"]
    assert "Book a consultation" not in text(other.client.get(answer["Location"]))


def test_a_woman_and_a_talk_first_travel_to_the_hold(walk, client):
    Practitioner.objects.filter(resource__slug="ayse").update(gender="woman")
    Practitioner.objects.exclude(resource__slug="ayse").update(gender="man")
    page = text(client.get("/book/pen/?areas=face"))
    assert 'value="a-woman"' in page and 'value="a-man"' in page and "Talk about it first" in page
    answer = client.post("/book/pen/", {"areas": ["face"], "practitioner": "a-woman", "consult": "on"})
    assert answer["Location"] == "/book/pen/suitability/?areas=face&gender=woman&consult=1"
    back = text(client.get("/book/pen/?areas=face&gender=woman&consult=1"))
    assert back.count(" checked") == 3
    walk.query += "&gender=woman&consult=1"
    walk.short()
    assert "with a woman" in text(walk.times()) and "talk first" in text(walk.times())
    row = walk.hold()
    assert (row.practitioner.slug, row.practitioner_gender) == ("ayse", "woman")
    assert row.talk_end is not None


def test_before_a_consultation_no_talk_is_offered(walk, client):
    assert "Talk about it first" not in text(client.get("/book/consult/"))
