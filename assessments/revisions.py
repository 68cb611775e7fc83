"""What a revision of a close says that the one before it did not, and what had come between.

Nothing is judged anew: two revisions are compared as they were stored, and a reason is what
somebody wrote down or did, in the time between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, QuerySet

from assessments.enums import SubjectKind, VerdictStatus
from assessments.models import SUBJECT_COLUMNS, MonthClose, Reopening, Verdict
from assessments.verdicts import judged_from
from lawadvisor.foundation.models import AuditEntry
from lawadvisor.foundation.office.words import verb_in_words
from lawadvisor.foundation.viewer import Viewer
from villages.models import Township, Village, short_village_name
from worklogs.models import ServiceLog

#: Deeds on a record that may change what a close says of its month.
_MOVES = (
    *("log.submit", "log.revise", "log.confirmed", "log.reviewed", "log.returned"),
    *("log.withdrawn", "log.import"),
)


class Figure(NamedTuple):
    """One revision's verdict; ``pk`` leads to its grounds. The numbers are in ``unit``."""

    pk: int
    status: VerdictStatus
    actual: int
    required: int
    unit: str

    def __str__(self) -> str:
        return f"{self.actual}/{self.required}{self.unit} {self.status.label}"


@dataclass(frozen=True, slots=True)
class Change:
    """A check that the two revisions answer differently; None where one did not ask it."""

    subject: str
    rule: str
    period: str
    before: Figure | None
    after: Figure | None


class Late(NamedTuple):
    """How many records somebody entered for a village after the close."""

    village: str
    advisor: str
    records: int


@dataclass(frozen=True, slots=True)
class Since:
    """What was done to a month between two moments: why its figures may differ."""

    reopenings: tuple[Reopening, ...]
    supplements: tuple[Late, ...]
    moves: tuple[tuple[str, int], ...]  # what was done to its records, how often

    @property
    def late(self) -> int:
        """How many records were entered late."""
        return sum(each.records for each in self.supplements)

    def __bool__(self) -> bool:
        return bool(self.reopenings or self.supplements or self.moves)


@dataclass(frozen=True, slots=True)
class Changes:
    """``same`` counts the checks that both revisions answer alike."""

    close: MonthClose
    earlier: MonthClose
    since: Since
    rows: tuple[Change, ...]
    same: int


class _Stored(NamedTuple):
    pk: int
    status: str
    required: Decimal
    actual: Decimal


def changes_since(
    close: MonthClose, *, viewer: Viewer | None = None, township: Township | None = None
) -> Changes | None:
    """A finished revision beside the finished one before it; None where it is the first.

    As far as ``viewer`` sees (None: whole) and of one ``township`` (None: of all). In a fixed
    number of queries.
    """
    closes = MonthClose.objects.filter(bureau=close.bureau_id, month=close.month)
    finished = closes.filter(revision__lt=close.revision, closed_at__isnull=False)
    earlier = finished.select_related("policy", "bureau").order_by("-revision").first()
    if earlier is None:
        return None
    old, new = (_stored(each, viewer, township) for each in (earlier, close))
    differing = [key for key in {**old, **new} if _figures(old.get(key)) != _figures(new.get(key))]
    found = _rows(old[key].pk for key in differing if key in old)
    found |= _rows(new[key].pk for key in differing if key in new)
    rows = [
        _change(
            found[old[key].pk] if key in old else None,
            found[new[key].pk] if key in new else None,
        )
        for key in differing
    ]
    return Changes(
        close=close,
        earlier=earlier,
        since=came_since(earlier, until=close.opened_at, viewer=viewer, township=township),
        rows=tuple(sorted(rows, key=lambda row: (row.subject, row.rule, row.period))),
        same=len({**old, **new}) - len(differing),
    )


