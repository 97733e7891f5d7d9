"""How a status looks: its icon, its tone and its word. What a status means is decided on the floors above."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Look(NamedTuple):
    icon: str
    tone: str
    word: object


STATUSES: dict[str, Look] = {
    "held": Look("hourglass", "grey", pgettext_lazy("status", "Held")),
    "reserved": Look("form", "clay", _("Form due")),
    "pending_review": Look("triangle", "warn", _("Needs review")),
    "confirmed": Look("tick", "accent", pgettext_lazy("status", "Confirmed")),
    "arrived": Look("dot", "info", pgettext_lazy("status", "Arrived")),
    "in_treatment": Look("play", "violet", _("In treatment")),
    "done": Look("double-tick", "grey", pgettext_lazy("status", "Done")),
    "no_show": Look("cross", "danger", _("No-show")),
    "cancelled": Look("slash", "grey", pgettext_lazy("status", "Cancelled")),
    "lapsed": Look("hourglass", "grey", pgettext_lazy("status", "Lapsed")),
}

UNKNOWN = Look("question", "grey", "")
