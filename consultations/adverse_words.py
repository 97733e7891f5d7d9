"""How an open adverse event stands, in a sentence for the front desk."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic.dates import clock, say
from consultations.selectors.adverse_standing import Standing


def standing_words(standing: Standing) -> str:
    zone = ZoneInfo(standing.zone)
    if standing.unseen and standing.paged:
        who, at = standing.paged[-1]
        return _("Nobody has looked yet. %(who)s was paged at %(time)s.") % {
            "who": who,
            "time": clock(at.astimezone(zone)),
        }
    if standing.unseen:
        return _("Nobody has looked yet, and nobody could be paged. Ring a practitioner.")
    if standing.taken_by:
        return _("%(who)s sees to this") % {"who": standing.taken_by}
    return _("A practitioner calls by %(when)s.") % {"when": say(standing.due_at.astimezone(zone), "D j M, H:i")}
