"""Which resources a start takes: locked first, then chosen by the engine; or why it can't be had."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError
from django.utils.translation import gettext as _

from bookings import clock
from bookings.book import Book
from bookings.facts import Assignment
from bookings.models import Resource
from bookings.reasons import TAKEN
from bookings.selectors.books import Asked, current_book, kept_book, look
from bookings.selectors.free_times import Wish, day_of, nearest_starts, picture, reasons_at, zone_of
from bookings.services import lifecycle
from bookings.services.locks import LOCK, Overtaken, in_order
from bookings.services.swapping import make_way
from bookings.ticks import TICK
from clinic.dates import clock as say_clock
from clinic.errors import DomainError, NotAllowed
from clinic.people.access import Actor, may
from treatments.selectors import VisitPlan


@dataclass(frozen=True, slots=True)
class Locked:
    """Every resource that could serve is locked. `now` and `book` are as seen after that; no book: read it anew."""

    plan: VisitPlan
    now: datetime
    book: Book | None
    ids: frozenset[int]
    patient_resource: int | None


def lock_candidates(plan: VisitPlan | Asked, wish: Wish, patient_resource: int | None) -> Locked:
    """Locks every resource that could serve, in id order: whoever wants any of them stands in one line.

    Which ones, the process's copy of the diaries says, old or not; `choose` judges that once they are locked.
    """
    guess = kept_book() or current_book()
    if guess is None:  # the transaction has changed diaries and there is no copy: everything of the clinic
        ids = set(Resource.objects.exclude(kind="patient").values_list("pk", flat=True))
    else:
        ids = _able(guess, plan.plan(guess) if isinstance(plan, Asked) else plan, wish)
    ids |= {patient_resource} if patient_resource else set()
    seen = look(LOCK, ids=in_order(ids))
    settled = plan.plan(seen.book) if isinstance(plan, Asked) else plan
    return Locked(settled, clock.database_now(seen.now), seen.book, frozenset(ids), patient_resource)


def lock_candidates_of(plans: Sequence[VisitPlan], patient_resource: int | None) -> None:
    """Locks every resource that could serve any of these visits at once, in id order, before they are taken one by one."""
    guess = kept_book() or current_book()
    if guess is None:
        ids = set(Resource.objects.exclude(kind="patient").values_list("pk", flat=True))
    else:
        ids = set().union(*(_able(guess, plan, Wish()) for plan in plans))
    look(LOCK, ids=in_order(ids | ({patient_resource} if patient_resource else set())))


def choose(
    locked: Locked,
    *,
    start: datetime,
    wish: Wish,
    now: datetime,
    prefer: int | None = None,
    actor: Actor | None = None,
) -> Assignment:
    """The resources for a start, free once this returns: what lay in the way of it has another room or device.

    Raises SlotTaken; Overtaken when somebody who was not locked could serve by now.
    """
    day = day_of(start, book=locked.book, location=wish.location)
    seen = picture(plan=locked.plan, first=day, last=day, wish=wish, now=now, book=locked.book)
    if not _able(seen.book, locked.plan, wish) <= locked.ids:
        raise Overtaken
    if reasons := reasons_at(seen, start):
        raise SlotTaken(reasons)
    end = start + timedelta(seconds=seen.board.need.total * TICK)
    edges = (int(start.timestamp()), int(end.timestamp()))
    if locked.patient_resource or seen.book.has_lapsed(locked.ids, *edges, now.timestamp()):
        lifecycle.clear_lapsed(start, end, now=now, ignore=wish.ignore)
    chosen = seen.board.assign(seen.board.frame.tick(int(start.timestamp())), prefer=prefer)[0]
    make_way(chosen.swaps, actor=actor, now=now)
    return chosen


def _able(book: Book, plan: VisitPlan, wish: Wish) -> set[int]:
    return book.able(
        modality_id=plan.modality.pk,
        needs_device=plan.needs_device,
        needs_room=not plan.video,
        talk_id=plan.talk_id,
        practitioner=wish.practitioner,
        gender=wish.gender,
    )


def refuse_coming_near(reason: str, actor: Actor | None) -> None:
    """NotAllowed unless there is no reason to ask for, or a practitioner gives it."""
    if reason and not (actor and may(actor, "interval.override")):
        raise NotAllowed


def settled(plan: VisitPlan | Asked) -> VisitPlan:
    return plan.plan(current_book()) if isinstance(plan, Asked) else plan


class SlotTaken(Exception):
    """Inside a transaction that is about to be given up; becomes a refusal with the nearest times outside it."""

    def __init__(self, reasons) -> None:
        super().__init__()
        self.reasons = reasons


def is_overlap(problem: IntegrityError) -> bool:
    """Whether the database refused because somebody who did not queue at the locks has the time."""
    return getattr(getattr(problem.__cause__, "diag", None), "constraint_name", "") == "allocation_no_overlap"


def refused(refusal: SlotTaken, *, plan: VisitPlan, start: datetime, wish: Wish, now: datetime | None) -> DomainError:
    """The refusal a person reads, with the free starts nearest to what they wanted."""
    nearest = nearest_starts(plan=plan, start=start, now=now, **asdict(wish))
    extra = {
        "nearest": [one.isoformat() for one in nearest],
        "reasons": [{"code": one.code, "sentence": one.sentence} for one in refusal.reasons],
    }
    if all(one.code in TAKEN for one in refusal.reasons):
        when = say_clock(start.astimezone(ZoneInfo(zone_of(wish.location))))
        sentence = _("Someone booked %(time)s a moment ago. Nothing you entered is lost. These are the closest times.")
        return DomainError("slot_taken", sentence % {"time": when}, field="start", extra=extra)
    sentences = [one.sentence for one in refusal.reasons]
    return DomainError("start_not_possible", sentences[0], status=422, fields={"start": sentences}, extra=extra)
