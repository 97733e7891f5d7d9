"""Which visits the demo diary holds, relative to today. Pure and repeatable: the same day gives the same diary."""

import datetime as dt
import random
from dataclasses import dataclass

from consultations.demo.cast import DOUBTFUL, MILD, PATIENTS, PRACTITIONERS, USUAL

# How many visits each practitioner has on a day so many days from today.
DENSITY = {
    -12: 1,
    -9: 1,
    -7: 2,
    -5: 2,
    -3: 2,
    -2: 3,
    -1: 3,
    0: 5,
    1: 4,
    2: 4,
    3: 3,
    4: 3,
    5: 2,
    6: 2,
    8: 2,
    10: 1,
    13: 1,
    17: 1,
}
FUTURE = ["confirmed"] * 7 + ["pending", "pending", "reserved", "approved", "cancelled"]
PAST = ["done"] * 8 + ["no_show", "cancelled"]


@dataclass(frozen=True)
class Visit:
    """One visit to make. ``fate`` is how it stands today; ``booked`` how many days before the visit it was made."""

    day: dt.date
    practitioner: str
    modality: str
    areas: tuple[str, ...]
    patient: int
    fate: str
    answers: dict[str, str]
    booked: int
    pick: float


def visits(today: dt.date) -> list[Visit]:
    """In the order they would have been booked: past first. A little over a hundred."""
    rng = random.Random(20_260_512)
    order = list(range(len(PATIENTS)))
    rng.shuffle(order)
    found: list[Visit] = []
    turn = 0
    for offset, count in DENSITY.items():
        day = today + dt.timedelta(days=offset)
        for person in PRACTITIONERS:
            if day.weekday() not in person["hours"]:
                continue
            for _number in range(count):
                modality, areas = rng.choice(USUAL[person["slug"]])
                fate = rng.choice(PAST) if offset < 0 else "today" if offset == 0 else rng.choice(FUTURE)
                doubtful = fate in ("pending", "approved")
                answers = rng.choice(DOUBTFUL if doubtful else MILD)
                patient = order[turn % len(order)]
                found.append(
                    Visit(
                        day,
                        person["slug"],
                        modality,
                        tuple(areas),
                        patient,
                        fate,
                        answers,
                        rng.randint(2, 9),
                        rng.random(),
                    )
                )
                turn += 1
    return found
