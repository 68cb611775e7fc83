"""Columns that tell what was done; ``done`` finds it in a row of the paper."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from assessments.reports.activity import Activity
from lawadvisor.foundation.tables import Column, Kind, Pair

Done = Callable[[Any], Activity]
_DONE: Done = attrgetter("done")


def count(name: str, title: str, width: float, *, done: Done = _DONE) -> Column:
    """One of the counts of an ``Activity``."""
    return Column(
        name, title, Kind.INT, width, total=True, get=lambda row: getattr(done(row), name)
    )


def pair(
    key: str,
    title: str,
    names: tuple[str, str],
    parts: tuple[str, str],
    width: float,
    *,
    done: Done = _DONE,
) -> Column:
    """Two of them in one cell; ``parts`` says what each is."""

    def get(row: Any) -> Pair:
        told = done(row)
        return Pair(getattr(told, names[0]), getattr(told, names[1]))

    return Column(key, title, Kind.PAIR, width, total=True, parts=parts, get=get)


def lectures(width: float, *, done: Done = _DONE) -> Column:
    names = ("lectures", "audience")
    return pair("lectures", "法治讲座", names, ("场", "人次"), width, done=done)


def mediations(width: float, *, done: Done = _DONE) -> Column:
    names = ("mediations", "mediated")
    return pair("mediations", "调解", names, ("参与", "成功"), width, done=done)


def onsite_hours(key: str, title: str, width: float, *, done: Done = _DONE) -> Column:
    return Column(
        key, title, Kind.HOURS, width, total=True, get=lambda row: done(row).onsite_minutes
    )
