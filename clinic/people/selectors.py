"""Reads about people."""

from clinic.crypto.search import blind_index, phone_windows
from clinic.people.models import Patient
from clinic.people.names import fold

LEAST = 3


def search_patients(query: str, *, limit: int = 20) -> list[Patient]:
    """Patients by any part of the name, any four or more digits of the phone, or the whole email address.

    Fewer than three characters find nothing. At most ``limit`` rows, names in order.
    """
    query = query.replace("\x00", "").strip()
    if len(query) < LEAST:
        return []
    digits = "".join(ch for ch in query if ch.isdigit())
    rows = Patient.objects.order_by("name_search", "id")
    if "@" in query:
        rows = rows.filter(email_index=blind_index("email", query.casefold()))
    elif len(digits) >= 4 and not any(ch.isalpha() for ch in query):
        wanted = digits.lstrip("0") if len(digits.lstrip("0")) >= 4 else digits
        rows = rows.filter(phone_windows__contains=phone_windows(wanted))
        return [row for row in rows[: limit * 5] if wanted in row.phone][:limit]
    else:
        for word in fold(query).split():
            rows = rows.filter(name_search__contains=word)
    return list(rows[:limit])
