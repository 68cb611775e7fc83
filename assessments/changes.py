"""When what a paper shows was changed last: a number that every later change raises."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Max

from advisors.models import Appointment
from assessments.enums import PaperKey
from assessments.journals.journal import sealed_state
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Township
from worklogs.models import Matter, ServiceLog


def last_change(paper: PaperKey, place: str, pk: int, period: Period) -> int:
    """The number of the last change of what a paper shows; 0 for none.

    Of a journal it is what its records say, whoever confirmed them; of other records their own
    number; of who serves where and of the months' way from office to bureau, the last entry
    about such in the bureau's audit log.
    """
    if paper is PaperKey.JOURNAL:
        return _of_journal(place, pk, period)
    if paper in _AUDITED:
        bureau = _bureau_of(place, pk)
        entries = AuditEntry.objects.filter(bureau_id=bureau, verb__regex=_AUDITED[paper])
        return entries.aggregate(last=Max("pk"))["last"] or 0
    logs = ServiceLog.objects.filter(**{_LOGS_OF[place]: pk})
    if place != "m":
        logs = logs.within(period)
    return logs.aggregate(last=Max("change_no"))["last"] or 0


def journal_number(checksum: str) -> int:
    """A journal's checksum as the number that its code bears; who confirmed a record is no part."""
    return int(checksum[:15], 16)


def _of_journal(place: str, pk: int, period: Period) -> int:
    """``pk`` is a term's, or with the place "s" that of one session."""
    log = ServiceLog.objects.filter(pk=pk).first() if place == "s" else None
    terms = Appointment.objects.select_related("village__township", "advisor")
    term = terms.filter(pk=log.appointment_id if log else pk).first()
    if term is None:
        return 0
    return journal_number(sealed_state(term, period, only=log.pk if log else None))


#: Verbs of what the papers without records show.
_AUDITED = {
    PaperKey.CONTACTS: r"^(liaison|appointment)\.",
    PaperKey.TREND: r"^(close|month|appointment)\.",
}
_LOGS_OF = {
    "b": "appointment__village__township__bureau",
    "t": "appointment__village__township",
    "a": "appointment",
    "m": "matters",
}


# ── places, by their name and their bureau ──────────────────────────────────────────────────────

_Named = tuple[str, int]


def _bureau(pk: int) -> _Named | None:
    return next(iter(Bureau.objects.filter(pk=pk).values_list("name", "pk")), None)


def _township(pk: int) -> _Named | None:
    return next(iter(Township.objects.filter(pk=pk).values_list("name", "bureau")), None)


def _appointment(pk: int) -> _Named | None:
    term = Appointment.objects.filter(pk=pk).select_related("village__township").first()
    return (term.village.short_name, term.village.township.bureau_id) if term else None


def _session(pk: int) -> _Named | None:
    log = ServiceLog.objects.filter(pk=pk).first()
    return _appointment(log.appointment_id) if log else None


def _matter(pk: int) -> _Named | None:
    matter = Matter.objects.filter(pk=pk).first()
    return _appointment(matter.log.appointment_id) if matter else None


_PLACES: dict[str, Callable[[int], _Named | None]] = {
    "b": _bureau,
    "t": _township,
    "a": _appointment,
    "m": _matter,
    "s": _session,
}


def place_of(place: str, pk: int) -> tuple[str, int] | None:
    """Its name, without any person's, and its bureau; None where it is no longer there."""
    return _PLACES[place](pk)


def _bureau_of(place: str, pk: int) -> int:
    found = place_of(place, pk)
    return found[1] if found else 0
