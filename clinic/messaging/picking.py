"""Which message goes next. Written out as SQL, like `attempts`: every message costs this."""

import datetime as dt

from django.db import connection

from clinic.messaging import clock, limits
from clinic.messaging.kinds import EMERGENCY, FIRST
from clinic.messaging.models import Channel, Message
from clinic.messaging.states import State
from clinic.people.models import Patient
from clinic.rows import Columns

MESSAGE, PATIENT = Columns(Message), Columns(Patient, "id", "phone", "email", "timezone")
NEXT = f"""
    SELECT coalesce(%(now)s, statement_timestamp()), {MESSAGE.of("message")}, {PATIENT.of("patient")}
    FROM messaging_message message LEFT JOIN people_patient patient ON patient.id = message.patient_id
    WHERE message.state = 'pending' AND message.due_at <= coalesce(%(now)s, statement_timestamp())
        AND message.channel <> ALL(%(shut)s)
        AND (message.channel <> ALL(%(resting)s) OR message.kind = %(emergency)s)
        AND (%(kinds)s IS NULL OR message.kind = ANY(%(kinds)s))
    ORDER BY message.due_at LIMIT 1
    FOR UPDATE OF message SKIP LOCKED
"""  # noqa: S608


def next_due(fresh: dt.datetime | None, shut: list[str]) -> tuple[Message, dt.datetime] | None:
    """The row longest due, locked, and the instant by which it is; before it, one that somebody waits for at this moment.
    Rows others hold are skipped. The spend breaker does not stand in the way of an emergency.

    Its patient comes with it. Call it in the claim's transaction.
    """

    def is_due(**which) -> bool:
        return Message.objects.filter(state=State.PENDING, due_at__lte=clock.instant(fresh), **which).exists()

    others = [channel for channel in Channel.values if channel not in shut]
    if shut and not limits.remembered(f"due {others}", lambda: is_due(channel__in=others), fresh=fresh):
        return None
    given = {
        "now": clock.given(fresh), "shut": [*shut, *limits.paused(now=fresh, but=limits.SPEND)],
        "resting": list(limits.paused(now=fresh)), "emergency": EMERGENCY,
    }  # fmt: skip
    hurry = limits.remembered("hurry", lambda: is_due(kind__in=FIRST), fresh=fresh)
    first = _next(given | {"kinds": sorted(FIRST)}) if hurry else None
    return first or _next(given | {"kinds": None})


def _next(given: dict) -> tuple[Message, dt.datetime] | None:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, given)
        found = cursor.fetchone()
    if found is None:
        return None
    moment, *values = found
    message = MESSAGE.read(values[: len(MESSAGE)])
    message.patient = PATIENT.read(values[len(MESSAGE) :])
    return message, moment
