"""Which messages should exist, and making it so: desired against actual, inside the business transaction."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from clinic.messaging import consent
from clinic.messaging.channels.types import Result
from clinic.messaging.kinds import KINDS, Kind
from clinic.messaging.models import Message
from clinic.messaging.states import IN_DOUBT, State
from clinic.messaging.status import WITHDRAWN
from clinic.messaging.windows import next_allowed
from clinic.messaging.wording import texts
from clinic.messaging.wording.editions import quiet_hours
from clinic.people.models import Patient

Decisions = dict[tuple[str, str], bool]


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A message somebody should have. `due_at` is the moment meant; quiet hours are applied here, not by the planner.

    `facts` are the text's variables. `start` and `deadline` (ISO 8601) with `timezone` give {day}, {time} and {by} in
    the reader's language. A callable is called once, when the row is written, and never compared: use it for a link
    whose token is made on demand. `at_once` messages are sent even if their moment has passed; others that are late
    when the row would first be written are left out (they are merged into the confirmation).
    """

    kind: str
    ref: str
    version: int
    patient_id: uuid.UUID
    due_at: dt.datetime
    language: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    step: str = ""
    not_after: dt.datetime | None = None
    at_once: bool = False
    crosses_quiet: bool = False

    @property
    def dedupe_key(self) -> str:
        return f"{self.ref}:v{self.version}:{self.kind}:{self.step}"


@dataclass(frozen=True)
class Reconciled:
    """How many rows were written, cancelled and changed; `kinds` says of which kind, whatever was done."""

    inserted: int = 0
    cancelled: int = 0
    changed: int = 0
    kinds: Counter[str] = field(default_factory=Counter, compare=False)

    def __add__(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            self.inserted + other.inserted,
            self.cancelled + other.cancelled,
            self.changed + other.changed,
            self.kinds + other.kinds,
        )


def reconcile(
    ref: str, desired: Iterable[Desired], *, keep_asked: bool = False, now: dt.datetime | None = None
) -> Reconciled:
    """Makes the pending messages of `ref` the desired ones. Call it in the transaction that changed `ref`. With
    `keep_asked` what somebody sent about it outside any plan (`send_now`) stays.

    Running it again changes nothing. What has been sent or settled is never touched. What is being sent or in doubt and
    no longer wanted may have gone out already; it is too late from now on, so it is not sent (again).
    """
    now = now or timezone.now()
    wanted = {one.dedupe_key: one for one in desired}
    if strangers := [key for key, one in wanted.items() if one.ref != ref or one.kind not in KINDS]:
        raise ValueError(f"not messages of {ref}: {strangers}")
    inserted = changed = 0
    kinds: Counter[str] = Counter()
    with transaction.atomic():
        rows = list(
            Message.objects.select_for_update().filter(ref=ref, state__in=[State.PENDING, State.CANCELLED, *IN_DOUBT])
        )
        actual = {row.dedupe_key: row for row in rows if row.parent_id is None and row.state not in IN_DOUBT}
        doubted = {row.dedupe_key: row for row in rows if row.state in IN_DOUBT and row.error_class == WITHDRAWN}
        taken = set(Message.objects.filter(dedupe_key__in=wanted).values_list("dedupe_key", flat=True))
        strays = [row for row in rows if _root_key(row) not in wanted and not (keep_asked and _was_asked(row))]
        dropped = [row for row in strays if _drop(row)]
        cancelled = len(dropped)
        kinds.update(row.kind for row in dropped)
        people = Patient.objects.in_bulk({one.patient_id for one in wanted.values()})
        given = {pk: consent.decisions(pk) for pk in people}
        fresh = []
        for key, one in wanted.items():
            person = people[one.patient_id]
            row = actual.get(key)
            if row is None and key not in taken and (planned := _row(one, person, given[person.pk], now)):
                fresh.append(planned)
            elif row is not None and row.state == State.PENDING:
                changed += (done := _bring_up_to_date(row, one, person, now))
                kinds[one.kind] += done
            elif row is not None and (planned := _row(one, person, given[person.pk], now)):
                inserted += (done := _revive(row, planned))
                kinds[one.kind] += done
            elif key in doubted:
                _want_again(doubted[key], one, person)
        inserted += len(Message.objects.bulk_create(fresh, ignore_conflicts=True))
        kinds.update(row.kind for row in fresh)
    return Reconciled(inserted, cancelled, changed, +kinds)


def _root_key(row: Message) -> str:
    """Of the message itself, or of the one whose fallback it is."""
    return row.dedupe_key if row.parent_id is None else row.dedupe_key.rpartition(":")[0]


def _was_asked(row: Message) -> bool:
    return _root_key(row) != f"{row.ref}:v{row.version}:{row.kind}:{row.step}"


def _drop(row: Message) -> int:
    """What may be on its way is too late from the moment it was due: our own clock, which may be wrong, has no say in it."""
    if row.state == State.PENDING:
        row.state = State.CANCELLED
        row.save(update_fields=["state", "updated_at"])
        return 1
    if row.state in IN_DOUBT and row.due_at < row.not_after:
        row.not_after, row.error_class = row.due_at, WITHDRAWN
        row.save(update_fields=["not_after", "error_class", "updated_at"])
    return 0


