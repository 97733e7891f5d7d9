"""JSON as the API reads it: of a sane size and depth, and of signs that can be written back."""

import json
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser

LARGEST = 256 * 1024
"""Bytes. The longest health form in any language is a tenth of it."""


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = _("This is too large. Send at most 256 KB.")


class CarefulJSONParser(JSONParser):
    """400 instead of a fault for what JSON allows and nobody means: half a character, a thousand brackets."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: dict | None = None) -> Any:
        length = (parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0"
        if int(length) > LARGEST:
            raise TooLarge
        try:
            data = super().parse(stream, media_type=media_type, parser_context=parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError:
            raise ParseError(_("This is nested too deeply.")) from None
        except UnicodeEncodeError:
            raise ParseError(_("Some signs here cannot be read.")) from None
        return data
