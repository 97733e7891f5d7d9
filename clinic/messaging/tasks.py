"""Thin tasks. Each may run twice or at the same time as itself."""

from celery import shared_task
from django.utils import timezone

from clinic.messaging import forget as forgetting
from clinic.messaging import reconcile as settling
from clinic.messaging import sweep as sending
from clinic.messaging.config import option
from clinic.messaging.models import Heartbeat

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
