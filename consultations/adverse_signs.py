"""Signs after a treatment, by how soon somebody has to look. Pure.

The grouping is the clinic's safety table: emergency number now, a practitioner the same day, within one working day.
Choosing and words are joined by the worse of the two; nothing that is written lowers what was chosen.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.messaging.replies.red_flags import ORDER, urgency_of, worst

EMERGENCY: dict[str, Promise] = {
    "swelling": _("Swollen lips, tongue or throat"),
    "breathing": _("Trouble breathing"),
    "collapse": _("You collapsed, or feel you are about to"),
    "confusion": _("Sudden confusion, or a fit"),
    "heart": _("A racing or uneven heartbeat, or pain in the chest"),
    "stroke": _("A face that droops, a weak arm, or trouble speaking"),
}
SAME_DAY: dict[str, Promise] = {
    "spreading": _("Redness or heat that spreads"),
    "infection": _("Pus, fever or shivering"),
    "pain": _("Pain that gets worse"),
    "open_skin": _("Blisters, or skin that is grey, white or open"),
    "bleeding": _("Bleeding after 15 minutes of firm pressure"),
    "eyes": _("Pain in an eye, or sight that has changed"),
    "cluster": _("Small blisters close together, like a cold sore"),
}
SOON: dict[str, Promise] = {
    "lasting_redness": _("Redness for more than 7 days"),
    "dark_marks": _("New dark marks"),
    "bumps": _("Firm bumps, also weeks later"),
    "numbness": _("Skin that stays numb"),
    "dents": _("Dents in the skin"),
    "tracks": _("Lines like tracks"),
    "other": _("Something else that worries me"),
}
LEVELS = dict(zip(ORDER, (EMERGENCY, SAME_DAY, SOON), strict=True))
LABELS: dict[str, Promise] = EMERGENCY | SAME_DAY | SOON


def urgency_of_report(signs: Iterable[str], words: str = "") -> str:
    """The worst of what was chosen and what the words say; ``soon`` when they say nothing. KeyError for no known sign."""
    levels = {sign: level for level, group in LEVELS.items() for sign in group}
    found = [levels[sign] for sign in signs] + [urgency_of(words) or "soon"]
    return worst(found)
