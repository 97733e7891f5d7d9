"""The states of an appointment, their groups, and which may follow which.

`MOVES` is kept a second time by a trigger in the database, written from this table by the migration, so that raw SQL
can't take a way that isn't here either.
"""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    HELD = "held", _("Held")
    RESERVED = "reserved", _("Reserved, form due")
    PENDING_REVIEW = "pending_review", _("Being checked")
    CONFIRMED = "confirmed", _("Confirmed")
    ARRIVED = "arrived", _("Arrived")
    IN_TREATMENT = "in_treatment", _("In treatment")
    DONE = "done", _("Done")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")
    LAPSED = "lapsed", _("Hold over")


class Clearance(TextChoices):
    """What screening and review allow; the one thing bookings knows about somebody's health."""

    UNKNOWN = "unknown", _("Not asked yet")
    CLEARED = "cleared", _("Cleared")
    CAUTION = "caution", _("Cleared with cautions")
    APPROVED = "approved", _("Approved by a practitioner")
    REVIEW = "review", _("Being checked by a practitioner")
    DEFERRED = "deferred", _("Not before a date")
    DECLINED = "declined", _("Call back")


class Source(TextChoices):
    ONLINE = "online", _("Online")
    DESK = "desk", _("Front desk")
    PHONE = "phone", _("Phone")
    WAITING = "waiting", _("Waiting list")
    PLAN = "plan", _("Treatment plan")


class Waiting(TextChoices):
    """Where an entry of the waiting list stands. `offered`: a time is kept for it at this moment."""

    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("A time is offered")
    BOOKED = "booked", _("Has a time")
    LEFT = "left", _("Left the list")
    EXPIRED = "expired", _("Their days are over")


class Answer(TextChoices):
    """What became of an offer; an open one has none yet."""

    OPEN = "", _("No answer yet")
    TAKEN = "taken", _("Taken")
    DECLINED = "declined", _("Not this one")
    UNANSWERED = "unanswered", _("No answer in time")
    WITHDRAWN = "withdrawn", _("Taken back")


class CancelReason(TextChoices):
    PATIENT = "patient", _("The patient cancelled")
    CLINIC = "clinic", _("The clinic cancelled")
    DECLINED = "declined", _("A practitioner can't offer this treatment now")
    DEFERRED = "deferred", _("Not possible before a later date")
    FORM_MISSING = "form_missing", _("The health form was not finished in time")
    NOT_REVIEWED = "not_reviewed", _("Nobody could check the answers in time")


# Its resources are taken: allocations count.
ACTIVE = frozenset(
    {
        State.HELD,
        State.RESERVED,
        State.PENDING_REVIEW,
        State.CONFIRMED,
        State.ARRIVED,
        State.IN_TREATMENT,
        State.DONE,
        State.NO_SHOW,
    }
)
# Nobody is in here without a clearance in CLEARED.
CONFIRMED_GROUP = frozenset({State.CONFIRMED, State.ARRIVED, State.IN_TREATMENT, State.DONE, State.NO_SHOW})
# Still ahead: may be moved or cancelled.
AHEAD = frozenset({State.HELD, State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED})
CLEARED = frozenset({Clearance.CLEARED, Clearance.CAUTION, Clearance.APPROVED})

# On the list: the person is still waiting for a time.
ON_THE_LIST = frozenset({Waiting.WAITING, Waiting.OFFERED})
# Health answers are asked again after so long.
ANSWERS_COUNT = timedelta(days=180)

MOVES: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED, State.CANCELLED, State.LAPSED}),
    State.RESERVED: frozenset({State.PENDING_REVIEW, State.CONFIRMED, State.CANCELLED, State.LAPSED}),
    State.PENDING_REVIEW: frozenset({State.CONFIRMED, State.CANCELLED}),
    State.CONFIRMED: frozenset({State.PENDING_REVIEW, State.ARRIVED, State.NO_SHOW, State.CANCELLED}),
    # Back to confirmed or arrived is the desk's undo; to pending review, something changed at the door.
    State.ARRIVED: frozenset({State.IN_TREATMENT, State.CONFIRMED, State.PENDING_REVIEW, State.CANCELLED}),
    State.IN_TREATMENT: frozenset({State.DONE, State.ARRIVED}),
    State.DONE: frozenset({State.IN_TREATMENT}),
    State.NO_SHOW: frozenset({State.CONFIRMED, State.ARRIVED}),
    State.CANCELLED: frozenset(),
    # A hold that ran out may be taken again while nobody else has the time.
    State.LAPSED: frozenset({State.HELD}),
}


def may_move(now: str, then: str) -> bool:
    return State(then) in MOVES[State(now)]
