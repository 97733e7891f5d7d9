"""What the product is measured against: the least code that gives an equal answer, for practitioners only."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

ZONE = ZoneInfo("Europe/Istanbul")
OPENS, LUNCH, BACK, CLOSES = 9 * 60, 13 * 60, 14 * 60, 18 * 60
BUSY = """
SELECT resource_id, lower(during), upper(during) FROM bookings_allocation
 WHERE active AND resource_id IN (SELECT practitioner_id FROM bookings_practitioner_skills s
                                    JOIN treatments_modality m ON m.id = s.modality_id WHERE m.slug = %s)
   AND lower(during) >= %s AND lower(during) < %s ORDER BY resource_id, lower(during)
"""


def _answer(document: dict, status: int = 200) -> HttpResponse:
    answer = JsonResponse(document, status=status)
    answer["Content-Length"] = len(answer.content)  # without middleware nobody else says it
    return answer


def constant(request: HttpRequest) -> HttpResponse:
    return _answer({"timezone": "Europe/Istanbul", "days": []})


def availability(request: HttpRequest) -> HttpResponse:
    """One query and a sweep: starts at which some practitioner is free for the treatment after the numbing."""
    first, last = (date.fromisoformat(request.GET[name]) for name in ("from", "to"))
    numbing, treatment = int(request.GET["numbing"]), int(request.GET["minutes"])
    begin = datetime.combine(first, datetime.min.time(), ZONE)
    end = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE)
    with connection.cursor() as cursor:
        cursor.execute(BUSY, [request.GET["treatment"], begin, end])
        rows = cursor.fetchall()
    taken: dict[tuple[int, date], list] = {}
    offset = begin.utcoffset().seconds // 60  # the zone has had one offset since 2016, and nobody works at night
    for who, busy_from, busy_to in rows:
        span = (busy_from.hour * 60 + busy_from.minute + offset, busy_to.hour * 60 + busy_to.minute + offset)
        taken.setdefault((who, busy_from.date()), []).append(span)
    people = [int(who) for who in request.GET["people"].split(",")]
    after = datetime.now(UTC) + timedelta(hours=2)
    days = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        found: set[int] = set()
        if day.weekday() < 6:
            for who in people:
                found |= _sweep(taken.get((who, day), ()), numbing, treatment)
        midnight = datetime.combine(day, datetime.min.time(), ZONE)
        starts = [midnight + timedelta(minutes=minute) for minute in sorted(found)]
        days.append({"date": day.isoformat(), "starts": [one.isoformat() for one in starts if one >= after]})
    return _answer({"timezone": "Europe/Istanbul", "days": days})


def _sweep(busy, numbing: int, treatment: int) -> set[int]:
    """Start minutes of one practitioner's day whose treatment lies in a gap between what is taken."""
    found = set()
    for opens, closes in ((OPENS, LUNCH), (BACK, CLOSES)):
        edge = opens
        for begin, end in [*(span for span in busy if opens <= span[0] < closes), (closes, closes)]:
            first = max(-(-(edge - numbing) // 15) * 15, OPENS)
            found.update(range(first, begin - numbing - treatment + 1, 15))
            edge = max(edge, end)
    return found


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """The least a hold could be: three inserts in one transaction, nothing checked."""
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute("INSERT INTO bench_insert (resource_id, during) VALUES (1, tstzrange(now(), now()))")
    return _answer({"ok": True}, status=201)
