"""The API's own schema, used as a judge: an answer must be of a declared status, media type and shape."""

import re
from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from openapi_schema_validator import OAS31Validator

PREFIX = "/api/v1"


@cache
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def breaches(method: str, path: str, status: int, media_type: str, body: Any) -> list[str]:
    """What is wrong with an answer, or nothing. A path the schema does not have is not judged."""
    operation = _operation(method, path)
    if operation is None:
        return []
    declared = operation["responses"].get(str(status))
    if declared is None:
        return [f"{status} is not declared for {method} {path}"]
    content = declared.get("content", {}).get(media_type)
    if content is None:
        return [f"{status} of {method} {path} is not declared as {media_type}"]
    judge = OAS31Validator({**content["schema"], "components": schema()["components"]})
    return [f"{error.json_path}: {error.message}" for error in judge.iter_errors(body)]


def _operation(method: str, path: str) -> dict[str, Any] | None:
    for template, operations in schema()["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)), path.partition("?")[0]):
            return operations.get(method)
    return None
