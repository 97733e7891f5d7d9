"""What waits in the browser, sealed, for two hours: health answers before a time is held, details that could not be used.

HttpOnly, and sent only to the pages that read it. The seal says when it ends, so a copy opens no longer than the browser
keeps it. Nothing of it is in the database.
"""

import base64
import binascii
import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from clinic.crypto.keyring import CannotOpen, keyring

LASTS = 2 * 3600
LONGEST = 3800
"""Browsers keep 4,096 bytes with name and attributes; beyond that the longest texts are left out."""


@dataclass(frozen=True)
class SealedCookie:
    label: str
    path: str

    @property
    def name(self) -> str:
        return f"__Secure-{self.label}" if settings.SECURE else self.label

    def read(self, request: HttpRequest, *, now: float | None = None) -> dict[str, str]:
        """What was kept, or an empty dict: no cookie, one that is over, and one that is not ours look alike."""
        try:
            sealed = base64.urlsafe_b64decode(request.COOKIES.get(self.name, ""))
            kept = json.loads(zlib.decompress(keyring().open(sealed, f"cookie:{self.label}")))
        except (CannotOpen, binascii.Error, ValueError, zlib.error):
            return {}
        return kept["kept"] if kept["until"] > (now or time.time()) else {}

    def write(self, response: HttpResponse, kept: Mapping[str, Any], *, now: float | None = None) -> None:
        """Keeps the values for two more hours. Dates become ISO text."""
        plain = {name: value if isinstance(value, str) else value.isoformat() for name, value in kept.items()}
        until = (now or time.time()) + LASTS
        value = self._seal(plain, until)
        while len(value) > LONGEST:
            del plain[max(plain, key=lambda name: len(plain[name]))]
            value = self._seal(plain, until)
        response.set_cookie(
            self.name, value, max_age=LASTS, path=self.path, httponly=True, samesite="Lax", secure=settings.SECURE
        )

    def clear(self, response: HttpResponse) -> None:
        response.delete_cookie(self.name, path=self.path, samesite="Lax")

    def _seal(self, kept: Mapping[str, str], until: float) -> str:
        plain = json.dumps({"until": until, "kept": kept}, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(keyring().seal(zlib.compress(plain, 9), f"cookie:{self.label}")).decode()


answers_cookie = SealedCookie("answers", "/book/")
details_cookie = SealedCookie("details", "/b/")
