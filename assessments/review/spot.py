"""The spot check of a township's month: clues and chance choose, a person looks and writes down.

Read in a fixed number of queries. Texts are compared by marks that tell none of their words.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.db import transaction
from django.db.models import Count

from advisors.models import Appointment
from assessments.checking import CheckEntry, fill
from assessments.enums import CheckOutcome
from assessments.models import SpotCheck, SpotDraw
from assessments.reports.activity import SUBMITTED
from assessments.review.clues import Mark, Sheaf, Written, clues
from assessments.review.oddities import Asked
from assessments.review.records import Record, records_of
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period, local_date
from lawadvisor.foundation.viewer import Actor, Viewer
from villages.models import Bureau, Township
from worklogs.enums import AttachmentKind, MatterKind, Mode
from worklogs.faces import text_mark
from worklogs.likeness import is_alike
from worklogs.models import Attachment, Matter, ServiceLog

#: How many are drawn by chance, unless said otherwise, and at most (both ours).
DRAWN, MOST_DRAWN = 3, 50
#: Over so many months photos are compared, and the lengths of visits (ours).
PHOTO_MONTHS, LENGTH_MONTHS = 12, 3
_SEEDS = 1_000_000_000
#: What is asked of every record anyway is no clue: the review shows it.
_ONLY_DAYS = Asked(late_days=10_000, confirmation=False, lecture_photo=False, apart=False)


# ── what there is to notice ─────────────────────────────────────────────────────────────────────


def clues_in(township: Township, month: Period, viewer: Viewer) -> dict[int, tuple[str, ...]]:
    """The clues on each advisor who handed something in this month, by appointment."""
    texts, (photos, alike) = _texts(township, month), _photos(township, month)
    lengths = _lengths(township, month)
    own_texts = _by_record(mark for marks in texts.values() for mark in marks if mark.place)
    own_photos = _by_record(photos)
    return {
        appointment: clues(
            Sheaf(
                records=tuple(Written(r.pk, r.day, r.entered, r.words) for r in records),
                lengths=tuple(lengths.get(appointment, ())),
                texts=_marks(records, own_texts),
                photos=_marks(records, own_photos),
            ),
            month,
            texts,
            alike,
        )
        for appointment, found in records_of(township, month, viewer, _ONLY_DAYS).items()
        if (records := [record for record in found if record.state in SUBMITTED])
    }


def _by_record(marks: Iterable[Mark]) -> dict[int, list[Mark]]:
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        found.setdefault(mark.record, []).append(mark)
    return found


def _marks(records: Iterable[Record], own: Mapping[int, Sequence[Mark]]) -> tuple[Mark, ...]:
    return tuple(mark for record in records for mark in own.get(record.pk, ()))


def _mark(what: object, log: ServiceLog, township: Township) -> Mark:
    """A village of another township is not named to this one."""
    village = log.appointment.village
    place = village.short_name if village.township_id == township.pk else ""
    return Mark(what, log.pk, village.pk, place, log.service_date)


def _texts(township: Township, month: Period) -> dict[object, list[Mark]]:
    """All that was told in the bureau this month, by a mark of the words; this month's own too."""
    logs = ServiceLog.objects.within(month).filter(
        appointment__village__township__bureau=township.bureau_id, state__in=SUBMITTED
    )
    matters = (
        Matter.objects.filter(log__in=logs)
        .exclude(kind=MatterKind.MEDIATION)
        .exclude(content="")
        .select_related("log__appointment__village")
        .only("kind", "content", *_WHERE.values())
    )
    found: dict[object, list[Mark]] = {}
    for matter in matters.order_by("log__service_date", "pk"):
        if what := text_mark(matter):
            found.setdefault(what, []).append(_mark(what, matter.log, township))
    return found


#: What a mark needs to know of its record, as a matter and as a photo reach it.
_WHERE = {
    "day": "log__service_date",
    "village": "log__appointment__village__name",
    "township": "log__appointment__village__township_id",
}


