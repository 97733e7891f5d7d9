"""Draws the pictures of availability.md from what the engine itself answers for a small made-up day.

python docs/draw_availability.py

Nothing is drawn by hand: free times, starts, resources and swaps are the engine's. A test draws them again and compares.
"""

import sys
from collections.abc import Iterator
from datetime import date
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bookings.availability import Board, board
from bookings.facts import DEVICE, PATIENT, PRACTITIONER, ROOM, Need, PlaceFacts, ResourceFacts
from bookings.ticks import TICK, Frame, erode, opens_at

FOLDER = Path(__file__).resolve().parent / "pictures"
ZONE, DAY = "Europe/Istanbul", date(2027, 3, 2)  # a Tuesday
OPENS, CLOSES = 9 * 60, 17 * 60
NEED = Need.of_minutes(30, 45, 15, talk=15)
VISITS = (  # what is booked already: a need in minutes (talk, numbing, treatment, turnaround), and who has it when
    ("A", (0, 30, 45, 15), 9 * 60, {ROOM: 1, PRACTITIONER: 11, DEVICE: 21}),
    ("B", (0, 0, 30, 0), 10 * 60, {ROOM: 2, PRACTITIONER: 12}),
    ("C", (0, 30, 45, 15), 11 * 60, {ROOM: 2, PRACTITIONER: 12, DEVICE: 21}),
    ("D", (0, 0, 30, 10), 14 * 60 + 30, {ROOM: 1, PRACTITIONER: 11}),
)
NAMES = {11: "Ayşe", 12: "Deniz", 1: "Room 1", 2: "Room 2", 3: "Room 3", 21: "Pen device"}
LEFT, TOP, WIDTH, PAD = 132, 76, 960, 24
STYLE = """
text{font:13px system-ui,"Segoe UI",Roboto,"Noto Sans",Arial,sans-serif;fill:#26211D}
.bg{fill:#FBF8F4;stroke:#E4DCD2}.title{font-size:17px;font-weight:650}.muted{fill:#635A52}.small{font-size:11.5px}
.line{stroke:#E4DCD2}.free{fill:#DDEBE7}.busy{fill:#857A6F}.on-busy{fill:#fff;font-weight:650}.start{fill:#1E5B50}
.new{fill:#F8E9E1;stroke:#9A4A2F;stroke-width:1.5}.on-new{fill:#9A4A2F;font-weight:600}.bar{fill:#FCF0D6}
.moved{fill:none;stroke:#9A4A2F;stroke-width:1.5;stroke-dasharray:4 3}.p-talk{fill:#E5EEF6}.p-numbing{fill:#EFE9F7}
.p-treatment{fill:#F8E9E1}.p-turnaround{fill:#ECE8E3}.edge{stroke:#fff;stroke-width:1.5}
@media(prefers-color-scheme:dark){text{fill:#F3EDE6}.bg{fill:#211E1B;stroke:#3A342F}.muted{fill:#B9AEA3}
.line{stroke:#3A342F}.free{fill:#21423B}.busy{fill:#8C8177}.on-busy{fill:#171513}.start{fill:#8CCFBE}
.new{fill:#3A241B;stroke:#E8A88E}.on-new{fill:#E8A88E}.bar{fill:#362A10}.moved{stroke:#E8A88E}.p-talk{fill:#1A2B3A}
.p-numbing{fill:#2C2340}.p-treatment{fill:#3A241B}.p-turnaround{fill:#2E2A26}.edge{stroke:#211E1B}}
"""


