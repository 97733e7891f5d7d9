"""Health answers that wait in the browser until a time is held: sealed, for two hours, nothing in the database.

The cookie is HttpOnly and goes only to the pages before a hold (``/book/``). Its seal says when it ends, so an old copy
opens no longer than the browser keeps it.
"""

import base64
import binascii
import json
import time
import zlib
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.crypto.keyring import CannotOpen, keyring

NAME = "__Secure-answers" if settings.SECURE else "answers"
PATH = "/book/"
LASTS = 2 * 3600
LONGEST = 3800
"""Browsers keep 4,096 bytes with name and attributes; what is longer is left out, longest texts first."""


def read(request: HttpRequest, *, now: float | None = None) -> dict[str, str]:
    """The answers, or an empty dict: no cookie, one that is over, and one that is not ours look alike."""
    try:
        sealed = base64.urlsafe_b64decode(request.COOKIES.get(NAME, ""))
        kept = json.loads(zlib.decompress(keyring().open(sealed, f"cookie:{NAME}")))
    except (CannotOpen, binascii.Error, ValueError, zlib.error):
        return {}
    return kept["answers"] if kept["until"] > (now or time.time()) else {}


def write(response: HttpResponse, answers: Mapping[str, Any], *, now: float | None = None) -> None:
    """Keeps the answers for two more hours. Dates become ISO text."""
    kept = {name: value if isinstance(value, str) else value.isoformat() for name, value in answers.items()}
    value = _sealed(kept, now or time.time())
    while len(value) > LONGEST:
        del kept[max(kept, key=lambda name: len(kept[name]))]
        value = _sealed(kept, now or time.time())
    response.set_cookie(NAME, value, max_age=LASTS, path=PATH, httponly=True, samesite="Lax", secure=settings.SECURE)


def clear(response: HttpResponse) -> None:
    response.delete_cookie(NAME, path=PATH, samesite="Lax")


def _sealed(answers: Mapping[str, str], now: float) -> str:
    plain = json.dumps({"until": now + LASTS, "answers": answers}, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(keyring().seal(zlib.compress(plain, 9), f"cookie:{NAME}")).decode()
