"""A consultation and a treatment in one visit; who treats; until when answers count."""

from datetime import date, timedelta

import pytest

from bookings.facts import PATIENT, PRACTITIONER, ROOM, Need
from bookings.models import Allocation, Practitioner
from bookings.selectors import free_starts, plan_of, why_not
from bookings.services import lifecycle, moves
from bookings.services.holds import hold_slot
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import Actor
from tests.bookings.cast import (
    NOW,
    at,
    confirmed,
    held,
    make_location,
    make_patient,
    make_practitioner,
    make_room,
    reserved,
)
from treatments.models import Offer
from treatments.selectors import visit_plan

TUESDAY = date(2027, 3, 2)
NEED = Need(6, 9, 3, talk=6)
PRACTISES = Actor("practitioner")


def with_talk(modality="pen"):
    return visit_plan(modality=modality, areas=["face"], consult=True)


def codes(found) -> list[str]:
    return [one.code for one in found]


def test_the_practitioner_is_needed_twice_and_free_while_the_cream_works():
    assert NEED.phases_of(PRACTITIONER) == ((0, 6), (12, 9))
    assert NEED.phases_of(ROOM) == ((0, 24),)
    assert NEED.phases_of(PATIENT) == ((0, 21),)
    between = ~(((1 << 6) - 1) << 6)  # taken from tick 6 to 12, as the cream works on a visit that begins at 0
    assert NEED.starts_of(PRACTITIONER, between & ((1 << 60) - 1)) & 1


@pytest.mark.django_db
class TestAVisitWithATalk:
    def test_it_takes_and_costs_both(self, clinic):
        alone, both = visit_plan(modality="pen", areas=["face"]), with_talk()
        talk = Offer.objects.get(modality=clinic.consult, area=clinic.face)
        assert (both.talk, both.patient_minutes) == (30, alone.patient_minutes + 30)
        assert both.price == alone.price + talk.price

    def test_before_a_consultation_it_means_nothing(self, clinic):
        assert with_talk("consult") == visit_plan(modality="consult", areas=["face"])

    def test_where_nobody_consults_it_is_refused_at_its_field(self, clinic):
        Offer.objects.filter(modality=clinic.consult).delete()
        with pytest.raises(DomainError) as caught:
            with_talk()
        assert (caught.value.code, list(caught.value.fields)) == ("no_consultation", ["consult"])

    def test_what_it_takes_is_what_it_needs(self, clinic):
        row = hold_slot(plan=with_talk(), start=at("2027-03-02 10:00"), practitioner="ayse", now=NOW)
        assert (row.talk_end, row.treatment_start) == (at("2027-03-02 10:30"), at("2027-03-02 11:00"))
        mine = Allocation.objects.filter(appointment=row, resource=clinic.ayse).order_by("during")
        spans = [(one.during.lower, one.during.upper) for one in mine]
        assert spans == [(row.start, row.talk_end), (row.treatment_start, row.treatment_end)]
        assert plan_of(row) == with_talk()

    def test_somebody_else_is_seen_while_the_cream_works(self, clinic):
        hold_slot(plan=with_talk(), start=at("2027-03-02 10:00"), practitioner="ayse", now=NOW)
        row = held("2027-03-02 10:30", "consult", practitioner="ayse")
        assert row.practitioner_id == clinic.ayse.pk
        with pytest.raises(DomainError):
            held("2027-03-02 10:15", "consult", practitioner="ayse")

    def test_who_does_not_consult_is_not_asked_to(self, clinic):
        Practitioner.objects.get(resource=clinic.ayse).skills.remove(clinic.consult)
        wish = {"plan": with_talk(), "practitioner": "ayse", "now": NOW}
        assert not free_starts(first=TUESDAY, last=TUESDAY, **wish).starts
        assert free_starts(first=TUESDAY, last=TUESDAY, **wish | {"practitioner": "deniz"}).starts

    def test_it_moves_as_a_whole_even_onto_itself(self, clinic):
        row = hold_slot(plan=with_talk(), start=at("2027-03-02 10:00"), practitioner="ayse", now=NOW)
        moved = moves.move(row, start=at("2027-03-02 10:15"), now=NOW)
        assert (moved.talk_end, moved.practitioner_id) == (at("2027-03-02 10:45"), clinic.ayse.pk)
        assert Allocation.objects.filter(appointment=row, resource=clinic.ayse, active=True).count() == 2

    def test_reserved_and_cancelled_its_time_is_free_again(self, clinic):
        row = hold_slot(plan=with_talk(), start=at("2027-03-02 10:00"), now=NOW)
        row = lifecycle.reserve(row, patient=make_patient(), now=NOW)
        lifecycle.cancel(row, reason="patient", now=NOW)
        assert not Allocation.objects.filter(active=True).exists()


