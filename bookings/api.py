"""Free times and bookings for machines. Refusals are problem documents; a booking answers to its bearer token."""

from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings import selectors, video
from bookings.api_serializers import (
    GENDERS,
    AvailabilityQuery,
    BookingRequest,
    BookingSerializer,
    FreeTimesSerializer,
    MoveRequest,
    NewBookingSerializer,
    PatientRequest,
    ProblemSerializer,
    booking_document,
    free_times_document,
)
from bookings.callers import caller_of, own_booking
from bookings.links import manage_token
from bookings.models import Appointment, Location, Resource
from bookings.services import details, holds, lifecycle, moves
from bookings.services.remembering import Answer, once
from bookings.states import CancelReason, Source
from clinic.errors import DomainError, Invalid
from clinic.people.access import ANYONE, DESK, OWNER, PRACTITIONER, Actor
from clinic.people.authentication import bearer_of
from clinic.proxies import address_of

STAFF = (DESK, PRACTITIONER, OWNER)
UNGUESSABLE = 20
REFUSALS = dict.fromkeys((400, 404, 409, 422, 429), ProblemSerializer)
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same key gives the same answer however often it is sent; with another body it is refused.",
)
DAY, SLUG = OpenApiTypes.DATE, OpenApiTypes.STR


class AvailabilityView(APIView):
    """When a treatment can begin."""

    policy = "availability.read"

    @extend_schema(
        operation_id="availability",
        parameters=[
            OpenApiParameter("treatment", SLUG, required=True),
            OpenApiParameter("areas", SLUG, required=True, description="Area slugs, separated by commas."),
            OpenApiParameter("from", DAY, required=True, description="First local day, included."),
            OpenApiParameter("to", DAY, required=True, description="Last local day, included; at most 62 in all."),
            OpenApiParameter("practitioner", SLUG),
            OpenApiParameter("location", SLUG),
            OpenApiParameter("gender", SLUG, enum=GENDERS, description="Of the practitioner. Left out: anyone."),
            OpenApiParameter("consult", OpenApiTypes.BOOL, description="A consultation first, in the same visit."),
            OpenApiParameter("video", OpenApiTypes.BOOL, description="By video; a consultation only."),
            OpenApiParameter("bookable_from", DAY, description="As `screen` answered: nothing before it is listed."),
        ],
        responses={200: FreeTimesSerializer, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        asked = AvailabilityQuery.read(request.query_params)
        refuse_video(asked.video)
        book = selectors.current_book()
        how = {"consult": asked.consult, "video": asked.video}
        found = selectors.free_starts(
            plan=selectors.plan_for(book, modality=asked.treatment, areas=asked.areas, **how),
            book=book,
            first=asked.first,
            last=asked.last,
            practitioner=asked.practitioner,
            location=asked.location,
            gender=asked.gender,
            bookable_from=asked.bookable_from,
            staff=request.actor.kind in STAFF,
        )
        if not found.starts:
            refuse_unknown(asked.practitioner, asked.location)
        return Response(free_times_document(found))


class BookingsView(APIView):
    """A time kept for ten minutes."""

    policy = "booking.hold"

    @extend_schema(
        operation_id="hold",
        request=BookingRequest,
        responses={201: NewBookingSerializer, **REFUSALS},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        return remembered(request, lambda: self._hold(request))

    def _hold(self, request: Request) -> Answer:
        asked = BookingRequest.plain(request.data) or read(BookingRequest, request.data)
        refuse_unknown(asked.get("practitioner"), asked.get("location"))
        refuse_video(asked.get("video", False))
        staff = request.actor.kind in STAFF
        how = {name: asked.get(name, False) for name in ("consult", "video")}
        visit = selectors.Asked(asked["treatment"], tuple(sorted(set(asked["areas"]))), **how)
        row = holds.hold_slot(
            plan=visit,
            start=asked["start"],
            practitioner=asked.get("practitioner"),
            location=asked.get("location"),
            gender=asked.get("gender"),
            bookable_from=asked.get("bookable_from"),
            source=Source.DESK if staff else Source.ONLINE,
            language=asked.get("language") or _language(),
            caller=caller_of(request),
            actor=request.actor,
            staff=staff,
        )
        return 201, _fresh_document(row, visit) | {"token": manage_token(row)}


class BookingView(APIView):
    policy = "booking.own"

    @extend_schema(operation_id="booking", responses={200: BookingSerializer, 404: ProblemSerializer})
    def get(self, request: Request, identifier: UUID) -> Response:
        row, _actor = own_booking(request, identifier)
        return Response(booking_document(row))


class PatientView(APIView):
    """Who comes. The booking is then reserved until its health form is due."""

    policy = "booking.own"

    @extend_schema(
        operation_id="booking_patient", request=PatientRequest, responses={200: BookingSerializer, **REFUSALS}
    )
    def put(self, request: Request, identifier: UUID) -> Response:
        row, actor = own_booking(request, identifier)
        given = read(PatientRequest, request.data)
        given["language"] = given.get("language") or row.language
        row = details.give_details(row, **given, source="api", actor=actor)
        return Response(booking_document(selectors.get_appointment(row.pk)))


class MoveView(APIView):
    policy = "booking.own"

    @extend_schema(
        operation_id="booking_move",
        request=MoveRequest,
        responses={200: BookingSerializer, **REFUSALS},
        parameters=[KEY],
    )
    def post(self, request: Request, identifier: UUID) -> Response:
        row, actor = own_booking(request, identifier)

        def act() -> Answer:
            asked = read(MoveRequest, request.data)
            refuse_unknown(asked.get("practitioner"), None)
            refuse_video(asked.get("video", False))
            moved = moves.move(
                row,
                start=asked["start"],
                practitioner=asked.get("practitioner"),
                video=asked.get("video"),
                actor=actor,
                staff=actor.kind in STAFF,
            )
            return 200, booking_document(selectors.get_appointment(moved.pk))

        return remembered(request, act)


class CancelView(APIView):
    policy = "booking.own"

    @extend_schema(
        operation_id="booking_cancel",
        request=None,
        responses={200: BookingSerializer, **REFUSALS},
        parameters=[KEY],
    )
    def post(self, request: Request, identifier: UUID) -> Response:
        row, actor = own_booking(request, identifier)

        def act() -> Answer:
            lifecycle.cancel(row, reason=_who_cancels(actor), actor=actor)
            return 200, booking_document(selectors.get_appointment(row.pk))

        return remembered(request, act)


def remembered(request: Request, act: Any) -> Response:
    """Answers a POST once per Idempotency-Key, where one is given."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        status, document = act()
    else:
        scope = f"{request.method} {request.path} {_asker(request, key)}"
        status, document = once(key, scope=scope, body=request.data, act=act)
    content_type = "application/problem+json" if status >= 400 else None
    return Response(document, status=status, content_type=content_type)


def _asker(request: Request, key: str) -> str:
    """Whose key it is. The answer may carry a token, so nobody gets it by guessing somebody else's key: a short one
    counts only from the address it came from."""
    if token := bearer_of(request):
        return token
    if request.actor.kind != ANYONE:
        return request.actor.label
    return "" if len(key) >= UNGUESSABLE else address_of(request)


def read(serializer: type, data: Any) -> dict[str, Any]:
    """Validated input; a 400 names the fields."""
    reader = serializer(data=data)
    reader.is_valid(raise_exception=True)
    return reader.validated_data


def _fresh_document(row: Appointment, visit: selectors.Asked) -> dict[str, Any]:
    """What has just been held, in the names its engine knew: nothing is read again."""
    book = selectors.kept_book()
    keys = {"location": row.location_id, "practitioner": row.practitioner_id, "room": row.room_id}
    names = book.names(**keys) if book else None
    if names is None:
        [row] = selectors.with_resources([row])
    return booking_document(row, areas=visit.plan(book).areas, names=names)


def refuse_unknown(practitioner: str | None, location: str | None) -> None:
    """Names a practitioner or location that does not exist at its field."""
    wrong = {}
    if practitioner and not Resource.objects.filter(kind="practitioner", slug=practitioner, active=True).exists():
        wrong["practitioner"] = [_("We have no practitioner of that name.")]
    if location and not Location.objects.filter(slug=location, active=True).exists():
        wrong["location"] = [_("We have no location of that name.")]
    if wrong:
        raise Invalid(wrong)


def refuse_video(wished: bool) -> None:
    if wished and not video.is_offered():
        raise DomainError("no_video", _("We don't offer visits by video."), status=422, field="video")


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _who_cancels(actor: Actor) -> CancelReason:
    return CancelReason.CLINIC if actor.kind in STAFF else CancelReason.PATIENT
