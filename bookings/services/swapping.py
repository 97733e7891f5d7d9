"""Gives other visits another room or device, so that a time can be had."""

from collections.abc import Iterable
from datetime import UTC, datetime

from bookings.facts import Swap
from bookings.models import Allocation
from bookings.services import lifecycle
from bookings.services.locks import Overtaken
from bookings.services.taking import allocations_of
from clinic.audit.services import record
from clinic.people.access import Actor
from clinic.rows import insert_together


def make_way(swaps: Iterable[Swap], *, actor: Actor | None, now: datetime) -> None:
    """Writes swaps that the engine has found. The caller holds the locks of every resource they name.

    All are taken off before any is put on, since two may change places. Nobody is told: people come to the desk, not to
    a room, and nothing nearer than two hours is touched. Raises Overtaken when one of the visits has been given back
    meanwhile: nobody who gives a time back queues at the resources.
    """
    swaps = list(swaps)
    if not swaps:
        return
    edges = [datetime.fromtimestamp(edge, UTC) for swap in swaps for edge in (swap.start, swap.end)]
    lifecycle.clear_lapsed(min(edges), max(edges), now=now)
    owners = {swap: _owner(swap) for swap in swaps}
    rows = {row.pk: row for row in lifecycle.for_update().filter(pk__in=owners.values()).order_by("pk")}
    for swap, owner in owners.items():
        row = rows.get(owner)
        if row is None or not row.is_active:
            raise Overtaken
        name = "room_id" if row.room_id == swap.was else "device_id"
        setattr(row, name, swap.becomes)
        record("appointment.swap", subject=row.ref, actor=actor, detail={"from": swap.was, "to": swap.becomes})
    people = dict(
        Allocation.objects.filter(appointment__in=rows, resource__kind="patient").values_list(
            "appointment_id", "resource_id"
        )
    )
    Allocation.objects.filter(appointment__in=rows).delete()
    for row in rows.values():
        row.save(update_fields=["room", "device"])
    insert_together(one for row in rows.values() for one in allocations_of(row, people.get(row.pk)))


def _owner(swap: Swap):
    begins = datetime.fromtimestamp(swap.start, UTC)
    found = Allocation.objects.filter(resource_id=swap.was, active=True, during__startswith=begins)
    return found.values_list("appointment_id", flat=True).first()
