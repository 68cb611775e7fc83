"""The figures of a bureau's months, by village, as the catalogue adds them up.

A closed month is counted as its newest finished close knew it: what came later is in no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db.models import Q

from advisors.enums import Category
from advisors.models import Appointment
from assessments.enums import SubjectKind, VerdictStatus
from assessments.filling.indicators import Amount, Indicator, Span, Tally
from assessments.models import MonthClose, Policy, Verdict
from assessments.quota.packs import rule_from_json
from assessments.reports.activity import SUBMITTED, Activity, activity_by_appointment
from assessments.reports.desk import ReportDesk
from lawadvisor.foundation.periods import Period
from villages.models import Bureau, Township, Village
from worklogs.models import Matter, ServiceLog


@dataclass(frozen=True, slots=True)
class Known:
    """One month and the moment up to which its records count; ``revision`` 0: not closed."""

    month: Period
    until: datetime
    revision: int = 0

    @property
    def records(self) -> Q:
        """The sessions of the month that count, on the table of sessions."""
        return Q(
            service_date__gte=self.month.start,
            service_date__lt=self.month.end,
            entered_at__lt=self.until,
            state__in=SUBMITTED,
        )


@dataclass(frozen=True, slots=True)
class _Month:
    known: Known
    done: Mapping[int, Activity]  # by village

    @property
    def is_empty(self) -> bool:
        return not any(each.submitted for each in self.done.values())


@dataclass(frozen=True, slots=True)
class Place:
    """``villages`` are all of it, also those no longer in the list, for their records count."""

    kind: str
    code: str
    name: str
    villages: frozenset[int]


class Count:
    """All that a form of one bureau and month may ask, read once. Spans end with that month."""

    def __init__(self, bureau: Bureau, month: Period, spans: Iterable[Span], now: datetime) -> None:
        self.bureau, self.month = bureau, month
        wanted = {each for span in spans for each in span.months(month)} | {month}
        self.months = {each.start: _month(bureau, each, now) for each in sorted(wanted)}
        self.places = places_of(bureau)
        self._listed = frozenset(
            Village.objects.active().filter(township__bureau=bureau).values_list("pk", flat=True)
        )
        self._held = _held_on(bureau, month.last_day)
        self._tallies: dict[tuple[str, str, Span], Tally] = {}
        closes = MonthClose.objects.filter(bureau=bureau).order_by("month")
        self._closing_since = closes.values_list("month", flat=True).first()
        close = newest_finished(bureau, month)
        self._statuses = _statuses(close) if close else None

    def _known(self, month: Period) -> Known:
        return self.months[month.start].known

    @property
    def open_months(self) -> tuple[Period, ...]:
        """Those that count without having been closed: the form's own, and others with records.

        Not those before the bureau's first close: what was moved in from older years is counted
        as it stands, and will never be closed here.
        """
        return tuple(
            each.known.month
            for each in self.months.values()
            if not each.known.revision
            and (each.known.month == self.month or self._should_be_closed(each))
        )

    def _should_be_closed(self, each: _Month) -> bool:
        since = self._closing_since
        return since is not None and each.known.month.start >= since and not each.is_empty

    def known(self, span: Span) -> tuple[Known, ...]:
        return tuple(self._known(month) for month in span.months(self.month))

    def tally(self, place: Place, span: Span) -> Tally:
        """Kept: a form asks for many figures of one place."""
        key = place.kind, place.code, span
        if key not in self._tallies:
            self._tallies[key] = self._tallied(place, span)
        return self._tallies[key]

    def _tallied(self, place: Place, span: Span) -> Tally:
        own = place.villages
        months = [self.months[month.start].done for month in span.months(self.month)]
        held = [row for village in own for row in self._held.get(village, ())]
        return Tally(
            place=place.name,
            month=self.month.label,
            done=_sum(done[village] for done in months for village in own if village in done),
            villages=own & self._listed,
            attended=own & self._held.keys(),
            served=frozenset(
                village
                for done in months
                for village in own
                if village in done and done[village].submitted
            ),
            advisors=frozenset(advisor for advisor, _, _ in held),
            lawyers=frozenset(who for who, category, _ in held if category == Category.LAWYER),
            organisations=frozenset(organisation for _, _, organisation in held),
            statuses=self._statuses,
        )

    def amount(self, indicator: Indicator, place: Place, span: Span) -> Amount:
        return indicator.amount(self.tally(place, span))

    def parts(self, indicator: Indicator, place: Place, span: Span) -> list[tuple[Place, Amount]]:
        """The same by the places within: a bureau's townships, a township's villages."""
        within = {"bureau": "township", "township": "village"}.get(place.kind)
        inner = [
            each
            for each in self.places.values()
            if each.kind == within and each.villages and each.villages <= place.villages
        ]
        return [(each, self.amount(indicator, each, span)) for each in inner]


def newest_finished(bureau: Bureau, month: Period) -> MonthClose | None:
    """The close whose word stands; None while the month was never closed to the end."""
    closes = MonthClose.objects.filter(bureau=bureau, month=month.start)
    return closes.exclude(closed_at=None).select_related("bureau").order_by("-revision").first()


def places_of(bureau: Bureau) -> dict[tuple[str, str], Place]:
    """The bureau, its townships and their villages, by kind and code, in the order of codes."""
    villages = list(
        Village.objects.filter(township__bureau=bureau).select_related("township").order_by("code")
    )
    found = [Place("bureau", bureau.code, bureau.name, frozenset(row.pk for row in villages))]
    found += [
        Place(
            *("township", town.code, town.name),
            frozenset(row.pk for row in villages if row.township_id == town.pk),
        )
        for town in Township.objects.filter(bureau=bureau).order_by("code")
    ]
    found += [Place("village", row.code, row.short_name, frozenset({row.pk})) for row in villages]
    return {(place.kind, place.code): place for place in found}


def records_of(
    indicator: Indicator, villages: Iterable[int], months: Sequence[Known]
) -> list[ServiceLog | Matter]:
    """The records behind a figure, as they are now; [] for one that counts places or people."""
    if not indicator.of or not months:
        return []
    counted = Q()
    for known in months:
        counted |= known.records
    logs = ServiceLog.objects.filter(counted, appointment__village__in=list(villages))
    if indicator.of == "session":
        rows = logs.filter(indicator.records).select_related("appointment__village", "advisor")
        return list(rows.order_by("service_date", "pk"))
    matters = Matter.objects.filter(indicator.records, log__in=logs.order_by())
    related = matters.select_related("log__appointment__village", "log__advisor")
    return list(related.order_by("log__service_date", "pk"))


def grounds(indicator: Indicator, bureau: Bureau, month: Period) -> tuple[str, ...]:
    """The clauses of the policy in force that ask for what the indicator counts."""
    policy = Policy.objects.filter(bureau=bureau).in_force_on(month.start).first()
    if policy is None or not indicator.of:
        return ()
    found = []
    for stored in policy.rules.order_by("position"):
        records = rule_from_json(stored.definition).records
        if records is None or records.unit != indicator.of:
            continue
        if indicator.of == "session" or set(indicator.kinds) & (records.kinds or set()):
            found.append(f"{policy.title}{stored.clause}：{stored.phrase}")
    return tuple(dict.fromkeys(found))


def _month(bureau: Bureau, month: Period, now: datetime) -> _Month:
    close = newest_finished(bureau, month)
    known = Known(month, close.opened_at, close.revision) if close else Known(month, now)
    terms = Appointment.objects.holding().overlapping(month.start, month.end)
    held = list(terms.filter(village__township__bureau=bureau).only("pk", "village_id"))
    by_village: dict[int, list[Activity]] = {}
    done = activity_by_appointment(held, month, known.until)
    for appointment in held:
        if appointment.pk in done:
            by_village.setdefault(appointment.village_id, []).append(done[appointment.pk])
    return _Month(known, {village: _sum(own) for village, own in by_village.items()})


def _held_on(bureau: Bureau, day: date) -> dict[int, list[tuple[int, str, int]]]:
    """By village: who is appointed there on that day, of which category and organisation."""
    terms = Appointment.objects.holding().filter(
        village__township__bureau=bureau, term__contains=day
    )
    rows = terms.values_list(
        *("village_id", "advisor_id", "advisor__category", "advisor__organisation_id")
    )
    found: dict[int, list[tuple[int, str, int]]] = {}
    for village, *who in rows:
        found.setdefault(village, []).append((who[0], who[1], who[2]))
    return found


def _statuses(close: MonthClose) -> dict[int, VerdictStatus]:
    """How each village stood, all its rules together, as the month's summary says it."""
    desk = ReportDesk.of(close, None)
    found: dict[int, list[Verdict]] = {}
    for verdict in desk.of_kind(SubjectKind.VILLAGE):
        found.setdefault(verdict.subject_id, []).append(verdict)
    words = {village: desk.status_in_month(verdicts) for village, verdicts in found.items()}
    return {village: status for village, status in words.items() if status is not None}


def _sum(activities: Iterable[Activity]) -> Activity:
    found = list(activities)
    names = [field.name for field in fields(Activity)]
    return Activity(**{name: sum(getattr(one, name) for one in found) for name in names})
