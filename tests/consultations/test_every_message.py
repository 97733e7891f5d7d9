"""Every message of a visit, in every language, by the clock: what a patient's phone shows from the booking to the last word.

The table is written from the clinic's schedule, not from the code: message, then days or hours before the visit (−) or
after its end (+). The clock is moved from minute to minute at which something should come; a minute before, it must not
be there.
"""

import datetime as dt

import pytest

from bookings.models import Appointment
from bookings.services import lifecycle
from bookings.states import Clearance
from clinic.messaging.channels.demo import without_mark
from clinic.messaging.consent import record_consent
from clinic.messaging.models import DemoText, Message
from clinic.messaging.sweep import sweep
from clinic.messaging.wording.shipped import LANGUAGES
from consultations.frame import areas_of
from tests.bookings.cast import at, make_patient, reserved
from tests.consultations.cast import BORN, submit
from treatments.models import Modality

pytestmark = pytest.mark.django_db
DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
VISIT = at("2027-05-18 11:00")  # a Tuesday; no clock changes in Istanbul
BOOKED = VISIT - 35 * DAY - HOUR
OVER = VISIT + HOUR + 15 * MINUTE
AHEAD = [("reminder_24h", -DAY), ("reminder_2h", -2 * HOUR)]
SKIN = [("prepare_14d", -14 * DAY), ("prepare_7d", -7 * DAY), ("changed_72h", -3 * DAY), *AHEAD]
NEEDLES = [*SKIN, ("prepare_7d", -3 * DAY)]
LASER = [("prepare_14d", -28 * DAY), *SKIN[1:]]
AFTER = [("aftercare_2h", 2 * HOUR), ("aftercare_24h", DAY), ("aftercare_72h", 3 * DAY), ("aftercare_7d", 7 * DAY),
         ("aftercare_14d", 14 * DAY)]  # fmt: skip
TABLE = {
    "pen": (NEEDLES, [*AFTER, ("next_session", 28 * DAY)]),
    "rf": (NEEDLES, [*AFTER, ("next_session", 28 * DAY)]),
    "prp": (NEEDLES, [*AFTER, ("next_session", 28 * DAY)]),
    "roller": (NEEDLES, [*AFTER, ("next_session", 28 * DAY)]),
    "scalp": (NEEDLES, [*AFTER, ("next_session", 28 * DAY)]),
    "peel": (SKIN, [*AFTER, ("next_session", 14 * DAY)]),
    "laser": (LASER, [*AFTER, ("next_session", 28 * DAY)]),
    "consult": (AHEAD, []),
}


@pytest.fixture(autouse=True)
def _demo(settings, clinic, questionnaire):
    settings.MESSAGE_PROVIDER = "demo"
    settings.MESSAGING = {"daily_messages": 10_000}


def somebody(language):
    patient = make_patient("Elif Aydın", language=language, timezone="Europe/Istanbul", date_of_birth=BORN)
    record_consent(patient.pk, channel="whatsapp", purpose="care", granted=True, source="test")
    record_consent(patient.pk, channel="any", purpose="extra", granted=True, source="test")
    return patient


def phone():
    """Kinds on the phone, in the order in which they came; and that each is what our own row says."""
    rows = {row.provider_id: row for row in Message.objects.exclude(provider_id=None)}
    shown = list(DemoText.objects.order_by("at", "sid"))
    assert all(without_mark(one) == rows[one.sid].body for one in shown)
    return sorted(rows[one.sid].kind for one in shown)


def comes(kinds, due, heard):
    """Nothing a minute before; these messages at their minute."""
    sweep(now=due - MINUTE, threads=1)
    assert phone() == sorted(heard), (kinds, "too early")
    sweep(now=due, threads=1)
    heard += kinds
    assert phone() == sorted(heard), (kinds, "not at their time")


def walk(moments, anchor, heard):
    for offset in sorted({offset for _kind, offset in moments}):
        comes([kind for kind, at_ in moments if at_ == offset], anchor + offset, heard)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("treatment", TABLE)
def test_from_the_booking_to_the_last_word(treatment, language):
    ahead, after = TABLE[treatment]
    area = Modality.objects.get(slug=treatment).offers.first().area.slug
    row = reserved("2027-05-18 11:00", treatment, patient=somebody(language), areas=(area,), now=BOOKED)
    Appointment.objects.filter(pk=row.pk).update(language=language)
    row = lifecycle.record_clearance(row, clearance=Clearance.CLEARED, now=BOOKED)
    row = lifecycle.confirm(row, now=BOOKED)
    sweep(now=BOOKED, threads=1)
    heard = ["booking_confirmed"]
    assert phone() == heard
    walk(ahead, VISIT, heard)
    for step, moment in ((lifecycle.check_in, VISIT), (lifecycle.start_treatment, VISIT), (lifecycle.finish, OVER)):
        row = step(row, now=moment)
    walk(after, OVER, heard)
    sweep(now=OVER + 80 * DAY, threads=1)
    assert phone() == sorted(heard)
    assert set(Message.objects.filter(ref=row.ref).exclude(state="cancelled").values_list("language", flat=True)) == {
        language
    }


def test_every_treatment_of_the_catalogue_is_in_the_table():
    assert set(TABLE) == set(Modality.objects.values_list("slug", flat=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_that_is_not_finished_is_asked_for_three_times(language):
    row = reserved("2027-05-18 11:00", patient=somebody(language), now=BOOKED)
    Appointment.objects.filter(pk=row.pk).update(form_due_at=VISIT - DAY)
    row.refresh_from_db()
    from bookings import messages

    messages.reconcile(row, now=BOOKED)
    sweep(now=BOOKED, threads=1)
    assert phone() == ["intake_due"]
    heard = ["intake_due"]
    for due in (BOOKED + 12 * HOUR + 10 * HOUR, VISIT - 2 * DAY):  # twelve hours later it is 22:00: they are asked at 8
        comes(["intake_due"], due, heard)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_doubtful_form_is_told_by_when_somebody_looks(language):
    row = reserved("2027-05-18 11:00", patient=somebody(language), now=BOOKED)
    submit(row, now=BOOKED, blood_thinner="yes", blood_thinner_name="Apixaban")
    row.refresh_from_db()
    lifecycle.confirm(row, now=BOOKED)
    sweep(now=BOOKED, threads=1)
    assert "booking_received" in phone()
    assert not any("Apixaban" in one.body for one in DemoText.objects.all())
    assert areas_of(row)