class Sheet:
    """An SVG that grows downwards; x counts ticks of a frame."""

    def __init__(self, title: str, what: str, ticks: int) -> None:
        self.title, self.what, self.parts, self.y = title, what, [], TOP
        self.step = (WIDTH - LEFT - PAD) / ticks

    def x(self, tick: float) -> float:
        return LEFT + tick * self.step

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> None:
        self.parts.append(f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>')

    def box(
        self, first: float, after: float, y: float, height: float, kind: str, words: str = "", on: str = ""
    ) -> None:
        x, width = self.x(first), (after - first) * self.step
        self.parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3" class="{kind}"/>')
        if words:
            self.text(x + width / 2, y + height / 2 + 4.5, words, on, "middle")

    def rule(self, y: float, first: float = 0, last: float | None = None) -> None:
        end = WIDTH - PAD if last is None else self.x(last)
        self.parts.append(f'<path d="M{self.x(first):g} {y:g}H{end:g}" class="line"/>')

    def hours(self, frame: Frame, height: float, until: int = CLOSES) -> None:
        """The clock above, a line for every hour through everything below."""
        for minutes in range(OPENS, until + 1, 60):
            x = self.x((opens_at(ZONE, DAY, minutes) - frame.origin) / TICK)
            self.parts.append(f'<path d="M{x:g} {self.y:g}V{self.y + height:g}" class="line"/>')
            self.text(x, self.y - 8, clock(minutes), "muted small", "middle")
        self.y += 8

    def __str__(self) -> str:
        height = self.y + PAD
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="'
            f'{escape(self.what, quote=True)}">\n<style>{STYLE.strip()}</style>\n'
            f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1:g}" rx="12" class="bg"/>\n'
            f'<text x="{PAD}" y="34" class="title">{escape(self.title)}</text>\n' + "\n".join(self.parts) + "\n</svg>\n"
        )


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def when(frame: Frame, tick: int) -> str:
    return clock(OPENS + (frame.origin - opens_at(ZONE, DAY, OPENS) + tick * TICK) // 60)


def runs(bits: int) -> Iterator[tuple[int, int]]:
    """First and after-last tick of every stretch of ones."""
    tick = 0
    while bits >> tick:
        tick += ((bits >> tick) & -(bits >> tick)).bit_length() - 1
        after = tick + (~(bits >> tick) & ((bits >> tick) + 1)).bit_length() - 1
        yield tick, after
        tick = after


def need_of(minutes: tuple[int, int, int, int]) -> Need:
    talk, numbing, treatment, turnaround = minutes
    return Need.of_minutes(numbing, treatment, turnaround, talk=talk)


def the_day(need: Need = NEED, visits=VISITS, rooms=(1, 2), **more) -> Board:
    """The engine's board for one day of a clinic with two practitioners and one device."""
    busy: dict[int, list[int]] = {}
    for _, minutes, start, taken in visits:
        for kind, resource in taken.items():
            for offset, length in need_of(minutes).phases_of(kind):
                begin = opens_at(ZONE, DAY, start) + offset * TICK
                busy.setdefault(resource, []).extend((begin, begin + length * TICK))
    every = tuple((weekday, OPENS, CLOSES, None, None) for weekday in range(7))
    shift = tuple((day, a, b, None, None) for day in range(7) for a, b in ((OPENS, 13 * 60), (13 * 60 + 45, CLOSES)))
    kinds = {11: PRACTITIONER, 12: PRACTITIONER, 21: DEVICE} | dict.fromkeys(rooms, ROOM)
    resources = tuple(
        ResourceFacts(
            one, kind, NAMES[one], shift if kind == PRACTITIONER else None, (), tuple(busy.get(one, ())),
            None if kind == PRACTITIONER else kind,
        )
        for one, kind in kinds.items()
    )  # fmt: skip
    frame = Frame.over(opens_at(ZONE, DAY, OPENS), opens_at(ZONE, DAY, CLOSES))
    return board(frame=frame, need=need, places=[PlaceFacts(1, ZONE, every, (), resources, 15)], **more)


def phases() -> str:
    """Who is needed in which phase."""
    sheet = Sheet("One visit, four phases, in minutes", "Which phase of a visit needs whom", NEED.total)
    lengths = {"talk": NEED.talk, "numbing": NEED.numbing, "treatment": NEED.treatment, "turnaround": NEED.turnaround}
    tick = 0
    for name, length in lengths.items():
        words = f"{name} {length * TICK // 60}"
        sheet.box(tick, tick + length, sheet.y - 24, 28, f"p-{name} edge", words, "small")
        tick += length
    sheet.y += 22
    for kind in (ROOM, PRACTITIONER, DEVICE, PATIENT):
        sheet.text(PAD, sheet.y + 15, kind)
        for offset, length in NEED.phases_of(kind):
            sheet.box(offset, offset + length, sheet.y, 21, "busy edge")
        sheet.y += 29
    return str(sheet)


def erosion() -> str:
    """Doubling: from ticks that are free to ticks from which nine in a row are."""
    built = the_day()
    frame = built.frame
    free = next(one for one in built.places[0].kinds[PRACTITIONER] if one.facts.id == 12).free
    need = NEED.treatment
    sheet = Sheet(
        f"Where can {need * TICK // 60} minutes begin? Deniz's free ticks, eroded",
        "Five rows of ticks: free ones, then those from which two, four, eight and nine in a row are free",
        frame.length,
    )
    sheet.hours(frame, 5 * 36)
    known, step = 1, 0
    while True:
        left = erode(free, known)
        sheet.text(PAD, sheet.y + 12, "free" if known == 1 else f"{known} in a row")
        if step:
            sheet.text(PAD, sheet.y + 26, f"x & x >> {step}", "muted small")
        for tick in range(frame.length):
            if left >> tick & 1:
                sheet.box(tick, tick + 1, sheet.y, 22, ("free" if known < need else "start") + " edge")
        sheet.y += 36
        if known == need:
            return str(sheet)
        step = min(known, need - known)
        known += step


def day() -> str:
    """Every timeline of the day, what is possible of each kind, and what is left."""
    built = the_day()
    frame, place = built.frame, built.places[0]
    starts = [tick for tick in range(frame.length) if built.starts >> tick & 1]
    tick = starts[len(starts) // 2]
    chosen = built.assign(tick)[0]
    mine = {chosen.practitioner, chosen.room, chosen.device}
    sheet = Sheet(
        "A new visit: 15 min talk, 30 numbing, 45 treatment, 15 turnaround",
        f"A day's timelines; the visit can begin at {', '.join(when(frame, one) for one in starts)}",
        frame.length,
    )
    sheet.hours(frame, 5 * 40 + 3 * 34 + 26)
    for kind, label in ((PRACTITIONER, "some practitioner"), (ROOM, "some room"), (DEVICE, "the device")):
        for diary in place.kinds[kind]:
            sheet.text(PAD, sheet.y + 15, diary.facts.name)
            for first, after in runs(diary.present):
                sheet.box(first, after, sheet.y, 20, "free")
            for name, minutes, start, taken in VISITS:
                if taken.get(kind) == diary.facts.id:
                    begin = (opens_at(ZONE, DAY, start) - frame.origin) // TICK
                    for offset, length in need_of(minutes).phases_of(kind):
                        sheet.box(begin + offset, begin + offset + length, sheet.y, 20, "busy", name, "on-busy small")
            if diary.facts.id in mine:
                for offset, length in NEED.phases_of(kind):
                    sheet.box(
                        tick + offset,
                        tick + offset + length,
                        sheet.y,
                        20,
                        "new",
                        "new" if length > 4 else "",
                        "on-new small",
                    )
            ticks(sheet, diary.starts, sheet.y + 23, 5)
            sheet.y += 40
        sheet.text(PAD, sheet.y + 8, label, "muted small")
        ticks(sheet, place.of_kind[kind], sheet.y, 9)
        sheet.rule(sheet.y + 20)
        sheet.y += 34
    sheet.text(PAD, sheet.y + 14, "starts", "")
    for one in starts:
        x = sheet.x(one)
        sheet.parts.append(f'<circle cx="{x:g}" cy="{sheet.y + 9:g}" r="5" class="start"/>')
    said = f"on the quarter hour and in all three rows: {', '.join(when(frame, one) for one in starts)}"
    sheet.text(LEFT, sheet.y + 38, said, "muted small")
    sheet.text(
        LEFT, sheet.y + 56, f"drawn in: the one at {when(frame, tick)}, with what it would be given", "on-new small"
    )
    sheet.y += 60
    return str(sheet)


def ticks(sheet: Sheet, bits: int, y: float, height: float) -> None:
    for first, after in runs(bits):
        sheet.box(first, after, y, height, "start")


SWAP_VISITS = (
    ("A", (0, 0, 60, 0), 9 * 60, {ROOM: 1, PRACTITIONER: 11}),
    ("B", (0, 0, 60, 0), 11 * 60, {ROOM: 1, PRACTITIONER: 11}),
    ("C", (0, 0, 60, 0), 10 * 60, {ROOM: 2, PRACTITIONER: 12}),
)
LONG = Need.of_minutes(60, 60, 0, device=False)


def swap() -> str:
    """A room is free at every minute of a visit, but not the same one; moving one visit makes it the same."""
    at = 9 * 60
    first = opens_at(ZONE, DAY, at)
    without = the_day(LONG, SWAP_VISITS)
    built = the_day(LONG, SWAP_VISITS, swap_from=first)
    frame, shown = built.frame, 4 * 3600 // TICK
    [tick, *_] = (first for first, _ in runs(built.starts & ~without.starts))
    chosen = built.assign(tick)[0]
    sheet = Sheet(
        f"Two hours at {when(frame, tick)}: no room has them, until a visit is given the other room",
        "Two rooms before and after one visit has been given the other room",
        shown,
    )
    sheet.hours(frame, 4 * 34 + 10, OPENS + shown * TICK // 60)
    for label, swaps in (("before", ()), ("after", chosen.swaps)):
        moved = {(one.was, one.start): one.becomes for one in swaps}
        for room in built.places[0].kinds[ROOM]:
            sheet.text(PAD, sheet.y + 16, f"{room.facts.name}, {label}")
            sheet.box(0, shown, sheet.y, 22, "free")
            for name, minutes, start, taken in SWAP_VISITS:
                begin = opens_at(ZONE, DAY, start)
                now = moved.get((taken[ROOM], begin), taken[ROOM])
                left, length = (begin - frame.origin) // TICK, need_of(minutes).total
                if now == room.facts.id:
                    sheet.box(left, left + length, sheet.y, 22, "busy", name, "on-busy small")
                    if now != taken[ROOM]:
                        sheet.box(left, left + length, sheet.y - 3, 28, "moved")
            if swaps and room.facts.id == chosen.room:
                sheet.box(tick, tick + LONG.total, sheet.y, 22, "new", "new", "on-new small")
            sheet.y += 34
        sheet.y += 0 if swaps else 16
    sheet.y -= 8
    return str(sheet)


def pictures() -> dict[str, str]:
    return {"phases": phases(), "erosion": erosion(), "day": day(), "swap": swap()}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, drawn in pictures().items():
        (FOLDER / f"{name}.svg").write_text(drawn)
