"""In which states an appointment still takes a form, a practitioner's decision, or that something changed."""

from bookings.states import State

TAKES_FORM = frozenset({State.HELD, State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED})
TAKES_DECISION = frozenset({State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED})
# Somebody in the waiting room may still say that something changed.
HEARS_CHANGES = TAKES_DECISION | {State.ARRIVED}
ON_THE_PATH = frozenset({State.HELD, State.RESERVED, State.PENDING_REVIEW})
