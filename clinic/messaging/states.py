"""States of a message on its way out, and how a provider's word is merged into them. Pure."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    PENDING = "pending", _("queued")
    SENDING = "sending", _("being sent")
    UNKNOWN = "unknown", _("in doubt")
    ACCEPTED = "accepted", _("accepted")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    UNDELIVERED = "undelivered", _("not delivered")
    DELIVERED = "delivered", _("delivered")
    READ = "read", _("read")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("too late to send")
    SUPPRESSED = "suppressed", _("held back: opted out")
    NEEDS_PERSON = "needs_person", _("needs a person")


IN_DOUBT = frozenset({State.SENDING, State.UNKNOWN})
OUT = frozenset({State.ACCEPTED, State.SENT, State.DELIVERED, State.READ})
REFUSED = frozenset({State.FAILED, State.UNDELIVERED})
SETTLED = frozenset({State.CANCELLED, State.EXPIRED, State.SUPPRESSED, State.NEEDS_PERSON})

RANK: dict[str, int] = {
    State.PENDING: 0,
    State.SENDING: 1,
    State.UNKNOWN: 1,
    State.ACCEPTED: 2,
    State.SENT: 3,
    State.FAILED: 4,
    State.UNDELIVERED: 4,
    State.DELIVERED: 5,
    State.READ: 6,
}

# The provider's words for a message. A word we do not know yet changes nothing.
PROVIDER: dict[str, State] = {
    "accepted": State.ACCEPTED,
    "scheduled": State.ACCEPTED,
    "queued": State.ACCEPTED,
    "sending": State.ACCEPTED,
    "sent": State.SENT,
    "failed": State.FAILED,
    "canceled": State.FAILED,
    "undelivered": State.UNDELIVERED,
    "delivered": State.DELIVERED,
    "read": State.READ,
}


def merge(current: str, incoming: str) -> str:
    """The state after the provider said `incoming`: the higher rank wins, so order and repetition do not matter.

    A message found at the provider although we had given it up (cancelled, expired, suppressed, for a person) did go
    out:
    the provider's word is taken.
    """
    return incoming if RANK[incoming] > RANK.get(current, 0) else current
