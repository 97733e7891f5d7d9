"""Names folded for search: accents off, Turkish dotted and dotless i alike, one space between words."""

import unicodedata

_SPECIAL = str.maketrans(
    {
        "ı": "i",
        "İ": "i",
        "I": "i",
        "ß": "ss",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "æ": "ae",
        "Æ": "ae",
    }
)


def fold(name: str) -> str:
    """``"  Işıl  GÜNEŞ " -> "isil gunes"``. Arabic and other scripts keep their letters, without marks."""
    plain = unicodedata.normalize("NFKD", name.translate(_SPECIAL).casefold())
    return " ".join("".join(ch for ch in plain if not unicodedata.combining(ch)).split())


def first_name(name: str) -> str:
    """The name a message greets with: the first word, titles left out."""
    words = [word for word in name.split() if word.rstrip(".").casefold() not in {"dr", "mr", "mrs", "ms", "prof"}]
    return words[0] if words else name.strip()
