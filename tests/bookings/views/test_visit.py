"""A visit at the desk: what is shown to whom, and the steps of one press."""

import pytest

from bookings import panels
from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import Clearance
from clinic.audit.models import Entry
from clinic.messaging.models import Message
from tests.bookings.cast import confirmed, make_patient, pending, reserved


def today(time, **options):
    """A consultation this very day, as the desk can enter it."""
    return confirmed(f"2027-03-01 {time}", "consult", staff=True, **options)


def url(visit, rest=""):
    return f"/desk/a/{visit.pk}/{rest}"


def state(visit):
    return Appointment.objects.get(pk=visit.pk).state


def text(response):
    return response.content.decode()


def test_page_says_who_when_where_with_whom(desk, clinic):
    visit = confirmed(
        "2027-03-02 10:00", patient=make_patient("Elif Aydın", phone="+905325550177"), practitioner="ayse"
    )
    page = text(desk.get(url(visit)))
    for word in (
        "Elif Aydın",
        "Tuesday 2 March",
        "10:00",
        "11:15",
        "treatment from 10:30",
        "Ayse",
        "Pen-1",
        visit.reference,
    ):
        assert word in page
    assert "+90 532 555 01 77" in page


def test_htmx_gets_the_panel_only(desk, clinic, htmx):
    page = text(desk.get(url(confirmed()), **htmx))
    assert page.startswith('<div id="visit"')
    assert "<html" not in page


def test_unknown_and_foreign_visits_look_alike(ayse, clinic):
    foreign = confirmed("2027-03-02 10:00", practitioner="deniz")
    unknown = ayse.get("/desk/a/00000000-0000-4000-8000-000000000000/")
    assert (unknown.status_code, ayse.get(url(foreign)).status_code) == (404, 404)
    assert ayse.post(url(foreign, "no-show/")).status_code == 404


@pytest.mark.parametrize(
    ("clearance", "words"),
    [
        (Clearance.UNKNOWN, "Health form still due"),
        (Clearance.REVIEW, "Being checked"),
        (Clearance.CLEARED, "Cleared"),
        (Clearance.CAUTION, "Cleared"),
        (Clearance.DECLINED, "Call back"),
    ],
)
def test_clearance_is_told_in_neutral_words(desk, clinic, clearance, words):
    visit = reserved()
    Appointment.objects.filter(pk=visit.pk).update(clearance=clearance)
    page = text(desk.get(url(visit)))
    assert words in page
    assert "caution" not in page
    assert "declined" not in page


def test_practitioners_note_for_the_desk_is_shown(desk, clinic):
    visit = confirmed()
    visit.desk_note = "Allow 15 minutes more"
    visit.save(update_fields=["desk_note"])
    assert "Allow 15 minutes more" in text(desk.get(url(visit)))


def test_lines_of_other_floors_are_shown(desk, clinic, monkeypatch):
    monkeypatch.setattr(panels, "_providers", [])
    panels.register(lambda visit: [panels.PanelLine("Consent", "signed", "ok")])
    page = text(desk.get(url(confirmed())))
    assert "Consent" in page
    assert "signed" in page


def test_messages_stand_there_in_words_and_keep_the_patients_link_to_themselves(desk, clinic):
    page = text(desk.get(url(confirmed())))
    assert "Messages" in page
    assert "(their link)" in page
    assert "/b/" not in page


def test_start_finish_and_each_undo(desk, clinic):
    visit = lifecycle.check_in(today("10:00"))
    for step, after in (
        ("start/", "in_treatment"),
        ("finish/", "done"),
        ("step-back/", "in_treatment"),
        ("step-back/", "arrived"),
        ("step-back/", "confirmed"),
    ):
        response = desk.post(url(visit, step))
        assert (response.status_code, response.url) == (302, url(visit))
        assert state(visit) == after


def test_a_press_through_htmx_answers_panel_and_toast_with_undo(desk, clinic, htmx):
    visit = lifecycle.check_in(today("10:00", patient=make_patient("Sarah Khan")))
    response = desk.post(url(visit, "start/"), **htmx)
    assert response["HX-Trigger"] == "desk:changed"
    assert "Treatment started for Sarah Khan." in text(response)
    assert url(visit, "step-back/") in text(response)


def test_undo_from_a_toast_tells_the_page_to_look_again(desk, clinic):
    visit = lifecycle.check_in(today("10:00"))
    assert desk.post(url(visit, "step-back/"), HTTP_HX_REQUEST="true")["HX-Trigger"] == "desk:undone"