def _photos(township: Township, month: Period) -> tuple[list[Mark], dict[object, list[Mark]]]:
    """This township's photos of the month, and by each those of the year that look like it."""
    first = month
    for _ in range(PHOTO_MONTHS - 1):
        first = first.previous()
    kept = Attachment.objects.filter(
        kind=AttachmentKind.PHOTO,
        likeness__isnull=False,
        matter__log__appointment__village__township__bureau=township.bureau_id,
        matter__log__service_date__gte=first.start,
        matter__log__service_date__lt=month.end,
        matter__log__state__in=SUBMITTED,
    )
    related = kept.select_related("matter__log__appointment__village").only(
        "likeness", *(f"matter__{path}" for path in _WHERE.values())
    )
    seen = [
        (photo.likeness or 0, _mark(photo.pk, photo.matter.log, township))
        for photo in related.order_by("pk")
    ]
    own = [(look, mark) for look, mark in seen if mark.place and mark.day in month]
    alike: dict[object, list[Mark]] = {
        mark.what: [other for seen_look, other in seen if is_alike(look, seen_look)]
        for look, mark in own
    }
    return [mark for _, mark in own], alike


def _lengths(township: Township, month: Period) -> dict[int, list[int]]:
    """The minutes of each visit on site in the months up to this one, by appointment."""
    first = month
    for _ in range(LENGTH_MONTHS - 1):
        first = first.previous()
    visits = ServiceLog.objects.filter(
        appointment__village__township=township,
        mode=Mode.ON_SITE,
        state__in=SUBMITTED,
        service_date__gte=first.start,
        service_date__lt=month.end,
    )
    found: dict[int, list[int]] = {}
    rows = visits.order_by("service_date", "pk").values_list("appointment_id", "minutes")
    for appointment, minutes in rows:
        found.setdefault(appointment, []).append(minutes)
    return found


# ── choosing and looking ────────────────────────────────────────────────────────────────────────


@transaction.atomic
def draw(
    *,
    by: Actor,
    township: Township,
    month: Period,
    size: int,
    viewer: Viewer,
    now: datetime,
    seed: int | None = None,
) -> SpotDraw:
    """Choose whom the spot check of a month that is over looks at, once.

    All with clues, and ``size`` of the others by chance; ``seed`` None draws one, and is kept, so
    that everybody can draw the same again (``by_chance``). Raises DomainError while the month
    runs or for a size that is none, and Conflict where it was drawn.
    """
    if month.end > local_date(now):
        raise DomainError(f"{month.label}尚未结束，不能抽取。", field="month")
    if not 0 <= size <= MOST_DRAWN:
        raise DomainError(f"随机抽取数应为0至{MOST_DRAWN}。", field="size")
    hold(f"spot:{township.pk}:{month.code}")
    if SpotDraw.objects.filter(township=township, month=month.start).exists():
        raise Conflict(f"{month.label}的抽查名单已经抽取，不能重抽。", field="month")
    found = clues_in(township, month, viewer)
    others = sorted(pk for pk, clue in found.items() if not clue)
    seed = secrets.randbelow(_SEEDS) if seed is None else seed
    chosen = {pk: clue for pk, clue in found.items() if clue}
    chosen |= dict.fromkeys(by_chance(others, size, seed), ())
    made = SpotDraw.objects.create(
        township=township,
        month=month.start,
        seed=seed,
        size=size,
        population=len(others),
        chosen=[[pk, list(clue)] for pk, clue in chosen.items()],
        drawn_at=now,
        drawn_by=by.name,
    )
    audit.record(
        by=by,
        verb="spot.draw",
        subject=made,
        bureau_id=township.bureau_id,
        after={"month": month.code, "seed": seed, "size": size, "population": len(others)},
    )
    return made


def by_chance(others: Sequence[int], size: int, seed: int) -> list[int]:
    """``size`` of them, all where there are fewer; the same for the same seed and others."""
    return sorted(Random(seed).sample(others, min(size, len(others))))  # noqa: S311 drawn in the open


