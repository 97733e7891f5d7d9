"""What floors above add to a visit's page at the desk: form and consent, in words without answers.

A provider is registered in `AppConfig.ready()`. Nothing here says what the lines are about, so that bookings imports
nobody above it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bookings.models import Appointment
from clinic.people.access import Actor, may


@dataclass(frozen=True)
class PanelLine:
    """One line, such as "Health form: complete". `tone` is ok, warn or grey; warn asks for care at check-in. With a
    `policy` only those see it who may do that."""

    label: str
    value: str
    tone: str = "grey"
    url: str = ""
    policy: str = "diary.read"


Provider = Callable[[Appointment], Iterable[PanelLine]]
_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Adds a provider once; may be used as a decorator."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def lines(appointment: Appointment, *, actor: Actor) -> list[PanelLine]:
    found = (line for provider in _providers for line in provider(appointment))
    return [line for line in found if may(actor, line.policy)]
