"""Logs and error pages that repeat nothing of what people entered.

An exception says where it happened and of what kind it is; what it quotes may be a client's name.
So of its text no Chinese stays, nothing in quotation marks, no row that PostgreSQL shows as a
detail; and in every line mobile and identity numbers are masked.
"""

from __future__ import annotations

import logging
import re
from copy import copy
from types import TracebackType
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from lawadvisor.foundation.masks import HIDDEN

_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)")
_CHINESE = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
_DETAIL = re.compile(r"^(DETAIL|CONTEXT|LINE \d+):.*$", re.MULTILINE)
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|\([^()\n]*\)=\([^\n]*\)")
#: What follows opens a page for whoever has it.
_KEYS = re.compile(r"(?<=/confirm/)[^/\s]+")
#: PostgreSQL quotes its own things too, which say what is wrong.
_THING = re.compile(r"((?:constraint|relation|column|table|index|function|type) )\"(\w+)\"")
#: What begins a line of a traceback that quotes no value: code, files, Python's own words.
_OWN_LINES = (" ", "Traceback", "During handling", "The above exception")

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """The formatter of every handler (``settings.LOGGING``)."""

    def format(self, record: logging.LogRecord) -> str:
        """Of a copy: a record keeps the text of its exception as whoever came first put it."""
        record = copy(record)
        record.exc_text = None
        return without_keys(_NUMBERS.sub(HIDDEN, super().format(record)))

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 logging's name
        told = _DETAIL.sub(r"\1: …", super().formatException(ei))
        return "\n".join(_quiet_line(line) for line in told.split("\n"))


def without_keys(line: str) -> str:
    """A line in which no address opens anything."""
    return _KEYS.sub("…", line)


def _quiet_line(line: str) -> str:
    if not line.startswith(_OWN_LINES):
        line = _QUOTED.sub("…", _THING.sub(r"\1\2", line))
    return _CHINESE.sub("…", line)


class QuietReporterFilter(SafeExceptionReporterFilter):
    """What a report of an error may show: no form, no variable, unless all data are invented."""

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002
        return not (settings.DEBUG and settings.DEMO)

    def get_post_parameters(self, request: HttpRequest | None) -> Any:
        if request is None or not self.is_active(request):
            return super().get_post_parameters(request)
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        if not self.is_active(request):
            return super().get_traceback_frame_variables(request, tb_frame)
        return [(name, type(value).__name__) for name, value in tb_frame.f_locals.items()]
