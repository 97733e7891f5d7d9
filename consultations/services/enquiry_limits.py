"""How much one browser, phone or address may send. Counted in PostgreSQL, so a restart opens nothing."""

import datetime as dt

from django.conf import settings
from django.utils.translation import gettext as _

from bookings.services.limits import Caller
from clinic.crypto.search import blind_index
from clinic.errors import TooMany
from clinic.messaging.limits import take

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DRAFTS_BY_ADDRESS, UPLOADS_BY_BROWSER, UPLOADS_BY_ADDRESS = 60, 40, 200
"""An hour."""
SENT_BY_PHONE, SENT_BY_BROWSER, SENT_BY_ADDRESS = 3, 5, 30
"""A day. A clinic's waiting room shares one address."""


def refuse_drafting(caller: Caller) -> None:
    """TooMany when this address began very many within the hour."""
    _count([(f"ask:address:{caller.address_index}", DRAFTS_BY_ADDRESS)] if caller.address else [], HOUR)


def refuse_uploading(caller: Caller, *, files: int) -> None:
    """TooMany when this browser or address sent very many photos within the hour. Call it before reading them."""
    limits = [(f"photo:address:{caller.address_index}", UPLOADS_BY_ADDRESS)] if caller.address else []
    limits += [(f"photo:browser:{caller.browser_index}", UPLOADS_BY_BROWSER)] if caller.browser else []
    _count(limits, HOUR, amount=files)


def refuse_flooding(caller: Caller, *, phone: str) -> None:
    """TooMany when this phone, browser or address has sent its share of questions for the day."""
    limits = [(f"ask:phone:{blind_index('phone', phone)}", SENT_BY_PHONE)]
    limits += [(f"sent:address:{caller.address_index}", SENT_BY_ADDRESS)] if caller.address else []
    limits += [(f"sent:browser:{caller.browser_index}", SENT_BY_BROWSER)] if caller.browser else []
    _count(limits, DAY, _("You have sent several questions today. Please add to one of them, or call us."))


def _count(limits: list[tuple[str, int]], window: dt.timedelta, sentence: str = "", amount: int = 1) -> None:
    if not settings.RATE_LIMITS:
        return
    within = [take(key, limit=limit, window=window, amount=amount) for key, limit in limits]
    if not all(within):
        raise TooMany(sentence)
