"""Having templates approved: made once, submitted once, and asked after until WhatsApp has decided.

Creating is not idempotent, so it is claimed first, and what may have been made already is looked for by its name before
anything is made again.
"""

import datetime as dt
import logging
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.audit.services import record
from clinic.errors import DomainError, NotFound
from clinic.messaging import limits
from clinic.messaging.channels import content_api
from clinic.messaging.channels.content_api import Away, BadCredentials, Known, Refused, Unclear
from clinic.messaging.kinds import BY_TEMPLATE
from clinic.messaging.models import Standing, Template
from clinic.messaging.wording.shipped import LANGUAGES
from clinic.messaging.wording.templates import Wording, wording
from clinic.people.access import Actor

log = logging.getLogger(__name__)
YOUNG = dt.timedelta(minutes=10)
CLAIM = dt.timedelta(seconds=90)  # longer than the calls of one submission can take
STANDINGS = {
    "": Standing.CREATED, "unsubmitted": Standing.CREATED, "received": Standing.PENDING, "pending": Standing.PENDING,
    "approved": Standing.APPROVED, "rejected": Standing.REJECTED, "paused": Standing.PAUSED,
    "disabled": Standing.DISABLED,
}  # fmt: skip
# Nothing more to do for us: WhatsApp has it, or has decided.
SUBMITTED = {Standing.PENDING, Standing.APPROVED, Standing.REJECTED, Standing.PAUSED, Standing.DISABLED}


def needed() -> bool:
    """Whether there is a provider that wants templates at all."""
    return settings.MESSAGE_PROVIDER == "twilio" and bool(settings.TWILIO_WHATSAPP_FROM)


def current(kind: str, language: str) -> Template | None:
    """The template of the text in force, if it was ever sent for approval."""
    return Template.objects.filter(kind=kind, language=language, body_hash=wording(kind, language).hash).first()


def submit(kind: str, language: str, *, actor: Actor | None = None, now: dt.datetime | None = None) -> Template:
    """Has the text in force approved. Pressing again goes on from where it stood; nothing is made twice.

    Raises DomainError: `not_needed`, `being_sent`, `provider_away`, `provider_unclear`, `credentials`, `refused`.
    """
    if kind not in BY_TEMPLATE or language not in LANGUAGES:
        raise NotFound(_("This message needs no template."))
    if not needed():
        raise DomainError("not_needed", _("Templates are not needed here: messages go to the demonstration's phones."))
    now = now or timezone.now()
    wanted = wording(kind, language)
    row, fresh = _claim(wanted, now)
    try:
        if row.status in SUBMITTED:
            return row
        if row.content_sid is None:
            _make(row, wanted, fresh=fresh)
            newly = True
        else:
            newly = False
        _hand_in(row, wanted, newly=newly, actor=actor, now=now)
        return row
    except BadCredentials as problem:
        raise DomainError(
            "credentials", _("The provider does not accept our account. Check its SID and token.")
        ) from problem
    except Away as problem:
        raise DomainError(
            "provider_away", _("The provider cannot be reached. Nothing was sent; try again in a minute.")
        ) from problem
    except Unclear as problem:
        raise DomainError(
            "provider_unclear",
            _("We did not see whether it arrived. Try again in a minute: we look first, so nothing is made twice."),
        ) from problem
    except Refused as problem:
        words = {"code": problem.code, "words": problem.words}
        raise DomainError("refused", _("The provider refused it (%(code)s): %(words)s") % words) from problem
    finally:
        Template.objects.filter(pk=row.pk).update(claimed_until=None)
        limits.forget_remembered()


def missing() -> Iterator[tuple[str, str]]:
    """Kinds and languages whose text in force was not handed in yet."""
    rows = Template.objects.filter(status__in=SUBMITTED).values_list("kind", "language", "body_hash")
    known = set(rows)
    for kind in BY_TEMPLATE:
        for language in LANGUAGES:
            if (kind, language, wording(kind, language).hash) not in known:
                yield kind, language