@pytest.mark.django_db
class TestWhoTreats:
    def test_a_woman_a_man_or_anyone(self, clinic):
        Practitioner.objects.filter(resource=clinic.ayse).update(gender="woman")
        Practitioner.objects.filter(resource=clinic.deniz).update(gender="man")
        for gender, who in (("woman", clinic.ayse), ("man", clinic.deniz)):
            row = held("2027-03-02 10:00", gender=gender)
            assert (row.practitioner_id, row.practitioner_gender) == (who.pk, gender)
            lifecycle.cancel(row, reason="patient", now=NOW)

    def test_the_wish_stays_when_the_visit_moves(self, clinic):
        Practitioner.objects.filter(resource=clinic.ayse).update(gender="woman")
        row = reserved("2027-03-02 10:00", "peel", gender="woman")
        held("2027-03-03 10:00", "peel", practitioner="ayse")
        with pytest.raises(DomainError) as caught:
            moves.move(row, start=at("2027-03-03 10:00"), now=NOW)
        assert caught.value.code == "slot_taken"
        assert moves.move(row, start=at("2027-03-03 10:30"), now=NOW).practitioner_id == clinic.ayse.pk


@pytest.mark.django_db
class TestAnswersThatLapse:
    def test_the_last_day_counts_and_the_next_does_not(self, clinic):
        wish = {"plan": visit_plan(modality="pen", areas=["face"]), "now": NOW, "cleared_until": TUESDAY}
        assert why_not(start=at("2027-03-02 16:00"), **wish) == []
        assert codes(why_not(start=at("2027-03-03 09:00"), **wish)) == ["answers_lapsed"]
        assert not free_starts(first=date(2027, 3, 3), last=date(2027, 3, 10), **wish).starts

    def test_answers_count_for_a_hundred_and_eighty_days(self, clinic):
        row = reserved()
        row = lifecycle.record_clearance(row, clearance="cleared", answers_on=date(2027, 3, 1), now=NOW)
        assert row.cleared_until == date(2027, 8, 28)
        row = lifecycle.record_clearance(row, clearance="caution", now=NOW)
        assert row.cleared_until == date(2027, 8, 28)

    def test_a_move_beyond_them_says_so(self, clinic):
        row = confirmed()
        lifecycle.record_clearance(row, clearance="cleared", answers_on=TUESDAY - timedelta(days=179), now=NOW)
        row.refresh_from_db()
        with pytest.raises(DomainError) as caught:
            moves.move(row, start=at("2027-03-09 10:00"), staff=True, now=NOW)
        assert codes_of(caught.value) == ["answers_lapsed"]


@pytest.mark.django_db
class TestNearerThanUsual:
    def test_a_practitioner_with_a_reason_may(self, clinic):
        patient = make_patient()
        confirmed("2027-03-02 10:00", patient=patient)
        late = at("2027-03-16 10:00")
        plan = visit_plan(modality="pen", areas=["face"])
        options = {"plan": plan, "start": late, "patient": patient, "staff": True, "now": NOW}
        with pytest.raises(DomainError) as caught:
            hold_slot(**options)
        assert codes_of(caught.value) == ["interval"]
        for actor in (None, Actor("desk"), Actor("patient")):
            with pytest.raises(NotAllowed):
                hold_slot(**options, interval_reason="Second half of a split session", actor=actor)
        row = hold_slot(**options, interval_reason="Second half of a split session", actor=PRACTISES)
        row = lifecycle.reserve(row, patient=patient, actor=PRACTISES, now=NOW)
        row.refresh_from_db()
        assert (row.state, row.interval_reason) == ("reserved", "Second half of a split session")

    def test_the_reason_is_for_that_time_only(self, clinic):
        patient = make_patient()
        confirmed("2027-03-02 10:00", patient=patient)
        row = confirmed("2027-03-31 10:00", patient=patient)
        moved = moves.move(
            row, start=at("2027-03-16 10:00"), staff=True, interval_reason="Seen, healed", actor=PRACTISES, now=NOW
        )
        assert moved.interval_reason == "Seen, healed"
        with pytest.raises(DomainError):
            moves.move(moved, start=at("2027-03-17 10:00"), staff=True, actor=PRACTISES, now=NOW)
        back = moves.move(moved, start=at("2027-04-01 10:00"), staff=True, actor=PRACTISES, now=NOW)
        assert back.interval_reason is None


def codes_of(refusal: DomainError) -> list[str]:
    return [one["code"] for one in refusal.extra["reasons"]]


@pytest.mark.django_db
def test_each_location_keeps_its_own_rules(clinic):
    """Asked for anywhere, a time is offered where the notice there allows it, and nowhere else."""
    everything = [clinic.pen, clinic.peel, clinic.laser, clinic.consult]
    other = make_location("bebek")
    make_practitioner("ece", other, everything)
    make_room("room-b", other, everything)
    type(other).objects.filter(pk=other.pk).update(notice_minutes=3 * 24 * 60)
    type(other).objects.filter(pk=clinic.location.pk).update(notice_minutes=0)
    wish = {"plan": visit_plan(modality="peel", areas=["face"]), "now": NOW}
    for _ in range(2):
        row = held("2027-03-02 10:00", "peel")
        assert row.location_id == clinic.location.pk
    assert at("2027-03-02 10:00") not in free_starts(first=TUESDAY, last=TUESDAY, **wish).starts
    assert codes(why_not(start=at("2027-03-02 10:00"), location="bebek", **wish)) == ["notice"]
    assert codes(why_not(start=at("2027-03-02 10:00"), **wish)) == ["notice"]
    with pytest.raises(DomainError):
        held("2027-03-02 10:00", "peel")
    assert held("2027-03-05 10:00", "peel", location="bebek").location_id == other.pk
