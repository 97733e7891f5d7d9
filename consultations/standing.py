"""In which states an appointment still takes a form, or a practitioner's decision."""

from bookings.states import State

TAKES_FORM = frozenset({State.HELD, State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED})
TAKES_DECISION = frozenset({State.RESERVED, State.PENDING_REVIEW, State.CONFIRMED})
ON_THE_PATH = frozenset({State.HELD, State.RESERVED, State.PENDING_REVIEW})
