"""Keyed hashes that let sealed values be found: whole values, and every four digits of a number in a row."""

import base64
import hashlib
import hmac
from functools import lru_cache

from django.conf import settings


@lru_cache(maxsize=4)
def _key(text: str) -> bytes:
    return base64.b64decode(text)


def blind_index(purpose: str, value: str) -> str:
    """HMAC-SHA-256 of a value under the search key, 128 bits as hex. The purpose separates columns."""
    message = f"{purpose}\0{value}".encode()
    return hmac.new(_key(settings.SEARCH_KEY), message, hashlib.sha256).hexdigest()[:32]


def phone_windows(e164: str) -> list[str]:
    """Keyed hashes of every run of four digits in the number, for search by any four digits or more."""
    digits = "".join(ch for ch in e164 if ch.isdigit())
    return sorted({blind_index("phone4", digits[i : i + 4])[:12] for i in range(len(digits) - 3)})
