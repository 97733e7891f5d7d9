"""What the API's schema says of every operation, so that no view has to repeat it."""

from typing import Any

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
EVERYWHERE = {
    "400": "The request cannot be read.",
    "403": "Not allowed, or a session without its CSRF token.",
    "404": "Nothing here under that address.",
    "405": "Not with this method.",
    "406": "Only JSON is spoken here.",
    "413": "Too large.",
    "415": "Only JSON is read here.",
    "429": "Too much in a short time.",
}
BOOKING_TOKEN = {"type": "http", "scheme": "bearer", "description": "The token given when the time was held."}


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every refusal is a problem document; a booking opens to its bearer token or to a session."""
    result["components"].setdefault("securitySchemes", {})["bookingToken"] = BOOKING_TOKEN
    for path, operations in result["paths"].items():
        for operation in operations.values():
            answers = operation["responses"]
            for status, description in EVERYWHERE.items():
                answers.setdefault(status, {"description": description})
            for status in answers:
                if status >= "400":
                    answers[status] = {
                        "description": EVERYWHERE.get(status, "Refused; the code says why."),
                        "content": PROBLEM,
                    }
            if "{identifier}" in path:
                operation["security"] = [{"bookingToken": []}, {"cookieAuth": []}]
            elif operation.get("security"):
                operation["security"] = [{}, *operation["security"]]
    return result
