import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from bookings.models import Appointment
from bookings.services.holds import lapse_due
from bookings.states import State
from clinic.audit.models import Entry
from clinic.messaging.models import Message
from clinic.people.access import Actor
from clinic.people.models import User
from consultations.answers_cookie import details_cookie
from consultations.models import Draft, QuestionAnswer, Submission
from consultations.selectors.review import queue
from consultations.services.review import UNDO, decide, follow_due
from tests.consultations.views.walk import DETAILS, Walk, page_data

pytestmark = pytest.mark.django_db


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def held(walk):
    walk.short()
    walk.row = walk.hold()
    return walk


@pytest.fixture
def reserved(held):
    held.row = held.reserve()
    return held


@pytest.fixture
def confirmed(walk):
    walk.row = walk.all()
    return walk


def other_browser(walk):
    return walk.client.__class__()


def sent_code() -> str:
    return re.search(r"\b\d{6}\b", Message.objects.filter(kind="sign_in_code").latest("created_at").body)[0]


# --- every page behind the link


def test_pages_behind_the_link_are_never_stored_indexed_or_referred_to(confirmed, client):
    for page in ("", "move/", "cancel/", "changed/", "consent/text/", "details/", "calendar.ics"):
        answer = client.get(confirmed.base + page)
        assert answer["Cache-Control"] == "no-store, private"
        assert answer["Referrer-Policy"] == "strict-origin"
        assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize(
    "where", ["", "details/", "form/", "check/", "consent/", "move/", "cancel/", "code/", "calendar.ics"]
)
def test_an_unknown_token_is_the_same_404_everywhere(confirmed, client, where):
    tokens = ("x", "A" * 43, "A" * 300, confirmed.base.split("/")[2][:-1] + "_")
    answers = {text(client.get(f"/b/{token}/{where}")) for token in tokens}
    assert len({re.sub(r'value="[^"]*"|X-CSRFToken[^}]*|/b/[^"]*', "", one) for one in answers}) == 1
    assert all(client.get(f"/b/{token}/{where}").status_code == 404 for token in tokens)


def test_get_requests_behind_the_link_change_nothing(confirmed, client):
    before = Appointment.objects.values().get(pk=confirmed.row.pk), Entry.objects.count(), Message.objects.count()
    for page in (
        "",
        "details/",
        "extend/",
        "form/",
        "check/",
        "consent/",
        "question/",
        "changed/",
        "code/",
        "move/",
        "cancel/",
    ):
        client.get(confirmed.base + page)
    assert (
        Appointment.objects.values().get(pk=confirmed.row.pk),
        Entry.objects.count(),
        Message.objects.count(),
    ) == before


def test_fields_nobody_asked_for_change_nothing(held):
    held.reserve(state="confirmed", clearance="approved", price="1", id="x", role="owner", patient="y")
    held.row.refresh_from_db()
    assert (held.row.state, held.row.clearance, held.row.price) == ("reserved", "unknown", held.row.price)


# --- details


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter your name"),
        ({"name": "7"}, "Enter your name"),
        ({"phone": "12"}, "does not look like a phone number"),
        ({"phone": ""}, "Enter the number of your mobile phone."),
        ({"email": "elif@"}, "Enter an email address like"),
    ],
)
def test_wrong_details_are_said_at_their_field_and_kept(held, client, changes, sentence):
    page = client.post(held.base + "details/", DETAILS | changes)
    assert page.status_code == 422
    assert text(page).count(sentence) == 2 and "<title>Error:" in text(page)
    for name, value in (DETAILS | changes).items():
        assert value in text(page), name
    held.row.refresh_from_db()
    assert held.row.state == "held"


@pytest.mark.parametrize("phone", ["0532 555 77 01", "+90 (532) 555-77-01", "0090 532 555 7701", "٠٥٣٢٥٥٥٧٧٠١"])
def test_any_way_to_write_a_phone_is_fine(held, phone):
    assert held.reserve(phone=phone).patient.phone == "+905325557701"


def test_the_consents_are_unticked(held, client):
    page = text(client.get(held.base + "details/"))
    assert 'name="whatsapp"' in page and 'name="marketing"' in page and " checked" not in page


def test_keep_my_time_adds_ten_minutes(held, client):
    page = text(client.get(held.base + "details/"))
    assert "Kept until" in page and "Keep my time" in page
    assert client.post(held.base + "extend/")["Location"] == held.base + "details/"
    held.row.refresh_from_db()
    assert held.row.hold_extensions == 1


