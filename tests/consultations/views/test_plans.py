"""Plans on their pages: who comes how far, what is said when something is wrong, and that nothing typed is lost."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from bookings.course_forms import as_value
from bookings.links import manage_path
from bookings.models import Appointment, Course
from clinic.messaging.models import Message
from clinic.people.models import User
from consultations.models import Plan, PlanAnswer, PlanVersion
from consultations.plan_links import plan_path
from consultations.services import plans as services
from tests.bookings.cast import NOW, confirmed, held, make_patient
from tests.consultations.cast import BORN
from tests.consultations.plan_cast import MIXED, accepted, again, planned, practitioner, proposals

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_nine(time_machine, settings):
    settings.RATE_LIMITS = False
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def patient(clinic, questionnaire):
    return make_patient(date_of_birth=BORN)


def opened(*things) -> Client:
    """A browser that has shown a code."""
    client, seconds = Client(), int(timezone.now().timestamp())
    session = client.session
    session["opened"] = {str(one.pk): [seconds, seconds] for one in things}
    session.save()
    client.cookies["session"] = session.session_key
    return client


def staff(actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def form_of(page):
    """Hidden fields of the page's answer form."""
    return dict(re.findall(r'name="(seen|shown)" value="([^"]+)"', page))


# the practitioner


def consultation(patient):
    return confirmed("2027-03-01 15:00", "consult", patient=patient, practitioner="ayse", now=NOW)


def test_from_a_consultation_to_a_plan_in_three_presses(patient):
    actor, visit = practitioner("ayse"), consultation(patient)
    client, about = staff(actor), {"patient": patient.pk, "about": visit.ref}
    assert f"/plans/new/?patient={patient.pk}&amp;about={visit.ref}" in text(client.get(f"/desk/a/{visit.pk}/"))
    shape = about | {"modality": "pen", "areas": ["face"], "count": "3", "between": "peel"}
    begun = client.post("/plans/new/", shape)
    plan = Plan.objects.get()
    assert begun["location"] == f"/plans/{plan.pk}/"
    assert [one["modality"] for one in plan.draft["sessions"]] == list(MIXED)
    fields = {"rows": "5", "goal": "Softer scars", "do": "send"}
    for number, slug in enumerate(MIXED):
        fields |= {f"s{number}-modality": slug, f"s{number}-areas": ["face"]}
    assert client.post(f"/plans/{plan.pk}/", fields).status_code == 302
    assert PlanVersion.objects.get().goal == "Softer scars"
    assert Message.objects.filter(kind="plan_proposed", patient=patient).count() == 1


def test_nothing_typed_is_lost_when_something_is_wrong(patient):
    made = planned(patient)
    client = staff(made.actor)
    fields = {"rows": "2", "goal": "", "note": "Kept words", "total": "much", "do": "send"}
    fields |= {"s0-modality": "pen", "s0-areas": ["face"], "s1-modality": "rf", "s1-areas": ["face"], "s1-least": "3"}
    answer = client.post(f"/plans/{made.plan.pk}/", fields)
    page = text(answer)
    assert answer.status_code == 422 and "Error:" in page
    assert "Kept words" in page and 'value="much"' in page and 'value="3"' in page
    assert "need 28 days; this leaves 3" in page
    assert again(made.plan).draft["note"] == "Kept words" and PlanVersion.objects.count() == 1


def test_rows_are_added_and_removed_and_a_check_keeps_the_draft(patient):
    made = planned(patient, "pen", "pen")
    client, url = staff(made.actor), f"/plans/{made.plan.pk}/"
    fields = {
        "rows": "2",
        "goal": "x",
        "s0-modality": "pen",
        "s0-areas": ["face"],
        "s1-modality": "peel",
        "s1-areas": ["neck"],
    }
    client.post(url, fields | {"do": "add"})
    assert [one["modality"] for one in again(made.plan).draft["sessions"]] == ["pen", "peel", "peel"]
    client.post(url, fields | {"do": "remove-1"})
    assert [one["modality"] for one in again(made.plan).draft["sessions"]] == ["peel"]
    checked = client.post(url, fields | {"do": "check", "s1-areas": ["face"], "s1-least": "13"})
    assert "need 14 days; this leaves 13" in text(checked)
    assert again(made.plan).draft["sessions"][1]["least"] == "13"


@pytest.mark.parametrize("rows", ["x", "-1", "99999999", ""])
def test_an_odd_number_of_rows_is_no_fault(patient, rows):
    made = planned(patient)
    answer = staff(made.actor).post(f"/plans/{made.plan.pk}/", {"rows": rows, "goal": "x", "do": "send"})
    assert answer.status_code == 422


