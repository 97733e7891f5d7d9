"""Thin tasks. Each may run twice or at the same time as itself."""

import logging

from celery import shared_task
from django.utils import timezone

from clinic.messaging import forget as forgetting
from clinic.messaging import limits
from clinic.messaging import reconcile as settling
from clinic.messaging import sweep as sending
from clinic.messaging.channels import content_api
from clinic.messaging.config import option
from clinic.messaging.models import Heartbeat
from clinic.messaging.wording import approving

log = logging.getLogger(__name__)

# Seconds. Both end by themselves within one; what stands still so much longer waits for an answer that never comes,
# and is killed: nothing is lost by that.
HUNG = 180


def beat(component: str) -> None:
    Heartbeat.objects.update_or_create(component=component, defaults={"at": timezone.now()})


@shared_task(name="messaging.sweep", time_limit=HUNG)
def sweep() -> dict[str, int]:
    if not sending.begin():
        return {"too soon": 1}
    done = dict(sending.sweep())
    beat("sweep")
    return done


@shared_task(name="messaging.reconcile", time_limit=HUNG)
def reconcile() -> int:
    settled = settling.reconcile(threads=option("lookers"))
    beat("reconcile")
    return settled.bound + settled.resent + settling.poll()


@shared_task(name="messaging.heartbeat")
def heartbeat() -> None:
    beat("beat")


@shared_task(name="messaging.forget")
def forget() -> int:
    return forgetting.forget()


@shared_task(name="messaging.sync_templates")
def sync_templates() -> int:
    """How WhatsApp has decided. Without a provider there is nothing to ask."""
    if not approving.needed():
        return 0
    try:
        return approving.sync()
    except (content_api.Away, content_api.Unclear, content_api.BadCredentials, content_api.Refused) as problem:
        log.warning("asking after templates failed: %s", type(problem).__name__)
        return 0


@shared_task(name="messaging.submit_templates")
def submit_templates() -> int:
    """Every text that was not handed in yet."""
    if not approving.needed():
        return 0
    limits.forget_remembered()
    return approving.submit_missing()