def test_a_hold_that_is_over_is_tried_again(held, client):
    lapse_due(now=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11))
    held.row.refresh_from_db()
    assert held.row.state == State.LAPSED
    assert "we will try" in text(client.get(held.base + "details/"))
    held.reserve()
    held.row.refresh_from_db()
    assert held.row.state == "reserved"


def test_a_time_lost_meanwhile_is_replaced_without_typing_again(held, client):
    lapse_due(now=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11))
    for _both in range(2):
        other = Walk(other_browser(held))
        other.short()
        other.hold(held.row.start.isoformat())
    page = client.post(held.base + "details/", DETAILS)
    assert page.status_code == 409
    assert "Nothing you entered is lost" in text(page) and "Elif Nur Aydın" in text(page)
    start = page.context["nearest"][0]["value"]
    answer = client.post(held.base + "details/", DETAILS | {"start": start})
    assert answer.status_code == 302 and "/form/" in answer["Location"]
    row = Appointment.objects.get(state="reserved")
    assert row.start == dt.datetime.fromisoformat(start) and row.patient.name == "Elif Nur Aydın"
    assert Draft.objects.filter(appointment=row).exists() and not Draft.objects.filter(appointment=held.row).exists()
    assert client.get(answer["Location"]).status_code == 302


def test_details_that_could_not_be_used_are_kept_sealed_for_the_next_time(held, client):
    client.post(held.base + "details/", DETAILS | {"phone": "12"})
    assert "Elif" not in client.cookies[details_cookie.name].value
    assert "Elif Nur Aydın" in text(client.get(held.base + "details/"))


def test_details_are_given_once(reserved, client):
    assert client.get(reserved.base + "details/")["Location"] == reserved.base + "form/"
    again = client.post(reserved.base + "details/", DETAILS | {"name": "Somebody Else"})
    assert again["Location"] == reserved.base + "form/"
    reserved.row.refresh_from_db()
    assert reserved.row.patient.name == "Elif Nur Aydın"


# --- form


def test_a_page_is_saved_at_each_continue_and_found_again(reserved, client):
    answer = reserved.answer(reserved.base + "form/you/", smoking="yes")
    assert answer["Location"] == reserved.base + "form/treated_skin/"
    assert client.get(reserved.base + "form/")["Location"] == reserved.base + "form/treated_skin/"
    assert Draft.objects.get().answers["smoking"] == "yes"
    page = text(client.get(reserved.base + "form/you/"))
    assert 'value="1988"' in page
    assert re.search(r'name="smoking" value="yes"[^>]*checked', page)


def test_a_page_with_gaps_keeps_what_was_given_on_screen(reserved, client):
    data = page_data("you") | {"smoking": ""}
    page = client.post(reserved.base + "form/you/", data)
    assert page.status_code == 422 and text(page).count("Choose one answer.") == 2
    assert 'value="1988"' in text(page)


@pytest.mark.parametrize(
    ("day", "sentence"),
    [(("31", "2", "1990"), "Enter a real date"), (("1", "1", "2090"), "in the future"), (("", "", ""), "Enter a date")],
)
def test_a_birth_date_that_cannot_be(reserved, client, day, sentence):
    data = page_data("you") | {f"date_of_birth_{n}": part for n, part in enumerate(day)}
    page = client.post(reserved.base + "form/you/", data)
    assert page.status_code == 422 and sentence in text(page)


def test_an_unknown_page_is_a_404(reserved, client):
    assert client.get(reserved.base + "form/secrets/").status_code == 404


def test_checking_waits_for_every_page(reserved, client):
    assert client.get(reserved.base + "check/")["Location"] == reserved.base + "form/you/"
    assert client.post(reserved.base + "check/", {"version": "x"})["Location"] == reserved.base + "form/you/"


def test_every_answer_can_be_changed_short_ones_too(reserved, client):
    reserved.form()
    page = client.get(reserved.base + "check/")
    assert {group["url"].split("/")[-2] for group in page.context["groups"]} >= {"about_you", "you", "health"}
    data = {"ticks": ["pregnant:unsure"]}
    assert client.post(reserved.base + "form/about_you/", data)["Location"] == reserved.base + "check/"
    assert "27 March 1988" in text(page)
    assert Draft.objects.get().answers["pregnant"] == "unsure"