def test_the_desk_sees_dates_and_price_of_the_course_and_not_the_goal(patient):
    made = accepted(patient, note="Only for them.")
    course = services.book(made.plan, starts=proposals(made.plan)[0].sessions, now=NOW)
    desk = Client()
    desk.force_login(User.objects.create_user("d@desk.example", "a long enough word", name="Derya", role="desk"))
    page = text(desk.get(f"/desk/courses/{course.pk}/"))
    assert "Session 2 of 5" in page and "in all" in page
    visit = course.appointments.get(session=2)
    seen = page + text(desk.get(f"/desk/a/{visit.pk}/")) + text(desk.get(f"/desk/p/{patient.pk}/"))
    assert "2 of 5" in seen and "scars" not in seen and "Only for them" not in seen and "/plans/" not in seen
    assert desk.get(f"/plans/{made.plan.pk}/").status_code == 403


def test_a_session_of_a_plan_leads_its_practitioner_to_the_plan(patient):
    made = accepted(patient)
    course = services.book(made.plan, starts=proposals(made.plan, practitioner="ayse")[0].sessions, now=NOW)
    visit = course.appointments.get(session=2)
    answer = staff(made.actor).get(f"/plans/new/?patient={patient.pk}&about={visit.ref}")
    assert answer["location"] == f"/plans/{made.plan.pk}/"
    assert "0 of 5 sessions done" in text(staff(made.actor).get(answer["location"]))


# the patient


def test_the_link_alone_leads_to_the_code_and_shows_no_plan(patient):
    made = planned(patient)
    for page in ("", "times/"):
        answer = Client().get(plan_path(made.plan) + page)
        assert answer["location"] == plan_path(made.plan) + "code/"
        assert answer["Cache-Control"] == "no-store, private"
    assert "scars" not in text(Client().get(plan_path(made.plan) + "code/"))


def test_a_code_to_the_phone_opens_it(patient):
    made = planned(patient)
    client, url = Client(), plan_path(made.plan) + "code/"
    client.post(url, {"send": "1"})
    code = re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("due_at").body)[0]
    assert client.post(url, {"code": "000000" if code != "000000" else "000001"}).status_code == 422
    assert client.post(url, {"code": code})["location"] == plan_path(made.plan)
    page = text(client.get(plan_path(made.plan)))
    assert "Calmer scars" in page and "2 to 3 weeks after the session before" in page


def test_yes_leads_to_the_times_and_the_times_to_the_booked_course(patient):
    made = planned(patient)
    client, url = opened(made.plan), plan_path(made.plan)
    asked = form_of(client.get(url).content.decode())
    assert client.post(url, asked | {"answer": "accept"})["location"] == f"{url}times/"
    page = text(client.get(f"{url}times/"))
    assert page.count("Choose this") == 3
    chosen = [as_value(one) for one in proposals(made.plan)[0].sessions]
    review = client.get(f"{url}times/", {"session": chosen})
    assert "Book these 5 visits" in text(review)
    booked = client.post(f"{url}times/", {"session": chosen})
    first = Appointment.objects.get(course=Course.objects.get(), session=1)
    assert booked["location"] == f"{manage_path(first)}form/" or booked["location"].startswith(manage_path(first))
    assert "0 of 5 sessions done" in text(client.get(url))


def test_a_lost_time_is_told_with_other_proposals_and_books_nothing(patient):
    made = accepted(patient)
    chosen = proposals(made.plan)[0].sessions
    for slug in ("ayse", "deniz"):
        held(chosen[1].start.strftime("%Y-%m-%d %H:%M"), "peel", practitioner=slug)
    client = opened(made.plan)
    answer = client.post(plan_path(made.plan) + "times/", {"session": [as_value(one) for one in chosen]})
    page = text(answer)
    assert answer.status_code == 409 and "Session 2 can&#x27;t be booked at that time any more" in page
    assert page.count("Choose this") == 3 and not Course.objects.exists()


def test_one_session_is_swapped_within_its_distances(patient):
    made = accepted(patient)
    chosen = proposals(made.plan)[0].sessions
    client, url = opened(made.plan), plan_path(made.plan) + "times/"
    page = client.get(url, {"session": [as_value(one) for one in chosen], "swap": "3"}).content.decode()
    offered = re.findall(r'href="[^"]*\?([^"]+)" aria-label', page)
    assert offered
    from urllib.parse import parse_qs

    for query in offered:
        starts = parse_qs(query.replace("&amp;", "&"))["session"]
        days = [timezone.datetime.fromisoformat(one.split(" ")[0]).date() for one in starts]
        assert all(14 <= (b - a).days <= 21 for a, b in zip(days, days[1:], strict=False))


@pytest.mark.parametrize("session", [["x"] * 5, ["2027-03-09T10:00"] * 5, ["2020-01-01T10:00:00+03:00"] * 5, []])
def test_times_that_make_no_course_book_nothing(patient, session):
    made = accepted(patient)
    client, url = opened(made.plan), plan_path(made.plan) + "times/"
    assert client.get(url, {"session": session, "swap": "2"}).status_code == 200
    assert client.post(url, {"session": session}).status_code in (409, 422)
    assert not Course.objects.exists()


