"""What the logs leave out, and what they keep so that somebody can follow them."""

import logging

import pytest

from clinic.privacy import PrivateFilter


def written(text, *args):
    record = logging.LogRecord("bookings.services.healing", logging.ERROR, __file__, 1, text, args, None)
    assert PrivateFilter().filter(record)
    return record.getMessage()


@pytest.mark.parametrize(
    "text", ["+905325550101", "0532 555 01 01", "0532-555-0101", "code 12345678901", "00905325550101,", "a1234567890b"]
)
def test_what_may_be_a_telephone_number_is_blanked(text):
    assert "5550101" not in written("to %s", text).replace(" ", "").replace("-", "")
    assert "…" in written("to %s", text)


@pytest.mark.parametrize(
    "ours",
    [
        "d4eb83a8-2b2c-4051-9695-660377a56301",
        "12345678-1234-4234-8234-123456789012",
        "00000000-0000-4000-8000-00000000000a",
    ],
)
def test_ids_of_rows_stay_whole_although_their_digits_look_like_one(ours):
    assert written("appointment %s could not be planned", ours) == f"appointment {ours} could not be planned"
    assert written("%s of +905325550101", ours) == f"{ours} of …"


def test_link_tokens_are_blanked():
    assert written("GET /b/sKcrceNFApp_slbtfSoTwclhfw01Cuq_ubIfBKqrnxE/details/") == "GET /b/…/details/"