def test_an_answer_the_questions_no_longer_know_is_asked_again(reserved, client):
    reserved.form()
    draft = Draft.objects.get()
    draft.answers |= {"smoking": "pipe"}
    draft.save()
    assert client.get(reserved.base + "check/")["Location"] == reserved.base + "form/you/"
    assert client.get(reserved.base + "form/you/").status_code == 200


def test_a_stale_form_is_shown_once_more_with_its_answers(reserved, client):
    reserved.form()
    page = client.post(reserved.base + "check/", {"version": "1999"})
    assert page.status_code == 409
    assert "Our questions have changed" in text(page) and "27 March 1988" in text(page)
    assert not Submission.objects.exists()
    assert reserved.send().status_code == 302


def test_a_form_sent_twice_is_one(reserved, client):
    reserved.form()
    version = client.get(reserved.base + "check/").context["version"]
    for _twice in range(2):
        assert client.post(reserved.base + "check/", {"version": version})["Location"] == reserved.base + "consent/"
    assert Submission.objects.count() == 1


def test_health_needs_more_than_the_link(reserved, client):
    stranger = other_browser(reserved)
    for page in ("form/", "form/you/", "check/", "consent/", "question/"):
        assert stranger.get(reserved.base + page)["Location"].startswith(reserved.base + "code/?next=")
    page = text(stranger.get(reserved.base))
    assert "Your time is reserved" in page and "Pen micro-needling" not in page and "Whole face" not in page


def test_after_half_an_hour_away_a_code_is_asked_for(reserved, client):
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=31)):
        assert "/code/" in client.get(reserved.base + "form/")["Location"]


# --- code


def test_a_code_opens_the_form_where_it_was_left(reserved, client):
    reserved.answer(reserved.base + "form/you/")
    stranger = other_browser(reserved)
    way = stranger.get(reserved.base + "form/")["Location"]
    assert "ends in" in text(stranger.get(way)) and "01" in text(stranger.get(way))
    stranger.post(way, {"send": "1"})
    code = sent_code()
    answer = stranger.post(way, {"code": f"{code[:3]} {code[3:]}"})
    assert answer["Location"] == reserved.base + "form/"
    assert stranger.get(answer["Location"])["Location"] == reserved.base + "form/treated_skin/"


def test_a_wrong_code_opens_nothing_and_five_are_enough(reserved):
    stranger = other_browser(reserved)
    way = reserved.base + "code/"
    stranger.post(way, {"send": "1"})
    code = sent_code()
    wrong = "000000" if code != "000000" else "111111"
    for _five in range(5):
        page = stranger.post(way, {"code": wrong})
        assert page.status_code == 422 and "not right, or it is too old" in text(page)
    assert stranger.post(way, {"code": code}).status_code == 422
    assert "/code/" in stranger.get(reserved.base + "form/")["Location"]


def test_a_code_of_one_booking_opens_no_other(reserved, clinic):
    other = Walk(other_browser(reserved))
    other.short()
    other.hold()
    other.client.post(other.base + "details/", DETAILS | {"phone": "0532 555 77 02", "name": "Deniz Kaya"})
    stranger = other_browser(reserved)
    stranger.post(reserved.base + "code/", {"send": "1"})
    assert stranger.post(other.base + "code/", {"code": sent_code()}).status_code == 422


def test_codes_are_rationed(reserved):
    stranger = other_browser(reserved)
    for _three in range(3):
        assert stranger.post(reserved.base + "code/", {"send": "1"}).status_code == 302
    assert stranger.post(reserved.base + "code/", {"send": "1"}).status_code == 429


def test_the_next_page_after_a_code_is_this_bookings_own(reserved):
    stranger = other_browser(reserved)
    for target in ("https://evil.example/", "//evil.example", "/staff/"):
        page = stranger.get(reserved.base + f"code/?next={target}")
        assert page.context["next"] == reserved.base + "form/"


# --- consent


def test_consent_needs_a_tick_and_a_name(reserved, client):
    reserved.form()
    reserved.send()
    page = reserved.consent(agree="", name="")
    assert page.status_code == 422
    assert text(page).count("Please tick this box if you agree.") == 2
    assert text(page).count("Type your full name to agree.") == 2
    reserved.row.refresh_from_db()
    assert (reserved.row.state, reserved.row.clearance) == ("reserved", "cleared")


