"""AES-256-GCM with a keyring: the first key seals, every key opens.

Sealed form: ``1 byte version | 1 byte key-id length | key id | 12 bytes nonce | ciphertext and tag``.
The additional data is ``table.column:row``, so a value copied to another row or column does not open.
"""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1


class CannotOpen(Exception):
    """A sealed value that no key of the ring opens at this place: wrong key, moved, or damaged."""


class Keyring:
    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys or any(len(key) != 32 for key in keys.values()):
            raise ImproperlyConfigured("FIELD_KEYS must hold one or more keys of 32 bytes, each id:base64.")
        self.current = next(iter(keys))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    def seal(self, plain: bytes, place: str) -> bytes:
        nonce, name = os.urandom(12), self.current.encode()
        return (
            bytes([VERSION, len(name)])
            + name
            + nonce
            + self._ciphers[self.current].encrypt(nonce, plain, place.encode())
        )

    def open(self, sealed: bytes, place: str) -> bytes:
        """Raises CannotOpen."""
        try:
            length = sealed[1]
            name, rest = sealed[2 : 2 + length].decode(), sealed[2 + length :]
            if sealed[0] != VERSION:
                raise CannotOpen("unknown form")
            return self._ciphers[name].decrypt(rest[:12], rest[12:], place.encode())
        except (InvalidTag, KeyError, IndexError, ValueError) as problem:
            raise CannotOpen(place.split(":")[0]) from problem

    @staticmethod
    def key_of(sealed: bytes) -> str:
        """The id of the key that sealed this value."""
        return sealed[2 : 2 + sealed[1]].decode()


def parse(text: str) -> dict[str, bytes]:
    """``k2:base64,k1:base64`` → ordered ids and keys. Raises ImproperlyConfigured."""
    try:
        return {
            name.strip(): base64.b64decode(value.strip(), validate=True)
            for name, value in (part.split(":", 1) for part in text.split(",") if part.strip())
        }
    except ValueError as problem:
        raise ImproperlyConfigured("FIELD_KEYS must look like k2:base64,k1:base64.") from problem


@lru_cache(maxsize=4)
def _ring(text: str) -> Keyring:
    return Keyring(parse(text))


def keyring() -> Keyring:
    return _ring(settings.FIELD_KEYS)
