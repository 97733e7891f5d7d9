"""The message that a plan waits for the patient. What it holds stands behind the link and a code, never in the text."""

import datetime as dt

from clinic.messaging.plan import Desired, cancel_pending, reconcile
from clinic.messaging.registry import register_reference
from consultations.models import Plan, PlanAnswerKind, PlanVersion
from consultations.plan_links import plan_path

KEEP = dt.timedelta(days=3)


def tell_proposed(version: PlanVersion, *, now: dt.datetime) -> None:
    """One message for each version, in the transaction that sends it."""
    plan = version.plan
    message = Desired(
        kind="plan_proposed",
        ref=plan.ref,
        version=version.number,
        patient_id=plan.patient_id,
        due_at=now,
        not_after=now + KEEP,
        language=plan.patient.language,
        facts={"link": plan_path(plan), "practitioner": version.sent_by.name, "timezone": plan.location.timezone},
        at_once=True,
    )
    reconcile(plan.ref, [message], now=now)


def take_back(plan: Plan) -> None:
    """What has not been sent yet is not sent: the plan was withdrawn, or answered already."""
    cancel_pending(plan.ref)


def is_current(ref: str, version: int) -> bool:
    """Whether the patient still has this version to look at."""
    newest = PlanVersion.objects.filter(plan=ref.partition(":")[2]).order_by("-number").select_related("plan").first()
    if newest is None or newest.number != version or newest.plan.withdrawn_at:
        return False
    return not newest.answers.filter(answer=PlanAnswerKind.ACCEPT).exists()


def register() -> None:
    register_reference("plan", is_current=is_current)
