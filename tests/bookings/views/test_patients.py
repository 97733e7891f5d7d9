"""Finding patients, and a patient's page."""

import pytest

from bookings.services import lifecycle
from tests.bookings.cast import confirmed, make_patient


def text(response):
    return response.content.decode()


@pytest.mark.parametrize("query", ["ışıl", "GÜNEŞ", "isil gun", "5550199", "0199", "isil@mail.example"])
def test_found_by_name_digits_or_email(desk, clinic, query):
    make_patient("Işıl Güneş", phone="+905325550199", email="isil@mail.example")
    make_patient("Somebody Else")
    page = text(desk.get("/desk/search/", {"q": query}))
    assert "Işıl Güneş" in page
    assert "Somebody Else" not in page


def test_next_visit_stands_in_the_row(desk, clinic):
    visit = confirmed("2027-03-04 10:30", patient=make_patient("Elif Aydın"))
    confirmed("2027-04-22 10:30", patient=visit.patient)
    assert "Thu 4 Mar, 10:30" in text(desk.get("/desk/search/", {"q": "elif"}))


def test_same_address_fills_the_drop_down(desk, clinic):
    make_patient("Elif Aydın")
    page = text(desk.get("/desk/search/", {"q": "elif"}, HTTP_HX_REQUEST="true"))
    assert "<html" not in page
    assert "Elif Aydın" in page


def test_too_short_and_nobody_are_said(desk, clinic):
    assert "Type at least 3 letters or digits." in text(desk.get("/desk/search/", {"q": "el"}))
    assert "Nobody found." in text(desk.get("/desk/search/", {"q": "nobody"}))
    assert "Find somebody" in text(desk.get("/desk/search/"))


def test_query_count_is_the_same_for_one_and_many(desk, clinic, django_assert_num_queries):
    desk.get("/desk/search/", {"q": "person"})
    make_patient("Person One")
    with django_assert_num_queries(7):
        desk.get("/desk/search/", {"q": "person"})
    for number in range(15):
        make_patient(f"Person {number}", phone=f"+9053200000{number:02}")
    with django_assert_num_queries(7):
        assert text(desk.get("/desk/search/", {"q": "person"})).count('class="found-row"') == 16


def test_owner_may_not_search(owner):
    assert owner.get("/desk/search/", {"q": "elif"}).status_code == 403


def test_practitioner_finds_everybody_but_sees_contacts_of_their_own_only(ayse, clinic):
    own = confirmed("2027-03-04 10:00", practitioner="ayse", patient=make_patient("Own Patient", phone="+905320000001"))
    other = make_patient("Other Patient", phone="+905320000002")
    page = text(ayse.get("/desk/search/", {"q": "patient"}))
    assert "+90 532 000 00 01" in page
    assert "Other Patient" in page
    assert "+90 532 000 00 02" not in page
    assert ayse.get(f"/desk/p/{own.patient_id}/").status_code == 200
    assert ayse.get(f"/desk/p/{other.pk}/").status_code == 404


def test_patient_page_has_contact_visits_messages_and_book_again(desk, clinic):
    visit = confirmed(
        "2027-03-04 10:00", patient=make_patient("Elif Aydın", phone="+905325550188", email="e@mail.example")
    )
    gone = confirmed("2027-04-22 10:00", "consult", patient=visit.patient)
    lifecycle.cancel(gone, reason="patient")
    page = text(desk.get(f"/desk/p/{visit.patient_id}/"))
    for word in ("Elif Aydın", "+90 532 555 01 88", "e@mail.example", "Thursday 4 March", "Book again", "Cancelled"):
        assert word in page
    assert f"/desk/new/?patient={visit.patient_id}" in page
    assert "/b/" not in page


def test_unknown_patient_is_not_found(desk, clinic):
    assert desk.get("/desk/p/00000000-0000-4000-8000-000000000000/").status_code == 404