def came_since(
    close: MonthClose,
    *,
    until: datetime | None = None,
    viewer: Viewer | None = None,
    township: Township | None = None,
) -> Since:
    """What was done to the month after a close was opened; ``until`` None: to this day.

    Only numbers and reasons, which are figures: for whoever sees the place.
    """
    places = Village.objects.visible_to(viewer) if viewer else Village.objects.all()
    places = places.filter(township__bureau=close.bureau_id)
    if township is not None:
        places = places.filter(township=township)
    logs = ServiceLog.objects.within(close.period).filter(appointment__village__in=places)
    opened = Reopening.objects.filter(
        village__in=places, month=close.month, opened_at__gte=close.opened_at
    )
    late = logs.filter(is_supplement=True, entered_at__gte=close.opened_at)
    if until is not None:
        opened, late = opened.filter(opened_at__lt=until), late.filter(entered_at__lt=until)
    return Since(
        reopenings=tuple(opened.select_related("village").order_by("opened_at", "pk")),
        supplements=tuple(_late(late)),
        moves=_moves(close, logs, until),
    )


def _late(logs: QuerySet[ServiceLog]) -> Iterator[Late]:
    counted = logs.order_by("appointment__village__code", "advisor").values_list(
        "appointment__village__name", "advisor__name"
    )
    for village, advisor, count in counted.annotate(count=Count("pk")):
        yield Late(short_village_name(village), advisor, count)


def _moves(
    close: MonthClose, logs: QuerySet[ServiceLog], until: datetime | None
) -> tuple[tuple[str, int], ...]:
    entries = AuditEntry.objects.filter(
        bureau_id=close.bureau_id,
        subject_type=ServiceLog._meta.label_lower,
        verb__in=_MOVES,
        at__gte=close.opened_at,
        subject_id__in=logs.order_by().values("pk"),
    )
    if until is not None:
        entries = entries.filter(at__lt=until)
    counts: Counter[str] = Counter()
    for verb, count in entries.order_by().values_list("verb").annotate(count=Count("pk")):
        counts[verb_in_words(verb)] += count
    return tuple(sorted(counts.items()))


def _stored(
    close: MonthClose, viewer: Viewer | None, township: Township | None
) -> dict[tuple[Any, ...], _Stored]:
    """A close's verdicts by what they judge."""
    verdicts = Verdict.objects.visible_to(viewer) if viewer else Verdict.objects.all()
    verdicts = verdicts.filter(close=close)
    if township is not None:
        verdicts = verdicts.filter(scope_township=township)
    columns = (f"{column}_id" for column in SUBJECT_COLUMNS)
    named = verdicts.order_by("rule__position", "pk").values_list(
        *("pk", "status", "required", "actual"),
        *("rule__key", "subject_kind", "period_start", "period_end", *columns),
    )
    return {tuple(row[4:]): _Stored(*row[:4]) for row in named.iterator()}


def _figures(stored: _Stored | None) -> tuple[Any, ...] | None:
    return stored and stored[1:]


def _rows(pks: Iterable[int]) -> dict[int, Verdict]:
    related = (
        *("rule", "close__bureau", "advisor", "village", "township", "team", "organisation"),
        *("appointment__advisor", "appointment__village"),
    )
    return Verdict.objects.select_related(*related).in_bulk(list(pks))


def _change(before: Verdict | None, after: Verdict | None) -> Change:
    told = after or before
    if told is None:
        raise ValueError("one of the two revisions has the verdict")
    return Change(
        subject=_named(told),
        rule=told.rule.title,
        period=judged_from(told).period.label,
        before=_figure(before),
        after=_figure(after),
    )


def _figure(verdict: Verdict | None) -> Figure | None:
    if verdict is None:
        return None
    return Figure(
        pk=verdict.pk,
        status=VerdictStatus(verdict.status),
        actual=int(verdict.actual),
        required=int(verdict.required),
        unit=verdict.rule.definition["unit"],
    )


def _named(verdict: Verdict) -> str:
    if verdict.appointment is not None:
        return f"{verdict.appointment.village.short_name} {verdict.appointment.advisor}"
    if verdict.village is not None:
        return verdict.village.short_name
    if verdict.subject_kind == SubjectKind.BUREAU:
        return verdict.close.bureau.name
    return str(getattr(verdict, verdict.subject_kind))
