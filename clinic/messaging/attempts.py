"""One attempt in the database: begun, looked at once more, ended.

Written out as SQL: every message costs this, and composing the statements anew takes longer than running them.
"""

import datetime as dt
import uuid

from django.db import connection

from clinic.messaging import clock, consent, registry
from clinic.messaging.channels.types import Outcome
from clinic.messaging.config import option
from clinic.messaging.models import Message
from clinic.messaging.states import State
from clinic.rows import Columns

MESSAGE = Columns(Message, but=("facts", "body"))

BEGIN = """
    WITH attempt AS (
        INSERT INTO messaging_attempt (id, message_id, started_at, outcome, error_code)
        VALUES (%(attempt)s, %(message)s, %(now)s, '', '')
    )
    UPDATE messaging_message
    SET attempt_id = %(attempt)s, attempts = %(attempts)s, state = 'sending', absent = 0, error_class = '', error_code = '',
        lease_until = %(lease)s, updated_at = clock_timestamp()
    WHERE id = %(message)s
"""
LAST_LOOK = """
    SELECT (
        SELECT stopped FROM messaging_suppression said
        WHERE said.address_index = %(way)s ORDER BY said.id DESC LIMIT 1
    ), not_after <= coalesce(%(now)s, clock_timestamp())
    FROM messaging_message message
    WHERE id = %(message)s AND attempt_id = %(attempt)s AND state = 'sending'
        AND lease_until > coalesce(%(now)s, clock_timestamp()) + make_interval(secs => %(margin)s)
"""
LOCK = f"""
    SELECT {MESSAGE.of("message")} FROM messaging_message message
    WHERE id = (SELECT message_id FROM messaging_attempt WHERE id = %(attempt)s) FOR UPDATE
"""  # noqa: S608
END = """
    UPDATE messaging_attempt
    SET ended_at = %(now)s, outcome = %(outcome)s, http_status = %(status)s, error_code = %(error)s,
        provider_id = coalesce(%(provider_id)s, provider_id)
    WHERE id = %(attempt)s
"""


def begin(message: Message, now: dt.datetime) -> None:
    """Makes a locked message one that is being sent, for the length of a lease. Commit before the POST."""
    message.attempt_id, message.attempts = uuid.uuid4(), message.attempts + 1
    message.state, message.absent = State.SENDING, 0
    message.error_class = message.error_code = ""
    message.lease_until = now + dt.timedelta(seconds=option("lease_seconds"))
    given = {
        "attempt": message.attempt_id, "message": message.pk, "now": now, "attempts": message.attempts,
        "lease": message.lease_until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, given)


def last_look(message: Message, now: dt.datetime | None) -> bool | None:
    """Just before the POST, asked of the database: None when the attempt is no longer ours, False when the person has
    opted out or the appointment has changed since the claim. What follows from that is written when it is recorded
    or claimed again.

    Our own clock is not asked: it may be wrong, or have stood still while this process did.
    """
    given = {
        "message": message.pk, "attempt": message.attempt_id, "now": clock.given(now),
        "margin": option("margin_seconds"), "way": consent.way_of(message.address_index, message.channel),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(LAST_LOOK, given)
        found = cursor.fetchone()
    if found is None:
        return None
    stopped, too_late = found
    unwanted = too_late or (stopped and message.kind not in consent.IN_ANY_CASE)
    return not unwanted and registry.is_current(message.ref, message.version)


def need_not_last() -> None:
    """What this transaction writes may be lost with the database's machine (never by halves): its commit does not wait
    for the disk.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def message_of(attempt_id: uuid.UUID) -> Message:
    """The message of an attempt, locked; without its words and facts, which few need then. Call it in a transaction.

    Raises Message.DoesNotExist.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"attempt": attempt_id})
        found = cursor.fetchone()
    if found is None:
        raise Message.DoesNotExist
    return MESSAGE.read(found)


def end(attempt_id: uuid.UUID, outcome: Outcome, now: dt.datetime) -> None:
    """Writes what is known; a provider's id that a callback brought meanwhile stays."""
    given = {
        "attempt": attempt_id, "now": now, "outcome": outcome.result, "status": outcome.http_status,
        "error": outcome.error_code, "provider_id": outcome.provider_id or None,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(END, given)
