"""What all pages about enquiries share: the browser's draft, the files of a request, a picture as an answer."""

from itertools import zip_longest
from typing import Any

from csp.decorators import csp_update
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from bookings.callers import caller_of
from bookings.links import appointment_id_of, manage_token
from bookings.services.limits import refuse_guessing
from clinic.errors import DomainError, NotFound
from clinic.people.access import Actor
from consultations.check_ins import URGENT
from consultations.enquiry_links import enquiry_id_of, enquiry_token
from consultations.models import AdverseEvent, Enquiry, EnquiryDraft, Photo, Standing
from consultations.selectors import check_ins
from consultations.selectors import enquiries as selectors
from consultations.services.enquiry_limits import refuse_uploading
from consultations.services.photos import add_photo, why_not
from consultations.views.visitor import caller, is_open_here, private, url_of

DRAFT, SENT = "ask", "asked"
MOST, MOST_IN_THREAD = 6, 12
"""Photos with a question, and in the whole thread."""


def draft_of(request: HttpRequest) -> EnquiryDraft | None:
    return selectors.live_draft(request.session.get(DRAFT))


def enquiry_by_link(request: HttpRequest, token: str) -> Enquiry:
    """NotFound for any other token, TooMany after many wrong ones."""
    if (found := enquiry_id_of(token)) is None:
        refuse_guessing(caller_of(request))
        raise NotFound
    return selectors.get_enquiry(found)


def is_read_here(request: HttpRequest, enquiry: Enquiry) -> bool:
    """Whether this browser sent it or has shown a code: for the enquiry, or for the visit that a check-in follows."""
    by_visit = enquiry.is_check_in and is_open_here(request, enquiry.visit)
    return by_visit or is_open_here(request, enquiry)


def visit_url(enquiry: Enquiry, name: str) -> str:
    """A page of the visit that a check-in follows; nothing for a question, and when the visit's link opens no more."""
    if not enquiry.is_check_in or appointment_id_of(manage_token(enquiry.visit)) is None:
        return ""
    return url_of(name, enquiry.visit)


def hurry_of(enquiry: Enquiry) -> str:
    """What its patient is told at once. The lesser signs are common in a check-in, where they only shorten the wait."""
    if enquiry.standing != Standing.WAITING or (enquiry.is_check_in and enquiry.urgency not in URGENT):
        return ""
    return enquiry.urgency


def patient_of(enquiry: Enquiry) -> Actor:
    return Actor("patient", patient_id=str(enquiry.patient_id))


def url_token(enquiry: Enquiry) -> dict[str, str]:
    return {"token": enquiry_token(enquiry)}


def keep_photos(
    request: HttpRequest, owner: EnquiryDraft | Enquiry | AdverseEvent, *, most: int
) -> tuple[int, list[str]]:
    """Keeps the photos that came with this request. Returns how many, and a sentence for each that was not kept."""
    files: list[UploadedFile] = [one for name in ("photos", "camera") for one in request.FILES.getlist(name)]
    kept, said = 0, [_sentence(name, why_not("size")) for name in getattr(request, "too_large", [])]
    if files:
        refuse_uploading(caller(request), files=len(files))
    for file in files:
        try:
            add_photo(owner, data=file.read(), most=most)
            kept += 1
        except DomainError as refusal:
            sentences = refusal.fields.get("photos", [str(refusal)])
            said += [_sentence(file.name, str(one)) for one in sentences]
    return kept, said


def _sentence(name: str, why: str) -> str:
    """The name is kept apart from the words around it, whichever way either is written."""
    return f"\u2068{name[:60]}\u2069: {why}"


@csp_update({"sandbox": True})
def picture(request: HttpRequest, photo: Photo, *, size: str) -> HttpResponse:
    """The JPEG, under one name for all, for this browser only and never kept by it."""
    response = private(HttpResponse(selectors.picture(photo, size=size), content_type="image/jpeg"))
    response.headers["Content-Disposition"] = 'inline; filename="photo.jpg"'
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def side_by_side(
    request: HttpRequest, of: Enquiry | AdverseEvent, photos: list[Photo], *, here: str, url: Any
) -> dict[str, Any] | None:
    """Its photos beside those of another day: the first, or ``?with=`` its date. None where either are missing."""
    days = check_ins.other_photos(of) if photos else []
    if not days:
        return None
    wanted = request.GET.get("with", "")
    chosen = next((one for one in days if one.day.isoformat() == wanted), days[0])
    return {
        "own": check_ins.own_day(of, photos),
        "chosen": chosen,
        "days": days,
        "pairs": list(zip_longest(shown(chosen.photos, url), shown(photos, url))),
        "follows": check_ins.visit_of(of) is not None,
        "here": here,
    }


def shown(photos: list[Photo], url: Any) -> list[dict[str, Any]]:
    """Photos for a page; ``url(photo, size)`` is where each is."""
    return [{"photo": one, "thumb": url(one.pk, "thumb"), "full": url(one.pk, "full")} for one in photos]
