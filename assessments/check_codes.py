"""The code on a paper, and what it tells: is this version current?

A code names a paper and is signed by the portal: nobody makes one up, and nothing about a paper
needs to be kept for it. It holds no name of a person. What a paper looks like stays its reader's:
whoever scans the code learns what kind of paper it is, of which place and month, and whether a
newer one has taken its place.
"""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from assessments.enums import PaperKey, ReportKey
from assessments.models import MonthClose
from lawadvisor.foundation.periods import Period
from villages.models import Township

#: Its signature is an HMAC-SHA256 of the portal's secret key, 256 bits.
_SIGNER_SALT = "lawadvisor.paper"
_SEPARATOR = "."
#: What stands in a code in place of a revision while the month is not closed.
PREVIEW = "preview"
#: Longer is no code of ours.
_LONGEST = 120


class Printed(NamedTuple):
    """What a code says. ``place``: of a bureau (b), a township (t), a term (a), a session (s) or a
    matter (m). ``stamp``: ``r2`` for the second revision of a close, ``PREVIEW``, else
    ``n`` and the number of the last change of the records that the paper shows."""

    paper: str
    place: str
    pk: int
    period: str
    stamp: str

    @property
    def revision(self) -> int | None:
        """Of a close's own papers; None for what was printed otherwise."""
        number = self.stamp[1:]
        return int(number) if self.stamp[0] == "r" and number.isdecimal() else None


def code_of(printed: Printed) -> str:
    paper, place, pk, period, stamp = printed
    return _signer().sign(_SEPARATOR.join((paper, f"{place}{pk}", period, stamp)))


def address_of(printed: Printed) -> str:
    """Where the code leads: whole where the portal knows its own address, else below it."""
    origin = next((each for each in settings.CSRF_TRUSTED_ORIGINS if "*" not in each), "")
    return origin + reverse("paper-check", args=[code_of(printed)])


def read(code: str) -> Printed | None:
    """What a code says; None for one that the portal did not sign."""
    if len(code) > _LONGEST:
        return None
    try:
        paper, place, period, stamp = _signer().unsign(code).split(_SEPARATOR)
    except (BadSignature, ValueError):
        return None
    return Printed(paper, place[0], int(place[1:]), period, stamp)


def of_close(close: MonthClose, township: Township | None, report: ReportKey) -> Printed:
    """A paper of a close; of one that is not saved, which is a preview, that it is one."""
    place, pk = ("t", township.pk) if township else ("b", close.bureau_id)
    stamp = f"r{close.revision}" if close.pk else PREVIEW
    return Printed(report.value, place, pk, close.period.code, stamp)


def of_change(paper: PaperKey, place: str, pk: int, period: Period, change: int) -> Printed:
    """A paper that is printed when it is asked for, as it stands after this change."""
    return Printed(paper.value, place, pk, period.code, f"n{change}")


def _signer() -> Signer:
    return Signer(salt=_SIGNER_SALT, sep=_SEPARATOR)
