"""A believable clinic: ten practitioners, eight rooms, six devices, eight treatments, Monday to Saturday 9 to 18."""

import random
import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings.models import (
    Allocation,
    Appointment,
    AppointmentArea,
    Device,
    Location,
    OpeningHours,
    Practitioner,
    Resource,
    Room,
    WorkingHours,
)
from bookings.references import new_reference
from bookings.services.taking import times_of
from bookings.states import Clearance, State
from clinic.people.models import Patient
from treatments.models import Modality
from treatments.selectors import VisitPlan, visit_plan

ZONE = ZoneInfo("Europe/Istanbul")
BATCH = 2000


def make_clinic(name: str = "Moda", *, first: bool = True) -> Location:
    """One location with everything it needs; further ones have the same under slugs of their own."""
    if first:
        call_command("load_catalogue", verbosity=0)
    prefix = "" if first else f"{name.lower()}-"
    location = Location.objects.create(
        slug=name.lower(), name=name, timezone="Europe/Istanbul", address="Moda Caddesi 12", horizon_days=365
    )
    for weekday in range(6):
        OpeningHours.objects.create(location=location, weekday=weekday, opens=time(9), closes=time(18))
    treatments = list(Modality.objects.filter(bookable=True))
    machines = [one for one in treatments if one.needs_device]

    def resource(kind: str, short: str) -> Resource:
        return Resource.objects.create(kind=kind, name=short.upper(), slug=f"{prefix}{short}", location=location)

    for n in range(10):
        person = resource("practitioner", f"p{n}")
        Practitioner.objects.create(resource=person).skills.set(treatments)
        for weekday in range(6):
            for starts, ends in ((9, 13), (14, 18)):
                WorkingHours.objects.create(resource=person, weekday=weekday, starts=time(starts), ends=time(ends))
    for n in range(8):
        Room.objects.create(resource=resource("room", f"r{n}")).suits.set(treatments)
    for n in range(6):
        Device.objects.create(resource=resource("device", f"d{n}")).serves.set(machines)
    return location


class Filler:
    """Places visits at random where everything they need is free; rooms decide how many a day takes."""

    def __init__(self, location: Location, *, people: int = 4000) -> None:
        self.location, self.dice = location, random.Random(42)
        mine = Resource.objects.filter(location=location)
        of_kind = {kind: list(mine.filter(kind=kind)) for kind in ("practitioner", "room", "device")}
        self.people, self.rooms, self.devices = of_kind["practitioner"], of_kind["room"], of_kind["device"]
        plans = {
            slug: visit_plan(modality=slug, areas=["scalp" if slug == "scalp" else "face"])
            for slug in Modality.objects.filter(bookable=True).values_list("slug", flat=True)
        }
        self.plans = [*plans.values(), *[plans["consult"], plans["peel"]] * 40]
        patients = [Patient(name=f"Patient {n}", phone=f"+90532{n:07}", phone_index=f"{n}") for n in range(people)]
        Patient.objects.bulk_create(patients)
        Resource.objects.bulk_create(Resource(kind="patient", patient=one) for one in patients)
        self.patients = list(Resource.objects.filter(kind="patient"))
        self.turn = 0

    def fill(self, first: date, count: int, *, a_day: int, before: date = date.max) -> int:
        """About `a_day` visits on each working day from `first` on until there are `count`. Says how many."""
        made, day, rows, areas, taken = 0, first, [], [], []
        while made < count and day < before:
            if day.weekday() < 6:
                for row, plan, allocations in self._day(day, min(a_day, count - made)):
                    rows.append(row)
                    areas += [AppointmentArea(appointment=row, area=area) for area in plan.areas]
                    taken += allocations
                    made += 1
            if len(rows) >= BATCH or made >= count or day + timedelta(days=1) >= before:
                with transaction.atomic():  # at commit every visit must have what it needs
                    Appointment.objects.bulk_create(rows)
                    AppointmentArea.objects.bulk_create(areas)
                    Allocation.objects.bulk_create(taken)
                rows, areas, taken = [], [], []
            day += timedelta(days=1)
        return made

    def _day(self, day: date, wanted: int):
        free = {one.pk: (1 << 108) - 1 for one in (*self.rooms, *self.devices, *self.people)}  # 5-minute ticks from 9
        lunch = ((1 << 12) - 1) << 48
        for one in self.people:
            free[one.pk] &= ~lunch
        found = 0
        for _ in range(wanted * 3):
            if found == wanted:
                break
            plan = self.dice.choice(self.plans)
            for begin in range(0, 108, 3):  # the day fills from the morning and leaves late hours free
                if visit := self._place(plan, begin, free):
                    found += 1
                    yield self._row(plan, day, begin, visit)
                    break

    def _place(self, plan: VisitPlan, begin: int, free: dict[int, int]):
        numbing, treatment, turnaround = plan.numbing // 5, plan.treatment // 5, plan.turnaround // 5
        whole = ((1 << (numbing + treatment + turnaround)) - 1) << begin
        core = ((1 << treatment) - 1) << (begin + numbing)
        wanted = [(self.rooms, whole), (self.people, core)] + (
            [(self.devices, core)] if plan.modality.needs_device else []
        )
        chosen = []
        for kind, mask in wanted:
            fit = [one for one in kind if free[one.pk] & mask == mask]
            if not fit:
                return None
            chosen.append((fit[0], mask))  # first fit, as the product keeps whole rooms free
        for one, mask in chosen:
            free[one.pk] &= ~mask
        return [one for one, _ in chosen] + [None] * (3 - len(chosen))

    def _row(self, plan: VisitPlan, day: date, begin: int, visit):
        room, practitioner, device = visit
        start = datetime.combine(day, time(9), ZONE) + timedelta(minutes=5 * begin)
        self.turn = (self.turn + 1) % len(self.patients)
        patient = self.patients[self.turn]
        row = Appointment(
            id=uuid.uuid4(),
            reference=new_reference() + str(self.turn % 100),
            state=State.CONFIRMED,
            clearance=Clearance.CLEARED,
            modality=plan.modality,
            patient_id=patient.patient_id,
            location=self.location,
            practitioner=practitioner,
            room=room,
            device=device,
            price=plan.price,
            currency=plan.currency,
            **times_of(plan, start),
        )
        spans = {
            room: (row.start, row.end),
            practitioner: (row.treatment_start, row.treatment_end),
            device: (row.treatment_start, row.treatment_end),
            patient: (row.start, row.treatment_end),
        }
        return (
            row,
            plan,
            [
                Allocation(appointment=row, resource=resource, during=DateTimeTZRange(*span))
                for resource, span in spans.items()
                if resource is not None
            ],
        )
