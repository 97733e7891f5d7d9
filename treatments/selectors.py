"""Reads the catalogue, each function in a fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from clinic.errors import DomainError, NotFound

from .models import Area, Modality, Offer

CONSULTATION = "consult"
FURTHER_AREA_MINUTES = 15
STEP_MINUTES = 5


@dataclass(frozen=True)
class VisitPlan:
    """What one visit needs, in minutes. Numbing and turnaround take the room only, treatment everything.

    `talk` is a consultation that comes first in the same visit; `talk_id` is its modality's key, for whoever may hold it.
    `video`: they see each other on a screen, so it takes the practitioner and nothing else.
    """

    modality: Modality
    areas: tuple[Area, ...]
    numbing: int
    treatment: int
    turnaround: int
    price: Decimal
    currency: str
    talk: int = 0
    talk_id: int | None = None
    video: bool = False

    @property
    def needs_device(self) -> bool:
        return self.modality.needs_device and not self.video

    @property
    def patient_minutes(self) -> int:
        """How long the patient is with us."""
        return self.talk + self.numbing + self.treatment

    @property
    def room_minutes(self) -> int:
        return self.patient_minutes + self.turnaround

    def held(self, *, video: bool) -> "VisitPlan":
        """The same visit by video, or in the clinic. DomainError `no_video` (422, field `video`) for a treatment."""
        if video == self.video:
            return self
        if video and self.modality.slug != CONSULTATION:
            message = _("Only a consultation can be held by video. Leave video out, or book a consultation.")
            raise DomainError("no_video", message, status=422, field="video")
        tidying = 0 if video else _rounded(self.modality.turnaround_minutes)
        return replace(self, video=video, turnaround=tidying)


def _with_offers() -> Prefetch:
    return Prefetch("offers", Offer.objects.select_related("area").order_by("area__order", "area__slug"))


def list_modalities(*, bookable: bool = True) -> QuerySet[Modality]:
    """All modalities in the catalogue's order with their offers and areas; page texts are left out. Two queries."""
    found = Modality.objects.defer("content").prefetch_related(_with_offers())
    return found.filter(bookable=True) if bookable else found


def get_modality(slug: str) -> Modality:
    """One modality with its texts, offers and areas. Two queries. NotFound `unknown_treatment` (404)."""
    modality = Modality.objects.prefetch_related(_with_offers()).filter(slug=slug).first()
    if modality is None:
        raise NotFound(_("We have no treatment of that name."), code="unknown_treatment")
    return modality


def visit_plan(*, modality: str, areas: Sequence[str], consult: bool = False, video: bool = False) -> VisitPlan:
    """Minutes and price of one visit for `modality` on `areas`. Two queries; one more with `consult`.

    Of several areas the longest sets the length and each further one adds 15 minutes, rounded up to 5; prices add up.
    A modality sold by the visit (consultation) has one length and one price. An area named twice counts once; the
    order of the areas is the catalogue's. `consult` puts a consultation before the treatment, in the same visit and at
    its own price on top; before a consultation it means nothing. `video` is for a consultation alone.

    Raises DomainError `unknown_treatment` (404), also for one that cannot be booked; `no_area` and `area_not_offered`
    (422, field `areas`); `no_consultation` (422, field `consult`); `no_video` (422, field `video`).
    """
    chosen = Modality.objects.defer("content").filter(slug=modality, bookable=True).first()
    if chosen is None:
        raise NotFound(_("We have no treatment of that name."), code="unknown_treatment")
    wanted = set(areas)
    if not wanted:
        raise DomainError("no_area", _("Choose at least one area."), status=422, field="areas")
    offers = list(chosen.offers.filter(area__slug__in=wanted).select_related("area"))
    if len(offers) < len(wanted):
        message = _("We don't offer this treatment on that area. Choose another area, or book a consultation.")
        raise DomainError("area_not_offered", message, status=422, field="areas")
    minutes = max(offer.treatment_minutes for offer in offers)
    if chosen.per_visit:
        price = max(offer.price for offer in offers)
    else:
        minutes += FURTHER_AREA_MINUTES * (len(offers) - 1)
        price = sum((offer.price for offer in offers), Decimal(0))
    talk = _consultation(wanted) if consult and chosen.slug != CONSULTATION else None
    plan = VisitPlan(
        modality=chosen,
        areas=tuple(offer.area for offer in offers),
        numbing=_rounded(chosen.numbing_minutes),
        treatment=_rounded(minutes),
        turnaround=_rounded(chosen.turnaround_minutes),
        price=price + (talk.price if talk else 0),
        currency=offers[0].currency,
        talk=_rounded(talk.treatment_minutes) if talk else 0,
        talk_id=talk.modality_id if talk else None,
    )
    return plan.held(video=video)


def consultation_id() -> int | None:
    """The key of the consultation in the catalogue. One query."""
    return Modality.objects.filter(slug=CONSULTATION).values_list("pk", flat=True).first()


def consultation_offer(areas: Collection[str] | None = None) -> Offer | None:
    """What a consultation about these areas, or about any, takes and costs: the longest of them, as one visit."""
    offers = Offer.objects.filter(modality__slug=CONSULTATION, modality__bookable=True)
    offers = offers if areas is None else offers.filter(area__slug__in=areas)
    return offers.order_by("-treatment_minutes", "-price").first()


def _consultation(areas: Collection[str]) -> Offer:
    found = consultation_offer(areas)
    if found is None:
        message = _("We don't offer a consultation about that area. Book the treatment alone, or call us.")
        raise DomainError("no_consultation", message, status=422, field="consult")
    return found


def _rounded(minutes: int) -> int:
    return -(-minutes // STEP_MINUTES) * STEP_MINUTES
