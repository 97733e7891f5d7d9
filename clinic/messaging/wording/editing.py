"""The owner's hand on the texts: check, write, put on record, and bring what is waiting up to date."""

import datetime as dt

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.errors import DomainError, Invalid, NotFound
from clinic.messaging import limits
from clinic.messaging.kinds import KINDS
from clinic.messaging.models import Message, TextEdition
from clinic.messaging.states import State
from clinic.messaging.wording import texts
from clinic.messaging.wording.rules import clean, problems
from clinic.messaging.wording.shipped import LANGUAGES, Text, shipped
from clinic.people.access import Actor

BATCH = 200


def history(kind: str, language: str) -> QuerySet[TextEdition]:
    """Every edition of this text, newest first."""
    return TextEdition.objects.filter(kind=kind, language=language).select_related("edited_by").order_by("-id")


def edit_text(
    kind: str,
    language: str,
    *,
    subject: str,
    body: str,
    actor: Actor,
    seen: int | None = None,
    now: dt.datetime | None = None,
) -> TextEdition | None:
    """The clinic's own words from now on. None when they are what is said already.

    `seen` is the edition that stood on the page (0 for none): a newer one is not overwritten unread. Raises Invalid
    with what to do about each field, DomainError `edited_meanwhile`, NotFound for a kind or language we don't have.
    """
    _must_exist(kind, language)
    text = Text(clean(subject), clean(body))
    if wrong := problems(kind, language, text):
        raise Invalid(wrong, message=_("This text cannot be used yet."))
    if text == shipped(language).texts[kind]:
        return restore_shipped(kind, language, actor=actor, seen=seen, now=now)
    return _write(kind, language, text, actor=actor, seen=seen, now=now)


def restore_shipped(
    kind: str, language: str, *, actor: Actor, seen: int | None = None, now: dt.datetime | None = None
) -> TextEdition | None:
    """The shipped text from now on. None when it is used already."""
    _must_exist(kind, language)
    return _write(kind, language, None, actor=actor, seen=seen, now=now)


def restore(edition: TextEdition, *, actor: Actor, now: dt.datetime | None = None) -> TextEdition | None:
    """An earlier edition from now on, checked by today's rules."""
    if edition.restored:
        return restore_shipped(edition.kind, edition.language, actor=actor, now=now)
    return edit_text(edition.kind, edition.language, subject=edition.subject, body=edition.body, actor=actor, now=now)


def _must_exist(kind: str, language: str) -> None:
    if kind not in KINDS or language not in LANGUAGES:
        raise NotFound(_("We have no such message."))


def _write(
    kind: str, language: str, text: Text | None, *, actor: Actor, seen: int | None, now: dt.datetime | None
) -> TextEdition | None:
    try:
        with transaction.atomic():
            _one_at_a_time(kind, language)
            last = history(kind, language).first()
            if seen is not None and seen != (last.pk if last else 0):
                raise DomainError(
                    "edited_meanwhile",
                    _("Somebody has changed this text since you opened it. Look at the history, then save again."),
                )
            before = Text(last.subject, last.body) if last and not last.restored else None
            if before == text:
                return None
            words = {"subject": text.subject, "body": text.body} if text else {"restored": True}
            edition = TextEdition.objects.create(
                kind=kind, language=language, edited_by=actor.user, at=now or timezone.now(), **words
            )
            limits.forget_remembered()
            brought = bring_up_to_date(kind, language)
            record(
                "message.text_edited" if text else "message.text_restored",
                subject=f"text:{kind}:{language}",
                actor=actor,
                fields=["subject", "body"],
                detail={"edition": edition.pk, "waiting": brought},
            )
            return edition
    finally:
        limits.forget_remembered()


def bring_up_to_date(kind: str, language: str) -> int:
    """Writes every waiting message of this kind anew. What is just being sent keeps its words; the nightly run mends
    what was locked. Returns how many changed.
    """
    changed, after = 0, None
    waiting = Message.objects.filter(kind=kind, language=language, state=State.PENDING).order_by("pk")
    while rows := list(
        (waiting.filter(pk__gt=after) if after else waiting).select_for_update(skip_locked=True)[:BATCH]
    ):
        for row in rows:
            body = texts.render(kind, language, row.facts).body
            if body != row.body:
                row.body, changed = body, changed + 1
                row.save(update_fields=["body", "updated_at"])
        after = rows[-1].pk
    return changed


def _one_at_a_time(kind: str, language: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"text:{kind}:{language}"])
