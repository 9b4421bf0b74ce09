"""What a refusing answer stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from .backoff import retry_after
from .errors import (
    ConnectionFailedError,
    ErrorDetails,
    FieldError,
    Quota,
    SandboxedError,
    error_of,
)

NO_PROBLEM = "no_problem_document"
"""The code of what stands between and has none, such as a proxy."""
_PASSING = (429, 502, 503, 504)


def refusal_of(response: httpx.Response) -> SandboxedError:
    """The error that an answer, which has been read, stands for."""
    problem = _problem_of(response)
    status = response.status_code
    quota = problem.get("quota")
    return error_of(
        str(problem.get("detail", f"The API answered {status} without a reason.")),
        ErrorDetails(
            code=str(problem.get("code", NO_PROBLEM)),
            status=status,
            retryable=bool(problem.get("retryable", status in _PASSING)),
            request_id=problem.get("request_id") or response.headers.get("x-request-id"),
            retry_after_seconds=retry_after(response.headers.get("retry-after")),
            fields=tuple(
                FieldError(str(each.get("path")), str(each.get("message")))
                for each in problem.get("errors") or ()
                if isinstance(each, Mapping)
            ),
            quota=Quota(str(quota["name"]), quota["used"], quota["limit"])
            if isinstance(quota, Mapping) and {"name", "used", "limit"} <= quota.keys()
            else None,
        ),
    )


def _problem_of(response: httpx.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    is_problem = isinstance(body, dict) and isinstance(body.get("code"), str)
    return body if is_problem and isinstance(body.get("detail"), str) else {}


def is_passing(error: SandboxedError, *, is_held: bool = False) -> bool:
    """Whether the same call, made again in a moment, may be answered otherwise.

    A refusal of a call that is held tells how its job ended, and would be the same again; so are
    the API's own 502 and 504.
    """
    if isinstance(error, ConnectionFailedError):
        return True
    if error.code == NO_PROBLEM:
        return error.status in _PASSING
    if error.status == 503:
        return not is_held or error.code == "store_unavailable"
    return error.status == 429
