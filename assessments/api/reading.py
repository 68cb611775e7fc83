"""How a body is read: no more than is allowed, and nothing that breaks the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.parsers import JSONParser, MultiPartParser

from assessments.api.errors import TooLarge
from worklogs.photos import MAX_BYTES

#: What surrounds the file in a form.
_FRAME_BYTES = 64 * 1024


class BoundedJSON(JSONParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        _check_length(parser_context, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:  # thousands of brackets
            raise exceptions.ParseError from None


class OnePhoto(MultiPartParser):
    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _check_length(parser_context, MAX_BYTES + _FRAME_BYTES)
        return super().parse(stream, media_type, parser_context)


def _check_length(context: Mapping[str, Any] | None, most: int) -> None:
    meta = context["request"].META if context else {}
    if int(meta.get("CONTENT_LENGTH") or 0) > most:
        raise TooLarge