def test_consent_to_other_words_is_refused(reserved):
    reserved.form()
    reserved.send()
    page = reserved.consent(shown="0" * 64, photos="on")
    assert page.status_code == 409 and "The text has changed" in text(page)
    assert re.search(r'name="photos"[^>]*checked', text(page)) and "Elif Nur Aydın" in text(page)


def test_what_is_signed_are_the_words_that_were_read_whatever_another_tab_switched_to(reserved, client, settings):
    reserved.form()
    reserved.send()
    read = client.get(reserved.base + "consent/").context["words"]
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "tr"
    page = reserved.consent(shown=read.hash, agree="")
    assert page.context["words"].language == "tr" and page.context["form"]["shown"].value() != read.hash
    reserved.consent(shown=read.hash)
    signed = reserved.row.consents.get().text
    assert (signed.text_hash, signed.language, signed.body) == (read.hash, "en", read.body)


def test_words_that_changed_without_a_new_version_are_read_again(reserved, client):
    reserved.form()
    reserved.send()
    read = client.get(reserved.base + "consent/").context["words"]
    modality = reserved.row.modality
    modality.content["en"]["rare"] = [*modality.content["en"]["rare"], "Something new."]
    modality.save()
    assert reserved.consent(shown=read.hash).status_code == 409
    assert not reserved.row.consents.exists()


def test_photo_choices_stand_apart(reserved):
    reserved.form()
    reserved.send()
    reserved.consent(photos="on")
    consent = reserved.row.consents.get()
    assert (consent.photos, consent.teaching, consent.publicity) == (True, False, False)


def test_the_text_can_be_printed(reserved, client):
    reserved.form()
    reserved.send()
    page = text(client.get(reserved.base + "consent/text/"))
    assert "data-print" in page and "Rare and more serious effects" in page


# --- the booking's own page


