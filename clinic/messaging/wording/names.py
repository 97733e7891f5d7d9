"""How staff name every kind of message, when it goes, and what its variables stand for."""

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinic.messaging.wording import editions
from clinic.messaging.wording.retiming import say_hours
from clinic.messaging.wording.timings import AFTER, BEFORE, BOOKED, LAST, SPACING, Moment, Rule, rules_of

# Moment of the patient's way → kinds, in the order they come.
GROUPS = (
    (_("Booking"), (
        "booking_received", "booking_confirmed", "booking_confirmed_late", "intake_due", "moved", "cancelled",
        "not_as_booked", "hold_released", "waitlist_offer", "bookable_again",
    )),
    (_("Before the visit"), (
        "prepare_14d", "prepare_7d", "changed_72h", "reminder_24h", "reminder_24h_video", "reminder_2h",
    )),
    (_("After the visit"), (
        "aftercare_2h", "aftercare_24h", "aftercare_72h", "aftercare_7d", "aftercare_14d", "next_session",
        "results_90d", "results_180d",
    )),
    (_("From a practitioner"), (
        "review_decided", "question_asked", "enquiry_received", "enquiry_answered", "enquiry_more", "plan_proposed",
        "free_text",
    )),
    (_("Answers to what people write"), (
        "reply_confirmed", "reply_move", "reply_same", "reply_changed", "reply_fine", "reply_unsure", "reply_worried",
        "time_changed", "reply_received", "reply_attached", "reply_attached_care",
        "help", "resumed", "emergency_now", "urgent_same_day", "urgent_soon",
    )),
    (_("From the front desk"), (
        "desk_received", "desk_will_call", "desk_call_us", "desk_directions", "desk_booking",
    )),
    (_("Account"), ("sign_in_code", "contact_changed")),
    (_("To the clinic’s own people"), ("page_practitioner", "page_test")),
)  # fmt: skip

NAMES = {
    "booking_received": _("Time kept, being checked"),
    "booking_confirmed": _("Booking confirmed"),
    "booking_confirmed_late": _("Booking confirmed, soon"),
    "intake_due": _("Form to finish"),
    "moved": _("New time"),
    "cancelled": _("Visit cancelled"),
    "not_as_booked": _("Visit can’t take place"),
    "hold_released": _("Time released"),
    "waitlist_offer": _("A time is free (waiting list)"),
    "bookable_again": _("You can book now"),
    "prepare_14d": _("Getting ready, weeks before"),
    "prepare_7d": _("Getting ready, days before"),
    "changed_72h": _("Has anything changed?"),
    "reminder_24h": _("Reminder, the day before"),
    "reminder_24h_video": _("Reminder of a visit by video"),
    "reminder_2h": _("Reminder, hours before"),
    "aftercare_2h": _("Aftercare, the same day"),
    "aftercare_24h": _("Aftercare, the next day"),
    "aftercare_72h": _("Aftercare, day three"),
    "aftercare_7d": _("Aftercare, after a week"),
    "aftercare_14d": _("Aftercare, after two weeks"),
    "next_session": _("Next session"),
    "results_90d": _("Results, three months on"),
    "results_180d": _("Results, six months on"),
    "review_decided": _("Form looked at"),
    "question_asked": _("A question before the visit"),
    "enquiry_received": _("Enquiry received"),
    "enquiry_answered": _("Enquiry answered"),
    "enquiry_more": _("Enquiry: more to know"),
    "plan_proposed": _("Treatment plan to look at"),
    "free_text": _("A practitioner’s own words"),
    "reply_confirmed": _("Thanks for confirming"),
    "reply_move": _("Where to choose another time"),
    "reply_same": _("Nothing has changed"),
    "reply_changed": _("Something has changed"),
    "reply_fine": _("Skin is fine"),
    "reply_unsure": _("Not sure about their skin"),
    "reply_worried": _("Worried about their skin"),
    "time_changed": _("That time has changed"),
    "reply_received": _("Message received"),
    "reply_attached": _("A photo or voice message came"),
    "reply_attached_care": _("A photo or voice message came after a visit"),
    "help": _("Who we are (HELP)"),
    "resumed": _("Messages start again"),
    "emergency_now": _("Red flag: call the emergency number"),
    "urgent_same_day": _("Red flag: to be seen today"),
    "urgent_soon": _("Red flag: we call within a day"),
    "desk_received": _("We have read it"),
    "desk_will_call": _("We will call"),
    "desk_call_us": _("Please call us"),
    "desk_directions": _("How to find us"),
    "desk_booking": _("Their visit and its link"),
    "sign_in_code": _("Code to sign in"),
    "contact_changed": _("Contact details changed"),
    "page_practitioner": _("Something urgent waits"),
    "page_test": _("Test of a pager"),
}

VARIABLES = {
    "first_name": _("the person’s first name"),
    "clinic": _("the clinic’s name"),
    "phone": _("the clinic’s phone number"),
    "day": _("weekday and date"),
    "time": _("time of day"),
    "by": _("the last day and time to act"),
    "place": _("the address, or that it is by video"),
    "link": _("the person’s own page"),
    "number": _("which session comes next"),
    "practitioner": _("the practitioner’s name"),
    "code": _("the six digits"),
    "minutes": _("for how many minutes it is good"),
    "emergency": _("the emergency number"),
    "text": _("what the practitioner wrote"),
}

LANGUAGE_NAMES = {"en": "English", "tr": "Türkçe", "es": "Español", "ar": "العربية"}

STEPS = {
    ("intake_due", "12h"): _("second time"),
    ("intake_due", "5d"): _("for a later session of a course"),
    ("intake_due", "48h"): _("last time"),
    ("prepare_14d", ""): pgettext_lazy("timing", "most treatments"),
    ("prepare_14d", "laser"): pgettext_lazy("timing", "laser"),
    ("prepare_7d", "7d"): pgettext_lazy("timing", "all treatments"),
    ("prepare_7d", "3d"): pgettext_lazy("timing", "once more, with needles"),
}

_ANCHORS = {
    BEFORE: _("%(time)s before the visit"),
    AFTER: _("%(time)s after the visit"),
    BOOKED: _("%(time)s after booking"),
    SPACING: _("%(time)s after the earliest day for the next session"),
    LAST: _("%(time)s after the last session"),
}


def when(kind: str) -> list[str]:
    """When it goes in this clinic, a line for each time; at once where it has no moment of its own."""
    lines = [_line(rule, editions.moment(*rule.key)) for rule in rules_of(kind)]
    at_once = [gettext("At once")] if kind == "intake_due" or not lines else []
    return at_once + lines


def _line(rule: Rule, moment: Moment | None) -> str:
    if moment is None:
        said = gettext("Switched off")
    elif rule.anchor == SPACING and moment.hours == 0:
        said = gettext("On the earliest day for the next session")
    else:
        said = _ANCHORS[rule.anchor] % {"time": say_hours(moment.hours)}
    step = STEPS.get(rule.key)
    return f"{step}: {said}" if step else said