def submit_missing(*, actor: Actor | None = None) -> int:
    """All of them, one after the other; stops at the first that the provider does not take. Returns how many went."""
    sent = 0
    for kind, language in list(missing()):
        try:
            submit(kind, language, actor=actor)
        except DomainError as refusal:
            log.warning("template %s (%s) was not handed in: %s", kind, language, refusal.code)
            if refusal.code not in {"refused", "being_sent"}:
                break
        else:
            sent += 1
    return sent


def sync(*, now: dt.datetime | None = None) -> int:
    """Asks how every template stands; also finds those whose making nobody saw. Returns how many changed.

    Raises Away, Unclear, BadCredentials or Refused when the provider gives no whole answer: then nothing changes.
    """
    now = now or timezone.now()
    if not Template.objects.exists():
        return 0
    known = list(content_api.every())
    by_sid, by_name = {one.sid: one for one in known}, {one.name: one for one in known}
    changed = 0
    with transaction.atomic():
        for row in Template.objects.select_for_update().order_by("id"):
            if row.claimed_until and row.claimed_until > now:
                continue
            changed += _settle(row, by_sid.get(row.content_sid or "") or by_name.get(_name(row)), now)
    limits.forget_remembered()
    return changed


def _name(row: Template) -> str:
    return f"{row.kind}_{row.language}_{row.body_hash}"


def _claim(wanted: Wording, now: dt.datetime) -> tuple[Template, bool]:
    """The row, ours for the length of a claim; whether it is certain that nothing was made for it yet."""
    row, fresh = Template.objects.get_or_create(
        kind=wanted.kind,
        language=wanted.language,
        body_hash=wanted.hash,
        defaults={"body": wanted.body, "variables": list(wanted.names), "claimed_until": now + CLAIM},
    )
    if not fresh:
        free = Template.objects.filter(Q(claimed_until=None) | Q(claimed_until__lte=now), pk=row.pk)
        if not free.update(claimed_until=now + CLAIM):
            raise DomainError("being_sent", _("Somebody is sending this one just now. Look again in a minute."))
        row.refresh_from_db()
    return row, fresh


def _make(row: Template, wanted: Wording, *, fresh: bool) -> None:
    found = None if fresh else next((one.sid for one in content_api.every() if one.name == wanted.name), None)
    try:
        row.content_sid = found or content_api.create(wanted.content())
    except Unclear:
        row.status = Standing.UNKNOWN
        row.save(update_fields=["status"])
        raise
    row.status = Standing.CREATED
    row.save(update_fields=["content_sid", "status"])


def _hand_in(row: Template, wanted: Wording, *, newly: bool, actor: Actor | None, now: dt.datetime) -> None:
    stands = Known(row.content_sid, wanted.name) if newly else content_api.standing(row.content_sid)
    if STANDINGS.get(stands.status) in {None, Standing.CREATED}:
        stands = Known(row.content_sid, wanted.name, content_api.submit(row.content_sid, name=wanted.name))
    with transaction.atomic():
        _settle(row, stands, now)
        detail = {"hash": row.body_hash, "status": row.status}
        record("message.template_submitted", subject=f"template:{row.kind}:{row.language}", actor=actor, detail=detail)


def _settle(row: Template, stands: Known | None, now: dt.datetime) -> int:
    """Writes what the provider says. What it does not have (any more) is as new; what is young may only be late there."""
    if stands is None and row.created_at > now - YOUNG:
        return 0
    if stands is None:
        row.content_sid, status, reason = None, Standing.NEW, ""
    else:
        row.content_sid = stands.sid
        status, reason = STANDINGS.get(stands.status, Standing(row.status)), stands.reason
    before = row.status
    row.status, row.rejection_reason, row.synced_at = status, reason, now
    row.save(update_fields=["content_sid", "status", "rejection_reason", "synced_at"])
    return int(row.status != before)
