"""An answer as a process gives it that knows nothing yet. For measuring only: the product has no way to forget."""

from django.http import HttpRequest, HttpResponse

from bookings import ticks
from bookings.api import AvailabilityView
from bookings.selectors import books

_answer = AvailabilityView.as_view()


def forget() -> None:
    """Drops the process's copy of the diaries and every timeline that was worked out before."""
    books._kept.clear()
    for one in vars(ticks).values():
        if hasattr(one, "cache_clear"):
            one.cache_clear()


def availability(request: HttpRequest) -> HttpResponse:
    """Free times through the API's own view, behind the same middleware, with nothing remembered."""
    forget()
    return _answer(request)
