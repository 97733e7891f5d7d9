"""How many SMS segments a text costs. GSM 03.38 alphabet and its extension table; UCS-2 for everything else. Pure."""

from dataclasses import dataclass

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True)
class Length:
    encoding: str
    units: int
    segments: int


def measure(text: str) -> Length:
    """Units are septets (GSM-7) or UTF-16 code units (UCS-2); an escape pair or a surrogate pair is never split."""
    if all(ch in GSM7 or ch in GSM7_EXTENDED for ch in text):
        return _pack("GSM-7", [2 if ch in GSM7_EXTENDED else 1 for ch in text], single=160, part=153)
    return _pack("UCS-2", [2 if ord(ch) > 0xFFFF else 1 for ch in text], single=70, part=67)


def beyond_gsm7(text: str) -> tuple[str, ...]:
    """The characters that make a text cost more: with one of them a part holds 67 characters instead of 153."""
    return tuple(dict.fromkeys(ch for ch in text if ch not in GSM7 and ch not in GSM7_EXTENDED))


def _pack(encoding: str, costs: list[int], *, single: int, part: int) -> Length:
    total = sum(costs)
    if total <= single:
        return Length(encoding, total, 1)
    segments, room = 1, part
    for cost in costs:
        if cost > room:
            segments, room = segments + 1, part
        room -= cost
    return Length(encoding, total, segments)
