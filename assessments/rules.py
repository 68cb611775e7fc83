"""Pure readings of verdicts that every face shares."""

from __future__ import annotations

from collections.abc import Iterable

from assessments.enums import VerdictStatus

#: The gravest first: of several periods of one rule in a month, the one to look at.
GRAVITY = (
    VerdictStatus.NOT_MET,
    VerdictStatus.PENDING,
    VerdictStatus.AT_RISK,
    VerdictStatus.NOTICE,
    VerdictStatus.OPEN,
    VerdictStatus.NOT_ASSESSED,
    VerdictStatus.MET,
)


def month_status(statuses: Iterable[str]) -> VerdictStatus:
    """One word for all verdicts on one subject: the worst of what is over.

    What is still open or at risk this quarter or year is no failing of this
    month. Verdicts by warnings decide nothing and are left out by the caller.
    NOT_ASSESSED when nothing was judged.
    """
    found = set(statuses)
    for status in (VerdictStatus.NOT_MET, VerdictStatus.PENDING):
        if status in found:
            return status
    on_course = {VerdictStatus.MET, VerdictStatus.OPEN, VerdictStatus.AT_RISK}
    return VerdictStatus.MET if found & on_course else VerdictStatus.NOT_ASSESSED
