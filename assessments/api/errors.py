"""Every refusal in one shape: ``{"code", "detail", "errors": [{"field", "message"}]}``.

``code`` is for programs, ``detail`` one Chinese sentence for people, ``errors`` the fields that it
is about, by their path in what was sent (``matters.0.client``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.cache import patch_cache_control
from rest_framework import exceptions, status
from rest_framework.response import Response

from assessments.api.bodies import difference_body, log_body
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.viewer import Viewer
from worklogs.entries import Different, Stale

PREFIX = "/api/"
#: When to ask again after 503; longer than any lock is waited for.
RETRY_SECONDS = 10
BUSY, MISSING = "系统正忙，请稍后再试；未发送的内容会保留。", "没有这项内容，或不属于您。"
FAILED = "系统出错，请稍后再试；未发送的内容会保留。"

#: What the services call a field, and the entry does.
_FIELDS = {"service_date": "day", "started_at": "start", "ended_at": "end"}
_SENTENCES: Mapping[type[Exception], tuple[str, str]] = {
    exceptions.NotAuthenticated: ("sign_in", "请先登录。"),
    exceptions.AuthenticationFailed: ("sign_in", "登录已失效，请重新登录。"),
    exceptions.PermissionDenied: ("forbidden", "您的岗位不能进行这项操作。"),
    exceptions.NotFound: ("missing", MISSING),
    exceptions.MethodNotAllowed: ("method", "该地址不接受这种请求。"),
    exceptions.NotAcceptable: ("media", "只提供 JSON 格式。"),
    exceptions.UnsupportedMediaType: ("media", "请求的格式不受支持。"),
    exceptions.ParseError: ("invalid", "请求的内容无法读取。"),
    exceptions.Throttled: ("slow_down", "操作过于频繁，请稍后再试；未发送的内容会保留。"),
    exceptions.ValidationError: ("invalid", "填写有误，请按提示修改。"),
}


class Forbidden(exceptions.PermissionDenied):
    """A refusal that says more than that it is one."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class TooLarge(exceptions.APIException):
    """More bytes than are read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class Answer(NamedTuple):
    """A refusal: its status, its body, and what goes into the head."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


def handle(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's handler: None leaves an unknown fault to Django, which logs it."""
    viewer = getattr(context["request"], "viewer", None)
    found = answer_to(exception, viewer)
    if found is None:
        return None
    return Response(found.body, status=found.status, headers=found.headers)


def answer_to(exception: Exception, viewer: Viewer | None) -> Answer | None:
    """What is said to it; None for what is nobody's refusal but a fault."""
    if isinstance(exception, DomainError):
        return _of_domain(exception, viewer)
    if isinstance(exception, (OperationalError, InterfaceError)):
        return _answer(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            "unavailable",
            BUSY,
            headers={"Retry-After": str(RETRY_SECONDS)},
        )
    if isinstance(exception, (TooLarge, RequestDataTooBig)):
        return _answer(
            status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_large", "内容过大，请分次发送。"
        )
    if isinstance(exception, SuspiciousOperation):
        return _answer(status.HTTP_400_BAD_REQUEST, "invalid", "请求的内容无法读取。")
    return _of_framework(_as_framework(exception))


def as_json(
    number: int, code: str, sentence: str, headers: dict[str, str] | None = None
) -> JsonResponse:
    """What Django itself answers below ``PREFIX``, before or after the API's own views."""
    answer = _answer(number, code, sentence, headers=headers)
    response = JsonResponse(answer.body, status=number, headers=answer.headers)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _as_framework(exception: Exception) -> Exception:
    if isinstance(exception, Http404):
        return exceptions.NotFound()
    return exceptions.PermissionDenied() if isinstance(exception, PermissionDenied) else exception


def _of_framework(exception: Exception) -> Answer | None:
    if not isinstance(exception, exceptions.APIException):
        return None
    code, sentence = next(
        (said for kind, said in _SENTENCES.items() if isinstance(exception, kind)),
        ("invalid", "请求有误。"),
    )
    headers = {}
    if wait := getattr(exception, "wait", None):
        headers["Retry-After"] = str(math.ceil(wait))
    if header := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = header
    errors = []
    if isinstance(exception, exceptions.ValidationError):
        errors = [{"field": path, "message": said} for path, said in _flat(exception.detail)]
    sentence = getattr(exception, "sentence", sentence)
    return _answer(exception.status_code, code, sentence, errors, headers)


def _of_domain(refusal: DomainError, viewer: Viewer | None) -> Answer:
    fields = [_FIELDS.get(name, name) for name in (refusal.field, *refusal.beside) if name]
    errors = [{"field": name, "message": str(refusal)} for name in fields]
    clash = isinstance(refusal, Conflict)
    number = status.HTTP_409_CONFLICT if clash else status.HTTP_400_BAD_REQUEST
    found = _answer(number, "conflict" if clash else "invalid", str(refusal), errors)
    if isinstance(refusal, Different) and viewer is not None:
        found.body["code"] = "stale" if isinstance(refusal, Stale) else "different"
        found.body["log"] = log_body(refusal.log, viewer)
        found.body["differences"] = [difference_body(each) for each in refusal.differences]
    return found


def _answer(
    number: int,
    code: str,
    sentence: str,
    errors: list[dict[str, str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    return Answer(number, {"code": code, "detail": sentence, "errors": errors or []}, headers or {})


def _flat(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every message with the path of its field; that of the whole has none."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            part = "" if name == "non_field_errors" else str(name)
            yield from _flat(inner, ".".join(filter(None, (path, part))))
    elif isinstance(detail, list) and any(isinstance(each, (dict, list)) for each in detail):
        for number, inner in enumerate(detail):
            yield from _flat(inner, f"{path}.{number}" if path else str(number))
    elif isinstance(detail, list):
        yield from ((path, str(each)) for each in detail)
    else:
        yield path, str(detail)