@transaction.atomic
def record_look(
    *, by: Actor, drawn: SpotDraw, appointment: Appointment, entry: CheckEntry, now: datetime
) -> SpotCheck:
    """Write down what was found of one who was chosen. It changes nobody's figures.

    Raises DomainError for one who was not chosen, for a field that does not fit and for a fault
    that is not told, and Conflict where somebody has looked already.
    """
    chosen = {each.appointment: each for each in drawn.all_chosen}
    if appointment.pk not in chosen:
        raise DomainError("不在本月的抽查名单中。", field="appointment")
    hold(f"spot:{drawn.township_id}:{drawn.period.code}")
    if (there := drawn.checks.filter(appointment=appointment).first()) is not None:
        raise Conflict(f"已由{there.checked_by}填写抽查记录。", field="appointment")
    check = SpotCheck(
        draw=drawn,
        appointment=appointment,
        clues=list(chosen[appointment.pk].clues),
        checked_at=now,
    )
    fill(check, entry, by)
    if check.outcome == CheckOutcome.NO_DEMAND:
        raise DomainError("有服务记录的，请选择是否属实。", field="outcome")
    check.save()
    audit.record(
        by=by,
        verb="spot.record",
        subject=check,
        bureau_id=drawn.township.bureau_id,
        after={"method": check.method, "outcome": check.outcome, "records": check.records},
    )
    return check


# ── the pages ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class SpotRow:
    """One who was chosen; ``records`` how many were handed in, ``check`` None: nobody looked."""

    appointment: Appointment
    clues: tuple[str, ...]
    records: int
    check: SpotCheck | None


def spot_rows(drawn: SpotDraw) -> tuple[SpotRow, ...]:
    """Who waits to be looked at first, and of them those with the most clues. In three queries."""
    chosen = {each.appointment: each.clues for each in drawn.all_chosen}
    checks = {check.appointment_id: check for check in drawn.checks.all()}
    standing = ServiceLog.objects.within(drawn.period).filter(state__in=SUBMITTED)
    counts = standing.filter(appointment__in=chosen).values_list("appointment").order_by()
    handed_in = dict(counts.annotate(count=Count("pk")))
    served = Appointment.objects.select_related("advisor", "village").filter(pk__in=chosen)
    rows = [
        SpotRow(
            appointment=term,
            clues=chosen[term.pk],
            records=handed_in.get(term.pk, 0),
            check=checks.get(term.pk),
        )
        for term in served.order_by("village__code", "pk")
    ]
    return tuple(sorted(rows, key=lambda row: (row.check is not None, -len(row.clues))))


@dataclass(frozen=True, slots=True)
class SpotLine:
    """One township on the bureau's page; ``drawn`` None: nothing was drawn."""

    township: Township
    drawn: SpotDraw | None
    looked: int = 0
    untrue: int = 0

    @property
    def with_clues(self) -> int:
        return sum(not each.by_chance for each in self.drawn.all_chosen) if self.drawn else 0

    @property
    def drawn_by_chance(self) -> int:
        return sum(each.by_chance for each in self.drawn.all_chosen) if self.drawn else 0


def spot_lines(bureau: Bureau, month: Period, viewer: Viewer) -> tuple[SpotLine, ...]:
    """All townships that the viewer sees, in three queries."""
    own = SpotDraw.objects.visible_to(viewer).filter(township__bureau=bureau, month=month.start)
    draws = {made.township_id: made for made in own}
    looks = SpotCheck.objects.filter(draw__in=draws.values()).order_by()
    outcomes: dict[int, list[str]] = {}
    for place, outcome in looks.values_list("draw__township_id", "outcome"):
        outcomes.setdefault(place, []).append(outcome)
    townships = Township.objects.visible_to(viewer).filter(bureau=bureau).order_by("code")
    return tuple(
        SpotLine(
            township=place,
            drawn=draws.get(place.pk),
            looked=len(found := outcomes.get(place.pk, [])),
            untrue=sum(outcome not in CheckOutcome.plain() for outcome in found),
        )
        for place in townships
    )
