# ruff: noqa: E501 - a drawing is one string
"""Our own icons: 20 × 20, drawn with 1.6 px strokes in the text's colour.

A value is the inside of the `<svg>`. Names in `MIRRORED` turn round in right-to-left pages; nothing else does.
"""

MIRRORED = frozenset({"arrow-start", "arrow-end", "chevron-start", "chevron-end", "undo", "send", "logout", "move"})

_DOT = '<circle cx="{}" cy="{}" r="{}" fill="currentColor" stroke="none"/>'


def _dot(x: float, y: float, r: float = 1.2) -> str:
    return _DOT.format(x, y, r)


ICONS: dict[str, str] = {
    # states
    "tick": '<path d="m4 10.6 4 4 8-9"/>',
    "double-tick": '<path d="m2 10.8 3.8 3.8 7-8.4"/><path d="m9.6 13.6 1 1 7.4-8.4"/>',
    "triangle": '<path d="M10 3.4 17.6 16.4H2.4Z"/><path d="M10 8.6v3.2"/>' + _dot(10, 14, 0.9),
    "dot": '<circle cx="10" cy="10" r="6.6"/>' + _dot(10, 10, 3),
    "play": '<path d="M6.4 4.2v11.6l9.2-5.8Z" fill="currentColor"/>',
    "cross": '<path d="m5 5 10 10M15 5 5 15"/>',
    "clock": '<circle cx="10" cy="10" r="7.2"/><path d="M10 5.8V10l2.8 1.8"/>',
    "form": '<path d="M5 2.8h7l3.2 3.2v11.2H5Z" stroke-dasharray="2.6 1.7"/><path d="M7.6 9h4.8M7.6 12h4.8"/>',
    "slash": '<circle cx="10" cy="10" r="7.2"/><path d="m5 15 10-10"/>',
    "hourglass": '<path d="M5.4 2.8h9.2M5.4 17.2h9.2M6.6 2.8v3.4L10 10l3.4-3.8V2.8M6.6 17.2v-3.4L10 10l3.4 3.8v3.4"/>',
    # feedback
    "info": '<circle cx="10" cy="10" r="7.2"/><path d="M10 9.2v4.6"/>' + _dot(10, 6.4, 1),
    "ok": '<circle cx="10" cy="10" r="7.2"/><path d="m6.6 10.3 2.4 2.4 4.4-5"/>',
    "warn": '<path d="M10 3.4 17.6 16.4H2.4Z"/><path d="M10 8.6v3.2"/>' + _dot(10, 14, 0.9),
    "danger": '<path d="M6.9 2.8h6.2l4.1 4.1v6.2l-4.1 4.1H6.9l-4.1-4.1V6.9Z"/><path d="M10 6v4.6"/>'
    + _dot(10, 13.6, 1),
    "question": '<circle cx="10" cy="10" r="7.2"/><path d="M7.9 8a2.1 2.1 0 1 1 3.2 1.8c-.7.5-1.1.9-1.1 1.7"/>'
    + _dot(10, 14, 0.9),
    "flag": '<path d="M5 17.4V3h9.6l-2 3.6 2 3.6H5"/>',
    "shield": '<path d="M10 2.6 16 5v4.6c0 3.7-2.4 6.3-6 7.8-3.6-1.5-6-4.1-6-7.8V5Z"/><path d="m7.4 9.9 1.9 1.9 3.4-3.8"/>',
    # arrows
    "arrow-start": '<path d="M16.4 10H3.8M8.8 5l-5 5 5 5"/>',
    "arrow-end": '<path d="M3.6 10h12.6M11.2 5l5 5-5 5"/>',
    "chevron-start": '<path d="m12.4 4.4-5.6 5.6 5.6 5.6"/>',
    "chevron-end": '<path d="m7.6 4.4 5.6 5.6-5.6 5.6"/>',
    "chevron-down": '<path d="m4.6 7.4 5.4 5.4 5.4-5.4"/>',
    "undo": '<path d="M7.4 3.8 3.6 7.6l3.8 3.8"/><path d="M3.8 7.6h7.8a4.6 4.6 0 0 1 0 9.2H8"/>',
    "move": '<path d="M3 10h14M13.4 6.4 17 10l-3.6 3.6M3 5.4v9.2"/>',
    "logout": '<path d="M8 3H4v14h4M8.6 10h8.2M13.4 6.6l3.4 3.4-3.4 3.4"/>',
    "external": '<path d="M8.4 4.4H4v11.6h11.6v-4.4M11.4 3.4h5.2v5.2M16.4 3.6 9.6 10.4"/>',
    "download": '<path d="M10 3v9.4M6 8.8l4 3.8 4-3.8M3.6 16.6h12.8"/>',
    "upload": '<path d="M10 12.6V3.2M6 6.8 10 3l4 3.8M3.6 16.6h12.8"/>',
    # things
    "globe": '<circle cx="10" cy="10" r="7.2"/><path d="M2.8 10h14.4M10 2.8c2.6 2.3 3.4 4.6 3.4 7.2s-.8 4.9-3.4 7.2'
    'C7.4 14.9 6.6 12.6 6.6 10S7.4 5.1 10 2.8Z"/>',
    "phone": '<path d="M6.6 2.9 8.5 6.9 6.7 8.5c.9 2 2.7 3.9 4.8 4.8l1.6-1.8 4 1.9c-.1 2.2-1.5 3.6-3.5 3.6'
    'C8 17 3 12 3 6.4c0-2 1.4-3.4 3.6-3.5Z"/>',
    "whatsapp": '<path d="M3 17l1-3.6a7.2 7.2 0 1 1 2.7 2.7Z"/><path d="M7.6 6.9c-.9 1.2.2 3 1.4 4.2s3 2.2 4.1 1.3'
    'c.5-.5.2-1-.3-1.3-.6-.4-1-.5-1.5 0-.6.5-2.4-1.2-2-1.9.5-.5.4-1 0-1.6-.4-.6-1.1-1.2-1.7-.7Z"/>',
    "mail": '<path d="M2.8 4.6h14.4v10.8H2.8Z"/><path d="m3.2 5.2 6.8 5.6 6.8-5.6"/>',
    "message": '<path d="M3 3.8h14v9.6H9l-4 3.4v-3.4H3Z"/>',
    "send": '<path d="M17 3 9 11M17 3l-5 14-3-6-6-3Z"/>',
    "bell": '<path d="M5 14V9a5 5 0 0 1 10 0v5l1.4 1.4H3.6ZM8.4 17.6h3.2"/>',
    "calendar": '<path d="M3.2 4.6h13.6v12H3.2ZM3.2 8.4h13.6M6.8 2.6v3.6M13.2 2.6v3.6"/>',
    "calendar-plus": '<path d="M3.2 4.6h13.6v12H3.2ZM3.2 8.4h13.6M6.8 2.6v3.6M13.2 2.6v3.6M10 10.2v4.6M7.7 12.5h4.6"/>',
    "pin": '<path d="M10 17.6c3.5-3.7 5.4-6.7 5.4-9.4a5.4 5.4 0 0 0-10.8 0c0 2.7 1.9 5.7 5.4 9.4Z"/>'
    '<circle cx="10" cy="8.2" r="2"/>',
    "user": '<circle cx="10" cy="6.8" r="3.4"/><path d="M3.6 17c.5-3.6 3-5.4 6.4-5.4s5.9 1.8 6.4 5.4"/>',
    "users": '<circle cx="7.6" cy="7" r="3"/><path d="M2 16.4c.4-3.2 2.5-4.8 5.6-4.8s5.2 1.6 5.6 4.8M13 4.3a3 3 0 0 1 0 5.4M15 12'
    'c1.8.7 2.8 2.2 3 4.4"/>',
    "search": '<circle cx="8.8" cy="8.8" r="5.6"/><path d="m13 13 4.2 4.2"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "minus": '<path d="M4 10h12"/>',
    "edit": '<path d="m4 13.2-.8 3.6 3.6-.8L16.6 6.2l-2.8-2.8ZM11.8 5.4l2.8 2.8"/>',
    "trash": '<path d="M3.4 5.4h13.2M7.4 5.4V3h5.2v2.4M5 5.4l.8 11.8h8.4L15 5.4M8.4 8.6v5.4M11.6 8.6v5.4"/>',
    "copy": '<path d="M7 7h9.6v9.6H7Z"/><path d="M13 7V3.4H3.4V13H7"/>',
    "print": '<path d="M5.8 7V3h8.4v4M5.8 14.2H3V7h14v7.2h-2.8M5.8 11.6h8.4V17H5.8Z"/>',
    "camera": '<path d="M2.8 6.2h3.4L7.6 4h4.8l1.4 2.2h3.4v10H2.8Z"/><circle cx="10" cy="11" r="3"/>',
    "lock": '<path d="M4.6 9h10.8v8H4.6ZM6.8 9V6.4a3.2 3.2 0 0 1 6.4 0V9"/>',
    "unlock": '<path d="M4.6 9h10.8v8H4.6ZM6.8 9V6.4a3.2 3.2 0 0 1 6.2-1"/>',
    "eye": '<path d="M2 10c2-3.5 4.7-5.2 8-5.2s6 1.7 8 5.2c-2 3.5-4.7 5.2-8 5.2S4 13.5 2 10Z"/><circle cx="10" cy="10" r="2.4"/>',
    "menu": '<path d="M3 5.4h14M3 10h14M3 14.6h14"/>',
    "more": _dot(4.4, 10, 1.5) + _dot(10, 10, 1.5) + _dot(15.6, 10, 1.5),
    "list": '<path d="M7.4 5h9.4M7.4 10h9.4M7.4 15h9.4"/>' + _dot(3.8, 5) + _dot(3.8, 10) + _dot(3.8, 15),
    "columns": '<path d="M3 3.6h14v12.8H3ZM7.7 3.6v12.8M12.3 3.6v12.8"/>',
    "filter": '<path d="M3 5.4h14M5.6 10h8.8M8.2 14.6h3.6"/>',
    "settings": '<path d="M3 6h7M14.6 6H17M3 14h2.4M10 14h7"/><circle cx="12.3" cy="6" r="2.2"/><circle cx="7.7" cy="14" r="2.2"/>',
    "chart": '<path d="M3 3v14h14M6.8 13.6V10M10.4 13.6V6M14 13.6V8"/>',
    "room": '<path d="M5 17V3h10v14M3 17h14"/>' + _dot(12.2, 10.2, 1.1),
    "device": '<path d="M8 2.8h4v8.4l-1 2H9l-1-2ZM10 13.2v4M8 6h4"/>',
    "drop": '<path d="M10 2.8c3.2 3.8 5 6.4 5 8.9a5 5 0 0 1-10 0c0-2.5 1.8-5.1 5-8.9Z"/>',
    "leaf": '<path d="M4 16C3 8.6 7.4 3.6 16.8 3.6 17 12.4 12.6 17 6 15.4M3.4 17.4c1.8-4.2 4.6-7 8.6-8.8"/>',
    "heart": '<path d="M10 16.6C5.4 13.4 3 10.6 3 7.6a3.7 3.7 0 0 1 7-1.7 3.7 3.7 0 0 1 7 1.7c0 3-2.4 5.8-7 9Z"/>',
    "home": '<path d="m3 9.4 7-6 7 6M5 8v9h10V8M8.4 17v-5h3.2v5"/>',
    "pause": '<path d="M7 4.4v11.2M13 4.4v11.2"/>',
    "key": '<circle cx="6.8" cy="13.2" r="3.6"/><path d="m9.4 10.6 7-7M13.4 6.6l2.4 2.4"/>',
    "video": '<path d="M2.6 5.2h10v9.6h-10ZM12.6 8.6l4.8-2.8v8.4l-4.8-2.8"/>',
    "sun": '<circle cx="10" cy="10" r="3.4"/><path d="M10 2v2.2M10 15.8V18M2 10h2.2M15.8 10H18M4.3 4.3l1.6 1.6M14.1 14.1l1.6 1.6'
    'M15.7 4.3l-1.6 1.6M5.9 14.1l-1.6 1.6"/>',
    "moon": '<path d="M16.6 12A7.2 7.2 0 0 1 8 3.4 7.2 7.2 0 1 0 16.6 12Z"/>',
    "half": '<circle cx="10" cy="10" r="7.2"/><path d="M10 2.8a7.2 7.2 0 0 1 0 14.4Z" fill="currentColor"/>',
}