def test_the_calendar_file_names_the_clinic_and_not_the_treatment(confirmed, client):
    answer = client.get(confirmed.base + "calendar.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    assert b"BEGIN:VEVENT" in answer.content and b"eedling" not in answer.content


def test_a_move_takes_the_new_time_and_frees_the_old(confirmed, client):
    page = client.get(confirmed.base + "move/")
    day = page.context["day"] + dt.timedelta(days=7)
    page = client.get(confirmed.base + f"move/?day={day.isoformat()}")
    new = next(time for group in page.context["groups"] for time in group["times"])["value"]
    answer = client.post(confirmed.base + "move/", {"start": new}, follow=True)
    confirmed.row.refresh_from_db()
    assert confirmed.row.start == dt.datetime.fromisoformat(new)
    assert (confirmed.row.state, confirmed.row.version) == ("confirmed", 2)
    assert "Your visit is now on" in text(answer)


def test_a_move_to_a_time_that_is_not_free_changes_nothing(confirmed, client):
    page = client.post(confirmed.base + "move/", {"start": "2020-01-01T10:00:00+03:00"})
    assert page.status_code == 422 and "passed" in text(page)
    assert client.post(confirmed.base + "move/", {}).status_code == 422
    version = confirmed.row.version
    confirmed.row.refresh_from_db()
    assert confirmed.row.version == version


def test_cancelling_asks_first_and_says_the_fee(confirmed, client):
    assert "There is no fee" in text(client.get(confirmed.base + "cancel/"))
    confirmed.row.refresh_from_db()
    assert confirmed.row.state == "confirmed"
    page = client.post(confirmed.base + "cancel/", follow=True)
    confirmed.row.refresh_from_db()
    assert (confirmed.row.state, confirmed.row.cancelled_reason) == ("cancelled", "patient")
    assert "This visit is cancelled" in text(page) and "Choose a new time" in text(page)
    assert client.get(confirmed.base + "move/")["Location"] == confirmed.base


def test_preparation_has_dates_and_what_has_begun_comes_first(confirmed, client):
    page = client.get(confirmed.base)
    assert page.context["preparation"][0]["when"] == "From now on"
    assert page.context["preparation"][-1]["when"] == "On the day"


def test_nothing_changed_is_written_down(confirmed, client):
    answer = client.post(confirmed.base + "changed/", {"answer": "same"}, follow=True)
    assert "Thank you. See you soon." in text(answer)
    assert Entry.objects.filter(action="intake.unchanged", subject=confirmed.row.ref).exists()
    confirmed.row.refresh_from_db()
    assert confirmed.row.state == "confirmed"
    assert client.post(confirmed.base + "changed/", {"answer": "perhaps"}).status_code == 422


def test_a_change_reopens_the_form_with_its_answers_and_the_review(confirmed, client):
    answer = client.post(confirmed.base + "changed/", {"answer": "changed"})
    confirmed.row.refresh_from_db()
    assert (confirmed.row.state, confirmed.row.clearance) == ("pending_review", "review")
    topics = confirmed.base + "changed/topics/"
    assert answer["Location"] == topics
    assert client.get(confirmed.base + "form/")["Location"] == topics
    assert client.get(confirmed.base + "check/")["Location"] == topics
    assert "Your form is open again" in text(client.get(confirmed.base))
    assert client.post(topics, {}).status_code == 422
    assert client.post(topics, {"topics": ["other"]})["Location"] == confirmed.base + "form/"
    confirmed.form(smoking="yes")
    assert confirmed.send().status_code == 302
    confirmed.row.refresh_from_db()
    assert confirmed.row.state == "pending_review"
    assert [one.number for one in Submission.objects.order_by("number")] == [1, 2]
    assert "A practitioner is checking" in text(client.get(confirmed.base))


# --- a practitioner's question


@pytest.fixture
def asked(walk):
    walk.short(medicines_history={"ticks": ["blood_thinner:unsure"]})
    walk.hold()
    walk.row = walk.reserve()
    walk.form()
    walk.send()
    walk.consent()
    user = User.objects.create_user("selin@clinic.example", "x" * 16, name="Dr Selin Aydın", role="practitioner")
    walk.selin = Actor("practitioner", user=user)
    submission = Submission.objects.get()
    decide(submission, decision="ask", seen=None, question="Which tablet is it?", actor=walk.selin)
    walk.row.refresh_from_db()
    return walk


def test_a_question_is_answered_and_goes_back_to_the_queue(asked, client):
    assert "A practitioner has a question" in text(client.get(asked.base))
    page = client.get(asked.base + "question/")
    assert "Which tablet is it?" in text(page) and "Dr Selin Aydın" in text(page)
    assert client.post(asked.base + "question/", {"text": " "}).status_code == 422
    client.post(asked.base + "question/", {"text": "Apixaban, since May."})
    assert QuestionAnswer.objects.get().text == "Apixaban, since May."
    assert "A practitioner is checking" in text(client.get(asked.base))
    assert client.get(asked.base + "question/")["Location"] == asked.base
    assert [one.asked for one in queue()] == [False]


def test_an_approval_with_words_shows_on_the_page(asked, client):
    latest = Submission.objects.get().decisions.get()
    decide(
        Submission.objects.get(),
        decision="precautions",
        seen=latest.pk,
        precautions="Press longer",
        patient_text="All fine, we will be gentle.",
        actor=asked.selin,
    )
    page = text(client.get(asked.base))
    assert "You are booked, Elif" in page and "All fine, we will be gentle." in page and "Press longer" not in page


def test_until_a_decision_has_taken_effect_its_words_stand_nowhere(asked, client):
    latest, words, now = Submission.objects.get().decisions.get(), "All fine, we will be gentle.", timezone.now()
    said = {"decision": "precautions", "precautions": "Press longer", "patient_text": words}
    with time_machine.travel(now, tick=False):
        decide(Submission.objects.get(), seen=latest.pk, actor=asked.selin, wait=UNDO, **said)
        assert words not in text(client.get(asked.base))
    with time_machine.travel(now + UNDO, tick=False):
        follow_due()
        assert words in text(client.get(asked.base))


def test_an_answer_after_the_decision_is_not_thanked_away(asked, client):
    latest = Submission.objects.get().decisions.get()
    decide(Submission.objects.get(), decision="approve", seen=latest.pk, actor=asked.selin)
    answer = client.post(asked.base + "question/", {"text": "I am pregnant since last week."}, follow=True)
    assert answer.redirect_chain[-1][0] == asked.base + "changed/"
    assert "This question is closed already" in text(answer) and "Has anything changed" in text(answer)


def test_a_decline_by_a_practitioner_is_a_page_and_no_error(asked, client):
    latest = Submission.objects.get().decisions.get()
    decide(Submission.objects.get(), decision="decline", seen=latest.pk, reason="risk", actor=asked.selin)
    page = client.get(asked.base)
    assert page.status_code == 200
    assert "Not now" in text(page) and "not about you" in text(page) and "risk" not in text(page)
