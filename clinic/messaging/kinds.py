"""Every kind of message: which variables its text may use, what may be answered, and how it may travel. Pure.

Offsets from the appointment belong to the apps that plan the messages; see docs/messages.md for the whole table.
"""

import datetime as dt
from dataclasses import dataclass, field

# Filled in for every text; a planner need not pass them.
ALWAYS = frozenset({"first_name", "clinic", "phone"})

CARE, MARKETING, EXTRA, CODE, REPLY = "care", "marketing", "extra", "code", "reply"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`resend`: may be sent again once the provider has said twice that it never got it.
    `crosses_quiet`: answers what the person did a moment ago, so quiet hours do not hold it back.
    `lasts`: how long after `due_at` it is still worth sending, where the planner gives no `not_after`.
    `health`: what somebody writes back is about their health, so practitioners read it and the desk does not.
    """

    key: str
    variables: frozenset[str] = frozenset()
    choices: tuple[str, ...] = ()
    purpose: str = CARE
    resend: bool = True
    crosses_quiet: bool = False
    lasts: dt.timedelta = dt.timedelta(hours=24)
    fallback: bool = True
    health: bool = False

    @property
    def allowed(self) -> frozenset[str]:
        return self.variables | ALWAYS


@dataclass
class _Table:
    rows: dict[str, Kind] = field(default_factory=dict)

    def add(self, key: str, variables: str = "", **options) -> None:
        self.rows[key] = Kind(key=key, variables=frozenset(variables.split()), **options)


_t = _Table()
_DAY, _HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)

_t.add("booking_received", "day time by link")
_t.add("booking_confirmed", "day time place link")
_t.add("booking_confirmed_late", "day time place link")
_t.add("intake_due", "day time by link", lasts=12 * _HOUR)
_t.add("prepare_14d", "day link", lasts=3 * _DAY)
_t.add("prepare_7d", "day link", lasts=2 * _DAY)
_t.add("changed_72h", "day time link", choices=("same", "changed"), health=True)
_t.add("reminder_24h", "day time place link", choices=("confirm", "move"), lasts=12 * _HOUR)
_t.add("reminder_24h_video", "day time place link", choices=("confirm", "move"), lasts=12 * _HOUR)
_t.add("reminder_2h", "time place", purpose=EXTRA, lasts=_HOUR)
_t.add("aftercare_2h", "link", lasts=14 * _HOUR, health=True)
_t.add("aftercare_24h", "link", choices=("fine", "unsure", "worried"), health=True)
_t.add("aftercare_72h", "link", health=True)
_t.add("aftercare_7d", "link", lasts=3 * _DAY, health=True)
_t.add("aftercare_14d", "link", lasts=5 * _DAY, health=True)
_t.add("next_session", "number link", lasts=7 * _DAY)
_t.add("results_90d", "link", lasts=14 * _DAY, health=True)
_t.add("results_180d", "link", lasts=14 * _DAY, health=True)
_t.add("review_decided", "link", health=True)
_t.add("question_asked", "practitioner link", health=True)
_t.add("enquiry_received", "day link", crosses_quiet=True, health=True)
_t.add("enquiry_answered", "practitioner link", lasts=3 * _DAY, health=True)
_t.add("enquiry_more", "practitioner link", lasts=3 * _DAY, health=True)
_t.add("plan_proposed", "practitioner link", lasts=3 * _DAY, health=True)
_t.add("moved", "day time place link")
_t.add("cancelled", "day time link")
_t.add("not_as_booked", "day time link", health=True)
_t.add("waitlist_offer", "day time by link", lasts=_HOUR / 2)
_t.add("hold_released", "day time link", lasts=12 * _HOUR)
# Asked for, to a number nobody's name is known of; when it reaches nobody, that is that.
_t.add("bookable_again", "link", purpose=REPLY, lasts=3 * _DAY)
# To staff: somebody has to look now. It names nobody; to a phone and an inbox at once, so it has no other way to fall back to.
_t.add("page_practitioner", "link", crosses_quiet=True, lasts=_HOUR)
# Its answer is on the page of whoever asked for it: what fails is nobody else's business.
_t.add("page_test", crosses_quiet=True, fallback=False, lasts=_HOUR / 6)
_t.add("contact_changed", "", purpose=CARE)
_t.add("sign_in_code", "code minutes", purpose=CODE, resend=False, crosses_quiet=True, fallback=False, lasts=_HOUR / 6)

_reply = {"purpose": REPLY, "crosses_quiet": True, "lasts": 2 * _HOUR}
_t.add("reply_confirmed", "day time", **_reply)
_t.add("reply_move", "link", **_reply)
_t.add("reply_same", "day time", **_reply)
_t.add("reply_changed", "link", **_reply)
_t.add("reply_fine", "link", **_reply)
_t.add("reply_unsure", "link emergency", **_reply)
_t.add("reply_worried", "link emergency", **_reply)
_t.add("time_changed", "link", **_reply)
_t.add("reply_received", "", **_reply)
_t.add("reply_attached", "emergency", **_reply)
_t.add("reply_attached_care", "link emergency", **_reply)
_t.add("resumed", "", **_reply)
_t.add("help", "emergency", **_reply)
_t.add("emergency_now", "emergency", **_reply)
_t.add("urgent_same_day", "", **_reply)
_t.add("urgent_soon", "", **_reply)

# What staff say. Care like any other: when it reaches nobody, a person has to say it.
_said = {"crosses_quiet": True, "lasts": 12 * _HOUR}
_t.add("desk_received", "", **_said)
_t.add("desk_will_call", "", **_said)
_t.add("desk_call_us", "", **_said)
_t.add("desk_directions", "place", **_said)
_t.add("desk_booking", "day time link", **_said)
_t.add("free_text", "practitioner text", health=True, **_said)

KINDS: dict[str, Kind] = _t.rows
PREPARED = ("desk_received", "desk_will_call", "desk_call_us", "desk_directions", "desk_booking")
FREE_TEXT = "free_text"
EMERGENCY = "emergency_now"
# What the outbox says by itself to somebody who wrote.
AUTOMATIC = frozenset(key for key, kind in KINDS.items() if kind.purpose == REPLY and kind.crosses_quiet)
# Somebody waits for it at this moment: it goes before what was merely due earlier.
FIRST = AUTOMATIC | frozenset(key for key, kind in KINDS.items() if kind.purpose == CODE)
HEALTH = frozenset(key for key, kind in KINDS.items() if kind.health)
# Answers go within WhatsApp's 24 hours, codes never there, own words only within: everything else may need a template.
BY_TEMPLATE = tuple(key for key, kind in KINDS.items() if kind.purpose not in {CODE, REPLY} and key != FREE_TEXT)

# What a template's variable looks like in the phone preview and in a template sent for approval.
SAMPLES = {
    "first_name": "Elif", "clinic": "Derma Studio Moda", "phone": "+90 216 555 01 40", "day": "12 May", "time": "10:30",
    "by": "11 May, 18:00", "place": "Moda Caddesi 12", "link": "https://clinic.example/b/AbCdEf/", "number": "2",
    "practitioner": "Dr. Aydın", "code": "493027", "minutes": "10", "emergency": "112",
    "text": "Thank you for the photo. Please come by tomorrow at nine.",
}  # fmt: skip