def send_now(
    kind: str,
    *,
    key: str,
    language: str,
    facts: Mapping[str, Any] | None = None,
    patient: Patient | None = None,
    channel: str | None = None,
    address: str | None = None,
    ref: str = "",
    version: int = 0,
    not_after: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Message:
    """One message outside any plan: a code, an answer, a word from the desk. The same `key` is sent once, ever.

    With `channel` and `address` it goes exactly there (an answer to a number that wrote); otherwise the person's
    routes decide.
    """
    now = now or timezone.now()
    rule = KINDS[kind]
    fixed = address is not None
    if not fixed:
        if patient is None:
            raise ValueError("a message needs a person or an address")
        channel, address = next(
            (route for route in consent.routes(patient, rule) if channel in (None, route[0])), ("desk", "")
        )
    values = _facts(facts or {}, patient)
    row = Message(
        dedupe_key=f"{ref or 'once'}:{key}"[:200],
        patient=patient,
        ref=ref or f"once:{key}"[:80],
        version=version,
        kind=kind,
        channel=channel,
        address=address,
        address_index=consent.index_of(channel, address) if address else "",
        fixed_address=fixed,
        language=language,
        facts=values,
        crosses_quiet=rule.crosses_quiet,
        due_at=now,
        not_after=not_after or now + rule.lasts,
    )
    row.body = texts.render(kind, language, values).body
    Message.objects.bulk_create([row], ignore_conflicts=True)
    return Message.objects.get(dedupe_key=row.dedupe_key)


def cancel_pending(ref: str) -> int:
    """Everything of `ref` that has not been claimed is cancelled, fallbacks included."""
    with transaction.atomic():
        return Message.objects.filter(ref=ref, state=State.PENDING).update(
            state=State.CANCELLED, updated_at=timezone.now()
        )


def _row(one: Desired, person: Patient, given: Decisions, now: dt.datetime) -> Message | None:
    """The row for a desired message, or None when its moment has passed."""
    rule = KINDS[one.kind]
    due, not_after, crosses = _times(one, rule, person)
    if (due <= now and not one.at_once) or not_after < max(due, now):
        return None
    channel, address = consent.routes(person, rule, given)[0]
    values = _facts(one.facts, person)
    return Message(
        dedupe_key=one.dedupe_key, patient=person, ref=one.ref, version=one.version, kind=one.kind, step=one.step,
        channel=channel, address=address, address_index=consent.index_of(channel, address) if address else "",
        language=one.language, facts=values, body=texts.render(one.kind, one.language, values).body,
        crosses_quiet=crosses, due_at=due, not_after=not_after,
    )  # fmt: skip


def _times(one: Desired, rule: Kind, person: Patient) -> tuple[dt.datetime, dt.datetime, bool]:
    """Due after quiet hours, the last moment worth sending, and whether quiet hours matter at all.

    What must be said at once and would be too late in the morning is said in the night.
    """
    crosses = one.crosses_quiet or rule.crosses_quiet
    zone = consent.zone_of(person, dict(one.facts))
    due = one.due_at if crosses else next_allowed(one.due_at, zone, **quiet_hours())
    if one.at_once and one.not_after and one.due_at <= one.not_after < due:
        due, crosses = one.due_at, True
    return due, one.not_after or due + rule.lasts, crosses


def _facts(facts: Mapping[str, Any], person: Patient | None) -> dict[str, Any]:
    values = {name: value() if callable(value) else value for name, value in facts.items()}
    if person is not None:
        values.setdefault("first_name", texts.first_name(person.name))
    return values


def _bring_up_to_date(row: Message, one: Desired, person: Patient, now: dt.datetime) -> int:
    """Moves and rewrites a pending row. What was put off by a retry stays put off. A moment that is over by now, as after
    an edit, is as soon as may be, and does not shorten how long it is worth sending.
    """
    due, not_after, crosses = _times(one, KINDS[one.kind], person)
    if due <= now:
        soon = now if crosses else next_allowed(now, consent.zone_of(person, dict(one.facts)), **quiet_hours())
        due = min(row.due_at, soon)
        not_after = not_after if not_after > soon else max(not_after, row.not_after)
    steady = {name: value for name, value in one.facts.items() if not callable(value)}
    steady.setdefault("first_name", texts.first_name(person.name))
    same_words = row.language == one.language and all(row.facts.get(name) == value for name, value in steady.items())
    moved = row.attempts == 0 and row.due_at != due and not (one.at_once and row.due_at <= now)
    body = texts.render(one.kind, one.language, {**row.facts, **steady}).body
    if same_words and not moved and row.not_after == not_after and row.body == body:
        return 0
    if moved:
        row.due_at = due
    row.not_after, row.crosses_quiet = max(not_after, row.due_at), crosses
    if not same_words:
        row.language, row.facts = one.language, {**row.facts, **steady}
    row.body = body
    row.save()
    return 1


def _revive(row: Message, planned: Message) -> int:
    """A message that was cancelled and is wanted again: the same row, as its key may exist only once. Not where it may
    have gone out.
    """
    if row.tries.exclude(outcome__in=[Result.RETRY, Result.PAUSED]).exists():
        return 0
    for name in (
        "channel",
        "address",
        "address_index",
        "language",
        "facts",
        "body",
        "due_at",
        "not_after",
        "crosses_quiet",
    ):
        setattr(row, name, getattr(planned, name))
    row.state, row.attempts = State.PENDING, 0
    row.save()
    return 1


def _want_again(row: Message, one: Desired, person: Patient) -> None:
    """It was no longer wanted while nobody knew whether it had gone out, and is again: where it had not, it may."""
    _due, not_after, _crosses = _times(one, KINDS[one.kind], person)
    row.not_after, row.error_class = max(not_after, row.due_at), ""
    row.save(update_fields=["not_after", "error_class", "updated_at"])
