"""What was sent today and what it cost, against the day's allowance. Money is counted in hundredths of a cent."""

import datetime as dt
from dataclasses import dataclass

from clinic.messaging import limits
from clinic.messaging.channels.types import Envelope, marked
from clinic.messaging.config import option
from clinic.messaging.models import Channel, RateBucket
from clinic.messaging.wording.segments import measure
from clinic.people.phones import country_of

HUNDREDTHS = 100


@dataclass(frozen=True)
class Today:
    """Since midnight UTC. `…_before` is what had been used when somebody opened the breaker last: it counts anew."""

    segments: int = 0
    hundredths: int = 0
    segments_before: int = 0
    hundredths_before: int = 0

    @property
    def cents(self) -> float:
        return self.hundredths / HUNDREDTHS

    @property
    def over(self) -> bool:
        return (
            self.segments - self.segments_before >= option("daily_messages")
            or self.hundredths - self.hundredths_before >= option("daily_cents") * HUNDREDTHS
        )


def today(now: dt.datetime) -> Today:
    used = dict(
        RateBucket.objects.filter(window=limits.window_of(now, limits.DAY), key__startswith="spend").values_list(
            "key", "used"
        )
    )
    return Today(
        used.get("spend", 0),
        used.get("spend:cents", 0),
        used.get("spend:before", 0),
        used.get("spend:cents:before", 0),
    )


def is_over(now: dt.datetime, *, fresh: dt.datetime | None) -> bool:
    """As known within the last second."""
    return limits.remembered("spent", lambda: today(now).over, fresh=fresh)


def count(envelope: Envelope, *, now: dt.datetime) -> None:
    """Counts what was taken by the provider: after the send, so the cap may be passed by a few in flight."""
    sent = marked(envelope.body, envelope.code)
    segments = measure(sent).segments if envelope.channel == Channel.SMS else 1
    cost = segments * price_of(envelope.channel, country_of(envelope.to))
    used = zip(limits.COUNTERS, (segments, cost), strict=True)
    limits.count([limits.Want(key, key, 0, limits.DAY, amount) for key, amount in used], now=now)


def price_of(channel: str, country: str) -> int:
    """Hundredths of a cent for one segment or message. Pure but for the settings."""
    prices = option("sms_cents" if channel == Channel.SMS else "whatsapp_cents")
    return round(prices.get(country, prices["*"]) * HUNDREDTHS)


def midnight_after(now: dt.datetime) -> dt.datetime:
    return limits.window_of(now, limits.DAY) + limits.DAY
