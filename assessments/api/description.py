"""What the OpenAPI file says of every operation: who may ask, and how it refuses.

The file is written by ``manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml``.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse

from assessments.api import serializers as told
from assessments.api.access import BearerToken, OwnSession

REFUSALS = {
    number: OpenApiResponse(told.ErrorOut, description=said)
    for number, said in (
        (400, "填写有误"),
        (401, "未登录"),
        (403, "不是法律顾问本人的岗位"),
        (404, "没有这项内容"),
        (405, "不接受这种请求"),
        (406, "只有 JSON"),
        (413, "内容过大"),
        (415, "格式不受支持"),
        (429, "过于频繁"),
        (503, "系统正忙，请重试"),
    )
}
CONFLICT = {409: OpenApiResponse(told.ConflictOut, description="与已有的内容冲突")}


#: Of what a token may not do.
BY_SESSION: Any = [{"session": []}]  # the library names another type than it takes


class _Token(OpenApiAuthenticationExtension):
    target_class = BearerToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {"type": "http", "scheme": "bearer"}


class _Session(OpenApiAuthenticationExtension):
    target_class = OwnSession
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:  # noqa: ARG002
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "网页登录；写操作另须带 X-CSRFToken。",
        }