def test_the_toast_follows_to_the_next_page_once(desk, clinic):
    visit = lifecycle.check_in(today("10:00", patient=make_patient("Sarah Khan")))
    desk.post(url(visit, "start/"))
    assert "Treatment started for Sarah Khan." in text(desk.get(url(visit)))
    assert "Treatment started" not in text(desk.get(url(visit)))


def test_a_step_that_cannot_be_done_says_why(desk, clinic):
    visit = confirmed()
    response = desk.post(url(visit, "finish/"))
    assert response.status_code == 409
    assert "done now. The booking is: Confirmed." in text(response)
    assert "The appointment has not begun yet." in text(desk.post(url(visit, "no-show/")))
    assert state(visit) == "confirmed"


def test_no_show_once_the_time_has_come(desk, clinic):
    visit = today("09:30")
    desk.post(url(visit, "no-show/"))
    assert state(visit) == "no_show"


def test_unknown_steps_and_gets_change_nothing(desk, clinic):
    visit = confirmed()
    assert desk.get(url(visit, "start/")).status_code == 405
    assert desk.post(url(visit, "confirm/")).status_code == 404


@pytest.mark.parametrize(
    "step", ["start/", "finish/", "no-show/", "step-back/", "send-form/", "move/", "cancel/", "check-in/"]
)
def test_owner_only_reads(owner, clinic, step):
    visit = confirmed()
    assert owner.post(url(visit, step)).status_code == 403
    page = text(owner.get(url(visit)))
    assert "visit-actions" not in page
    assert "+90" not in page
    assert "Messages about this visit" not in page


def test_form_link_is_sent_again_and_recorded(desk, clinic):
    visit = reserved()
    before = Message.objects.filter(kind="intake_due").count()
    assert desk.post(url(visit, "send-form/")).status_code == 302
    assert Message.objects.filter(kind="intake_due").count() == before + 1
    assert Entry.objects.filter(action="appointment.form_link", subject=visit.ref).count() == 1
    desk.post(url(visit, "send-form/"))
    assert Message.objects.filter(kind="intake_due").count() == before + 1


def test_form_link_of_a_visit_that_is_over_is_refused(desk, clinic):
    visit = lifecycle.cancel(reserved(), reason="clinic")
    response = desk.post(url(visit, "send-form/"))
    assert response.status_code == 409
    assert "no longer takes a form" in text(response)


def test_check_in_is_two_presses(desk, clinic):
    visit = today("10:15", patient=make_patient("Nour El-Sayed"))
    asked = text(desk.get(url(visit, "check-in/")))
    assert "Nour El-Sayed" in asked
    assert "Has anything about your health or medicines changed" in asked
    assert desk.post(url(visit, "check-in/"), {"changed": "no"}).status_code == 302
    assert state(visit) == "arrived"


def test_check_in_stops_when_something_changed(desk, clinic):
    visit = today("10:15")
    response = desk.post(url(visit, "check-in/"), {"changed": "yes"})
    assert response.status_code == 409
    assert "reads it and decides" in text(response)
    assert state(visit) == "confirmed"
    assert Message.objects.filter(kind="intake_due", ref=visit.ref).exists()
    assert Entry.objects.filter(action="appointment.check_in_stopped", subject=visit.ref).exists()


def test_check_in_stops_without_clearance_and_says_what_to_do(desk, clinic):
    visit = pending("2027-03-04 10:15", "consult")
    page = text(desk.get(url(visit, "check-in/")))
    assert "be checked in yet" in page
    assert "has to decide before the visit can begin." in page
    assert "All the same" not in page
    assert desk.post(url(visit, "check-in/"), {"changed": "no"}).status_code == 409
    assert state(visit) == "pending_review"


def test_check_in_needs_the_question_asked(desk, clinic):
    visit = today("10:15")
    response = desk.post(url(visit, "check-in/"))
    assert response.status_code == 422
    assert "Ask whether anything changed" in text(response)


def test_cancel_asks_who_cancels(desk, clinic):
    visit = confirmed()
    assert "Who cancels?" in text(desk.get(url(visit, "cancel/")))
    refused = desk.post(url(visit, "cancel/"), {"reason": "declined"})
    assert refused.status_code == 422
    assert state(visit) == "confirmed"
    assert desk.post(url(visit, "cancel/"), {"reason": "patient"}).status_code == 302
    assert state(visit) == "cancelled"
