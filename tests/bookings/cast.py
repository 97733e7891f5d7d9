"""A small clinic and its people, made with dull factories. Monday to Saturday, 9 to 18, Istanbul unless said so."""

from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import count
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from bookings.models import Device, Location, OpeningHours, Practitioner, Resource, Room, WorkingHours
from bookings.services.holds import hold_slot
from bookings.services.lifecycle import confirm, record_clearance, reserve
from bookings.states import Clearance
from clinic.people.models import Patient
from treatments.models import Area, Modality, Offer
from treatments.selectors import visit_plan

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)  # a Monday, 9 o'clock in Istanbul
_numbers = count(1)


def make_catalogue() -> SimpleNamespace:
    face, _ = Area.objects.get_or_create(slug="face", defaults={"group": "face", "names": {"en": "Face"}})
    neck, _ = Area.objects.get_or_create(slug="neck", defaults={"group": "body", "names": {"en": "Neck"}})
    made = SimpleNamespace(face=face, neck=neck)
    for slug, numbing, minutes, needles, device in (
        ("pen", 30, 45, True, True),
        ("peel", 0, 30, False, False),
        ("laser", 20, 30, False, True),
        ("consult", 0, 30, False, False),
    ):
        modality = Modality.objects.create(
            slug=slug,
            names={"en": slug},
            numbing_minutes=numbing,
            turnaround_minutes=15,
            sessions_max=6,
            spacing_min=28,
            spacing_max=42,
            needles=needles,
            needs_device=device,
        )
        for area in (face, neck):
            Offer.objects.create(
                modality=modality, area=area, treatment_minutes=minutes, price=Decimal(3000), currency="TRY"
            )
        setattr(made, slug, modality)
    return made


def make_location(slug: str = "moda", zone: str = "Europe/Istanbul", *, days=range(6), opens=9, closes=18) -> Location:
    location = Location.objects.create(slug=slug, name=slug.title(), timezone=zone, address="Moda Caddesi 12")
    for weekday in days:
        OpeningHours.objects.create(location=location, weekday=weekday, opens=time(opens), closes=time(closes % 24))
    return location


def make_practitioner(slug: str, location: Location, modalities, *, days=range(6), lunch=True) -> Resource:
    resource = Resource.objects.create(kind="practitioner", name=slug.title(), slug=slug, location=location)
    Practitioner.objects.create(resource=resource).skills.set(modalities)
    halves = [(time(9), time(13)), (time(14), time(18))] if lunch else [(time(0), time(0))]
    for weekday in days:
        for starts, ends in halves:
            WorkingHours.objects.create(resource=resource, weekday=weekday, starts=starts, ends=ends)
    return resource


def make_room(slug: str, location: Location, modalities) -> Resource:
    resource = Resource.objects.create(kind="room", name=slug.title(), slug=slug, location=location)
    Room.objects.create(resource=resource).suits.set(modalities)
    return resource


def make_device(slug: str, location: Location, modalities) -> Resource:
    resource = Resource.objects.create(kind="device", name=slug.title(), slug=slug, location=location)
    Device.objects.create(resource=resource).serves.set(modalities)
    return resource


def make_clinic(zone: str = "Europe/Istanbul", **options) -> SimpleNamespace:
    """Two practitioners, two rooms, one pen device and one laser."""
    catalogue = make_catalogue()
    everything = [catalogue.pen, catalogue.peel, catalogue.laser, catalogue.consult]
    location = make_location(zone=zone, **options)
    return SimpleNamespace(
        location=location,
        ayse=make_practitioner("ayse", location, everything),
        deniz=make_practitioner("deniz", location, everything),
        room1=make_room("room-1", location, everything),
        room2=make_room("room-2", location, everything),
        device=make_device("pen-1", location, [catalogue.pen]),
        beam=make_device("laser-1", location, [catalogue.laser]),
        **vars(catalogue),
    )


def make_patient(name: str = "Elif Aydın", **fields) -> Patient:
    phone = fields.pop("phone", f"+9053255501{next(_numbers) % 100:02}")
    return Patient.objects.create(name=name, phone=phone, **fields)


def at(text: str, zone: str = "Europe/Istanbul") -> datetime:
    """`at("2027-03-02 10:00")`, local."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def plan(modality: str = "pen", *areas: str):
    return visit_plan(modality=modality, areas=areas or ("face",))


def held(start: str = "2027-03-02 10:00", modality: str = "pen", *, now: datetime = NOW, **options):
    areas = options.pop("areas", ("face",))
    return hold_slot(plan=plan(modality, *areas), start=at(start), now=now, **options)


def reserved(start: str = "2027-03-02 10:00", modality: str = "pen", *, now: datetime = NOW, patient=None, **options):
    return reserve(held(start, modality, now=now, **options), patient=patient or make_patient(), now=now)


def confirmed(start: str = "2027-03-02 10:00", modality: str = "pen", *, now: datetime = NOW, **options):
    row = reserved(start, modality, now=now, **options)
    row = record_clearance(row, clearance=Clearance.CLEARED, now=now)
    return confirm(row, now=now)


def pending(start: str = "2027-03-08 10:00", modality: str = "pen", *, now: datetime = NOW, **options):
    row = reserved(start, modality, now=now, **options)
    row = record_clearance(row, clearance=Clearance.REVIEW, now=now)
    return confirm(row, now=now)