def test_no_times_before_a_yes(patient):
    made = planned(patient)
    client, url = opened(made.plan), plan_path(made.plan)
    assert client.get(f"{url}times/")["location"] == url
    assert client.post(f"{url}times/", {"session": []})["location"] == url


def test_an_old_page_cannot_say_yes_to_a_new_version(patient):
    made = planned(patient)
    client, url = opened(made.plan), plan_path(made.plan)
    asked = form_of(client.get(url).content.decode())
    plan = services.save_draft(
        made.plan, draft=again(made.plan).draft | {"goal": "Other", "sessions": made.version.sessions}, actor=made.actor
    )
    services.propose(plan, actor=made.actor, now=NOW)
    answer = client.post(url, asked | {"answer": "accept"})
    assert answer.status_code == 409 and "has changed since you opened it" in text(answer) and "Other" in text(answer)
    assert not PlanAnswer.objects.exists()


def test_a_question_without_words_keeps_the_page(patient):
    made = planned(patient)
    client, url = opened(made.plan), plan_path(made.plan)
    asked = form_of(client.get(url).content.decode())
    assert client.post(url, asked | {"answer": "ask", "text": " "}).status_code == 422
    assert client.post(url, asked | {"answer": "ask", "text": "Does it hurt?"}).status_code == 302
    assert "Does it hurt?" in text(staff(made.actor).get(f"/plans/{made.plan.pk}/"))


def test_my_page_shows_the_plan_and_the_visit_its_number(patient):
    made = accepted(patient)
    course = services.book(made.plan, starts=proposals(made.plan)[0].sessions, now=NOW)
    second = course.appointments.get(session=2)
    client = opened(second)
    session = client.session
    session["patient_id"] = str(patient.pk)
    session.save()
    assert plan_path(made.plan) in text(client.get("/my/"))
    page = text(client.get(manage_path(second)))
    assert "2 of 5" in page and plan_path(made.plan) in page
    assert plan_path(made.plan) not in text(Client().get(manage_path(second))), "the plan needs a code of its own"


# moving and cancelling a session


@pytest.fixture
def course(patient):
    made = accepted(patient)
    return services.book(made.plan, starts=proposals(made.plan, weekday=1, minute=600)[0].sessions, now=NOW)


def days_of(course):
    return [row.start.date() for row in course.appointments.order_by("session")]


def test_a_session_moved_by_its_patient_asks_first_then_takes_the_later_ones_along(course):
    second, before = course.appointments.get(session=2), days_of(course)
    client, url = Client(), f"{manage_path(second)}move/"
    start = (second.start + timedelta(days=7)).isoformat()
    asked = client.post(url, {"start": start})
    page = asked.content.decode()
    assert asked.status_code == 409 and "Later visits would be too close; move them along" in page
    assert days_of(course) == before, "nothing has moved yet"
    followers = re.findall(r'name="follower" value="([^"]+)"', page)
    assert len(followers) == 3
    client.post(url, {"start": start, "along": "with", "follower": followers})
    after = days_of(course)
    assert after[0] == before[0] and after[1] == before[1] + timedelta(days=7)
    assert all(14 <= (b - a).days <= 21 for a, b in zip(after[1:], after[2:], strict=False))


def test_alone_it_may_not_come_too_close(course):
    second, before = course.appointments.get(session=2), days_of(course)
    start = (second.start + timedelta(days=7)).isoformat()
    answer = Client().post(f"{manage_path(second)}move/", {"start": start, "along": "alone"})
    assert answer.status_code == 422 and days_of(course) == before


def test_somebody_elses_visit_does_not_go_along(course):
    second, before = course.appointments.get(session=2), days_of(course)
    other = confirmed("2027-06-15 10:00", "consult", staff=True)
    start = (second.start + timedelta(days=7)).isoformat()
    sent = {"start": start, "along": "with", "follower": [f"{other.pk} 2027-06-22T10:00:00+03:00", "x y", ""]}
    assert Client().post(f"{manage_path(second)}move/", sent).status_code == 422
    assert days_of(course) == before


def test_one_cancelled_leaves_the_others_and_a_later_one_may_then_come_as_near_as_skin_allows(course):
    second, third = course.appointments.get(session=2), course.appointments.get(session=3)
    page = text(Client().get(f"{manage_path(second)}cancel/"))
    assert "Your 3 later visits of this plan stay booked." in page
    Client().post(f"{manage_path(second)}cancel/")
    assert [row.state for row in course.appointments.order_by("session")].count("reserved") == 4
    first = course.appointments.get(session=1)
    start = first.start + timedelta(days=27)
    moved = Client().post(f"{manage_path(third)}move/", {"start": start.isoformat(), "along": "alone"})
    assert moved.status_code == 422, "two needlings keep four weeks"
    third.refresh_from_db()
    assert third.start != start
