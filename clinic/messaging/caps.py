"""How much may go to one number, to one range of numbers and through one sender, and when the rest may go.

Keys hold keyed hashes, never a number or the beginning of one.
"""

import datetime as dt
import time

from django.conf import settings

from clinic.crypto.search import blind_index
from clinic.messaging import limits
from clinic.messaging.config import option
from clinic.messaging.kinds import AUTOMATIC, CODE, EMERGENCY, KINDS
from clinic.messaging.limits import DAY, Want
from clinic.messaging.models import Channel, Message, RateBucket
from clinic.messaging.states import REFUSED, SETTLED

HOUR = dt.timedelta(hours=1)
PACE = "pace"
PACED_LATELY = dt.timedelta(seconds=30)

_full: dict[str, float] = {}  # channel → when its window ends, on this process's own clock


def prefix_of(number: str) -> str:
    """The first digits of an E.164 number, country code included: what somebody who owns a range would have written to."""
    return number.removeprefix("+")[: option("prefix_digits")]


def of_number(message: Message) -> list[Want]:
    """What this message uses up of its number and its range. Codes were counted when they were asked for; an emergency is
    never held back."""
    if not settings.RATE_LIMITS or message.channel == Channel.EMAIL or message.kind == EMERGENCY:
        return []
    if KINDS[message.kind].purpose == CODE:
        return []
    number = blind_index("cap-number", message.address)
    prefix = blind_index("cap-prefix", prefix_of(message.address))
    return [
        Want("number_hour", f"number:hour:{number}", option("hourly_per_number"), HOUR),
        Want("number_day", f"number:day:{number}", option("daily_per_number"), DAY),
        Want("prefix_hour", f"prefix:hour:{prefix}", option("hourly_per_prefix"), HOUR),
    ]


def of_sender(channel: str) -> list[Want]:
    """One message of this second. Few fit into one window: a second's worth at once would be a burst."""
    rate = 0 if settings.MESSAGE_PROVIDER == "demo" else _rate(channel)
    if not rate:
        return []
    at_once = max(1, round(rate / 10))
    return [Want(PACE, f"pace:{channel}", at_once, dt.timedelta(seconds=at_once / rate))]


def _rate(channel: str) -> float:
    return option(f"{channel}_per_second") if channel in {Channel.SMS, Channel.WHATSAPP} else 0


def take(message: Message, *, now: dt.datetime) -> Want | None:
    """Counts a message that is about to go; else says which limit is used up, and counts nothing."""
    full = limits.take_all([*of_number(message), *of_sender(message.channel)], now=now)
    if full and full.name == PACE:
        _full[message.channel] = time.monotonic() + _left(full, now)
    return full


def give_back(message: Message, *, taken: dt.datetime) -> None:
    """It is known not to have left: it uses up nothing of its number."""
    limits.give_back(of_number(message), taken=taken)


def again_at(full: Want, *, now: dt.datetime) -> dt.datetime:
    return limits.window_of(now, full.window) + full.window


def _left(full: Want, now: dt.datetime) -> float:
    return max(0.0, (again_at(full, now=now) - now).total_seconds())


def full_channels() -> dict[str, float]:
    """Channels whose sender has no room in this instant, as this process knows, with the seconds until it has."""
    moment = time.monotonic()
    return {channel: until - moment for channel, until in _full.items() if until > moment}


def at_full_pace(*, now: dt.datetime) -> list[str]:
    """Channels that have lately sent as fast as they may: what waits there waits its turn."""
    busy = RateBucket.objects.filter(key__startswith="pace:", window__gte=now - PACED_LATELY, window__lte=now)
    found = {key.removeprefix("pace:"): used for key, used in busy.order_by("used").values_list("key", "used")}
    return [channel for channel, used in found.items() if (mine := of_sender(channel)) and used >= mine[0].limit]


def may_answer(kind: str, number: str, index: str, *, now: dt.datetime) -> bool:
    """Whether a number may be answered by no person once more; counts it. The emergency text is not counted: it is given
    again after a while."""
    if kind == EMERGENCY:
        lately = now - dt.timedelta(minutes=option("emergency_minutes"))
        said = Message.objects.filter(address_index=index, kind=EMERGENCY, due_at__gt=lately)
        return not said.exclude(state__in=sorted(REFUSED | SETTLED)).exists()
    if not settings.RATE_LIMITS or kind not in AUTOMATIC:
        return True
    key = blind_index("cap-number", number)
    wants = [
        Want("answers_hour", f"answers:hour:{key}", option("hourly_answers"), HOUR),
        Want("answers_day", f"answers:day:{key}", option("daily_answers"), DAY),
    ]
    return limits.take_all(wants, now=now) is None


def may_ask(
    what: str, *, phone: str, address: str = "", by_number: int, by_address: int, by_prefix: int | None = None,
    now: dt.datetime | None = None,
) -> bool:  # fmt: skip
    """Counts somebody who typed a number to which we shall write, for an hour: by number, by network address, and over
    all such pages by the range the number lies in. False when one of them is used up; all are counted in any case."""
    if not settings.RATE_LIMITS:
        return True
    prefix = blind_index("cap-prefix", prefix_of(phone))
    wants = [
        (f"{what}:number:{blind_index('cap-number', phone)}", by_number),
        (f"typed:prefix:{prefix}", option("hourly_typed_per_prefix")),
    ]
    if by_prefix is not None:
        wants.append((f"{what}:prefix:{prefix}", by_prefix))
    if address:
        wants.append((f"{what}:address:{blind_index('address', address)}", by_address))
    within = [limits.take(key, limit=limit, window=HOUR, now=now) for key, limit in wants]
    return all(within)
