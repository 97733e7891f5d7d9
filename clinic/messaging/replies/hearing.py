"""Who listens to what people write. Higher floors register here, in their AppConfig.ready(); the outbox asks them."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from clinic.messaging.models import Message, Reply
from clinic.people.models import Patient

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReplyEvent:
    """One reply as a higher floor sees it. `choice` is empty for free text; `about` is the message it answers, if
    any.
    """

    reply: Reply
    about: Message | None
    choice: str
    urgency: str
    now: dt.datetime

    @property
    def ref(self) -> str:
        return self.about.ref if self.about else ""

    @property
    def version(self) -> int:
        return self.about.version if self.about else 0

    @property
    def patient(self) -> Patient | None:
        return self.reply.patient

    @property
    def body(self) -> str:
        return self.reply.body


@dataclass(frozen=True)
class Answer:
    """What to say back: a kind of reply and its facts. `handled` False keeps the reply unread for the desk."""

    kind: str
    facts: Mapping[str, Any]
    handled: bool = True


Handler = Callable[[ReplyEvent], Answer | None]
_handlers: list[tuple[str, Handler]] = []
_urgent: list[Callable[[ReplyEvent], None]] = []


def on_reply(handler: Handler, *, prefix: str = "") -> Handler:
    """Registers a handler for replies about references that begin with `prefix` ("" = all). The first Answer is sent.

    Handlers run in the inbound transaction, for current versions only, and must bear being called twice.
    """
    if (prefix, handler) not in _handlers:
        _handlers.append((prefix, handler))
    return handler


def on_urgent(listener: Callable[[ReplyEvent], None]) -> None:
    """Registers somebody to be told of every reply with a red flag or a worry, before any answer is looked for.

    Runs in the inbound transaction. A listener that breaks loses nothing: the reply stays urgent and unread.
    """
    if listener not in _urgent:
        _urgent.append(listener)


def tell_of_urgency(event: ReplyEvent) -> None:
    for listener in _urgent:
        try:
            with transaction.atomic():
                listener(event)
        except Exception:
            log.exception("a listener for urgent replies failed")


def ask(event: ReplyEvent) -> Answer | None:
    """A handler that breaks must not lose what somebody wrote: its work is undone and a person reads the reply."""
    for prefix, handler in _handlers:
        if not event.ref.startswith(prefix):
            continue
        try:
            with transaction.atomic():
                answer = handler(event)
        except Exception:
            log.exception("a reply handler failed")
            return None
        if answer:
            return answer
    return None
