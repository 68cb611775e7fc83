"""A superior's form: taken in, set cell by cell, renewed, and filled month by month."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max

from assessments.filling import files
from assessments.filling.counting import Count, Place, grounds, newest_finished, places_of
from assessments.filling.indicators import CATALOGUE, Amount, Indicator, Span
from assessments.filling.labels import Entry, carried, entries_of, labels_of, plain
from assessments.models import FormFilling, FormTemplate, FormVersion
from lawadvisor.foundation import audit, blanks
from lawadvisor.foundation.blanks import Cell, Sheet
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.periods import Period, local_date
from lawadvisor.foundation.viewer import Actor
from villages.models import Bureau

NAME_LENGTH = 80
DRAFT_MARK = "未关账，数据未定，仅供参考"
#: How people add to a township's name on a form of theirs.
_ENDINGS = re.compile(r"(人民政府|办事处|司法所|司法分局|村民委员会|居民委员会|村委会|居委会)$")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a cell is to be filled with; ``place`` and ``code`` name the place."""

    indicator: str
    span: str
    place: str
    code: str


class _Blank(NamedTuple):
    file_name: str
    kept: files.Kept


# ── the form and its cells ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def open_form(
    *, by: Actor, bureau: Bureau, name: str, file_name: str, chunks: Iterable[bytes]
) -> FormVersion:
    """Take in a blank form under a name. DomainError for a file that cannot be filled."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LENGTH:
        raise DomainError(f"请填写报表名称，最多{NAME_LENGTH}个字。", field="name")
    kept = files.keep_blank(chunks)
    hold(f"forms:{bureau.pk}")
    if FormTemplate.objects.filter(bureau=bureau, name=name).exists():
        raise DomainError("已有同名的上级报表，请换一个名称，或在原表上换新表样。", field="name")
    form = FormTemplate.objects.create(bureau=bureau, name=name, made_by=by.name)
    return _version(by, form, number=1, blank=_Blank(file_name[:200], kept), verb="form.open")


@transaction.atomic
def map_cell(
    *, by: Actor, form: FormTemplate, based_on: int, sheet: str, cell: str, wish: Wish
) -> FormVersion:
    """Fill this cell with one figure. Conflict where somebody else changed the form meanwhile."""
    newest = _newest(form, based_on)
    page, found = _fillable(newest, sheet, cell)
    entry = _entry(page, found, wish, places_of(form.bureau))
    return _with(by, newest, [entry])


@transaction.atomic
def map_rows(
    *,
    by: Actor,
    form: FormTemplate,
    based_on: int,
    sheet: str,
    cell: str,
    key_column: str,
    wish: Wish,
) -> tuple[FormVersion, tuple[str, ...]]:
    """Fill this cell's column downwards, each row for the place that ``key_column`` names.

    Returns the version and the names for which no place was found. Rows whose cell is a formula
    or stands under a merged one are left alone. DomainError where no row names a place.
    """
    newest = _newest(form, based_on)
    page, first = _fillable(newest, sheet, cell)
    column = blanks.column_number(key_column) if re.fullmatch(r"[A-Z]{1,2}", key_column) else 0
    if not 0 < column <= page.columns:
        raise DomainError("请选择写有镇街或村（社区）名称的一列。", field="key_column")
    places = places_of(form.bureau)
    entries, unknown = [], []
    for row in range(first.row, page.rows + 1):
        named = page.by_place.get((row, column))
        target = page.at(blanks.address(row, first.column))
        if named is None or named.kind != "text" or target is None or not target.fillable:
            continue
        place = _place_named(named.text, places.values())
        if place is None:
            unknown.append(plain(named.text))
            continue
        own = Wish(wish.indicator, wish.span, place.kind, place.code)
        entries.append(_entry(page, target, own, places))
    if not entries:
        raise DomainError(
            f"从{cell}起，{key_column}列没有一行写着本局的镇街或村（社区）。", field="key_column"
        )
    return _with(by, newest, entries), tuple(dict.fromkeys(unknown))


@transaction.atomic
def unmap(
    *, by: Actor, form: FormTemplate, based_on: int, sheet: str, cells: Sequence[str]
) -> FormVersion:
    """Leave these cells as they are in the blank."""
    newest = _newest(form, based_on)
    gone = {(sheet, cell) for cell in cells}
    kept = [entry for entry in entries_of(newest.cells) if entry.key not in gone]
    if len(kept) == len(newest.cells):
        raise DomainError("这一格没有设置过。")
    return _next(by, newest, kept, after={"removed": len(newest.cells) - len(kept)})


@transaction.atomic
def renew_blank(
    *, by: Actor, form: FormTemplate, based_on: int, file_name: str, chunks: Iterable[bytes]
) -> FormVersion:
    """Take in a new edition of the form; what stands at the same texts is carried over.

    What moved, vanished, or became a formula or part of a merged cell is told in ``notes``.
    """
    kept = files.keep_blank(chunks)
    newest = _newest(form, based_on)
    found = carried(entries_of(newest.cells), files.layout(kept.checksum))
    return _version(
        by,
        form,
        number=newest.number + 1,
        blank=_Blank(file_name[:200], kept),
        cells=found.entries,
        notes=found.notes,
        verb="form.renew",
    )


def place_names(bureau: Bureau) -> dict[tuple[str, str], str]:
    """What every place that a cell may ask for is called, by kind and code."""
    return {key: place.name for key, place in places_of(bureau).items()}


def newest_version(form: FormTemplate) -> FormVersion:
    return form.versions.order_by("-number")[0]


def _newest(form: FormTemplate, based_on: int) -> FormVersion:
    hold(f"form:{form.pk}")
    newest = newest_version(form)
    if newest.number != based_on:
        raise Conflict("这张表刚被别人改过设置，请按现在的样子重新选择。")
    return newest


def _fillable(version: FormVersion, sheet: str, cell: str) -> tuple[Sheet, Cell]:
    page = files.layout(version.checksum).sheet(sheet)
    found = page.at(cell) if page else None
    if page is None or found is None:
        raise DomainError("表里没有这一格，请重新选择。", field="cell")
    if not found.fillable:
        raise DomainError(f"{cell}是公式，由表格自己计算，不能填写。", field="cell")
    return page, found


def _entry(page: Sheet, cell: Cell, wish: Wish, places: dict[tuple[str, str], Place]) -> Entry:
    """DomainError for a figure, a span or a place that is none."""
    indicator = CATALOGUE.get(wish.indicator)
    if indicator is None:
        raise DomainError("请选择要填的指标。", field="indicator")
    if wish.span not in indicator.spans:
        raise DomainError(
            f"“{indicator.title}”只能按{'、'.join(s.label for s in indicator.spans)}填报。",
            field="span",
        )
    if (wish.place, wish.code) not in places:
        raise DomainError("请选择范围：全局、某个镇街，或按行的名称。", field="place")
    row, column = labels_of(page, cell)
    return Entry(
        sheet=page.name,
        cell=cell.place,
        indicator=indicator.key,
        span=wish.span,
        place=wish.place,
        code=wish.code,
        row=row,
        column=column,
    )


def _place_named(text: str, places: Iterable[Place]) -> Place | None:
    """The one place of this name; None where there is none, or several."""
    named = _short(text)
    found = [place for place in places if named and _short(place.name) == named]
    return found[0] if len(found) == 1 else None


def _short(name: str) -> str:
    return _ENDINGS.sub("", plain(name))


def _with(by: Actor, newest: FormVersion, entries: Sequence[Entry]) -> FormVersion:
    own = {entry.key: entry for entry in (*entries_of(newest.cells), *entries)}
    first, last = entries[0], entries[-1]
    named = first.cell if first is last else f"{first.cell}—{last.cell}"
    after = {"sheet": first.sheet, "cells": named, "rows": len(entries)}
    return _next(by, newest, list(own.values()), after=after)


def _next(
    by: Actor, newest: FormVersion, cells: Sequence[Entry], *, after: dict[str, Any]
) -> FormVersion:
    return _version(
        by,
        newest.form,
        number=newest.number + 1,
        blank=_Blank(newest.file_name, files.Kept(newest.checksum, newest.size)),
        cells=cells,
        notes=newest.notes,
        verb="form.map",
        after=after,
    )


def _version(
    by: Actor,
    form: FormTemplate,
    *,
    number: int,
    blank: _Blank,
    verb: str,
    cells: Sequence[Entry] = (),
    notes: Sequence[str] = (),
    after: dict[str, Any] | None = None,
) -> FormVersion:
    made = FormVersion.objects.create(
        form=form,
        number=number,
        file_name=blank.file_name,
        checksum=blank.kept.checksum,
        size=blank.kept.size,
        cells=[entry.as_json() for entry in cells],
        notes=list(notes),
        made_by=by.name,
    )
    told = {"version": number, "file": blank.file_name, **(after or {})}
    audit.record(by=by, verb=verb, subject=made, bureau_id=form.bureau_id, after=told)
    return made


# ── the month ───────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def fill_form(*, by: Actor, version: FormVersion, month: Period, now: datetime) -> FormFilling:
    """Fill the form for a month, from its closes as far as there are any, and keep the file.

    Raises DomainError before the month has begun, for a form of which nothing is set, and
    where a set cell cannot be filled: then nothing is kept.
    """
    bureau = version.form.bureau
    entries = entries_of(version.cells)
    if not entries:
        raise DomainError("还没有设置要填的单元格。请先在表上点选单元格，选择指标。")
    if month.start > local_date(now):
        raise DomainError(f"{month.label}还没有开始。", field="month")
    count = Count(bureau, month, {Span(entry.span) for entry in entries}, now)
    figures = _figures(bureau, month, version, entries, count)
    draft = bool(count.open_months)
    content = blanks.fill(
        files.path_of(version.checksum),
        [
            (each["sheet"], each["cell"], each["written"])
            for each in figures["cells"]
            if each["amount"] is not None
        ],
        mark=DRAFT_MARK if draft else "",
    )
    kept = files.keep(content)
    hold(f"form:{version.form_id}")
    earlier = FormFilling.objects.filter(version__form=version.form, month=month.start)
    made = FormFilling.objects.create(
        version=version,
        month=month.start,
        number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
        close=newest_finished(bureau, month),
        is_draft=draft,
        figures=figures,
        checksum=kept.checksum,
        size=kept.size,
        made_by=by.name,
    )
    told = {"month": month.code, "version": version.number, "cells": len(entries)}
    told |= {"is_draft": draft, "checksum": kept.checksum}
    audit.record(by=by, verb="form.fill", subject=made, bureau_id=bureau.pk, after=told)
    return made


def _figures(
    bureau: Bureau, month: Period, version: FormVersion, entries: Sequence[Entry], count: Count
) -> dict[str, Any]:
    """What is kept of a filling: each cell's figure with its parts, and what they rest on."""
    layout = files.layout(version.checksum)
    cells = []
    for entry in entries:
        indicator, span = CATALOGUE[entry.indicator], Span(entry.span)
        place = count.places.get((entry.place, entry.code))
        if place is None:
            raise DomainError(
                f"“{entry.sheet}”{entry.cell}所填的镇街或村（社区）已不在本局，请重新设置这一格。"
            )
        amount = count.amount(indicator, place, span)
        cell = layout.cell(entry.sheet, entry.cell)
        cells.append(
            {
                **entry.as_json(),
                "title": indicator.title,
                "unit": indicator.unit,
                "where": place.name,
                "amount": amount,
                "written": _written(indicator, amount, cell),
                "parts": [
                    [each.code, each.name, part]
                    for each, part in count.parts(indicator, place, span)
                ],
            }
        )
    known = {each for span in Span for each in _known(count, span)}
    return {
        "cells": cells,
        "months": [
            {"month": each.month.code, "until": each.until.isoformat(), "revision": each.revision}
            for each in sorted(known, key=lambda one: one.month)
        ],
        "open": [each.label for each in count.open_months],
        "grounds": {
            key: list(grounds(CATALOGUE[key], bureau, month))
            for key in dict.fromkeys(entry.indicator for entry in entries)
        },
    }


def _known(count: Count, span: Span) -> tuple[Any, ...]:
    wanted = [month for month in span.months(count.month) if month.start in count.months]
    return tuple(count.months[month.start].known for month in wanted)


def _written(indicator: Indicator, amount: Amount, cell: Cell | None) -> Amount:
    """A share is written as the cell shows it: 98.1, or 0.981 where its format is a percentage."""
    if indicator.unit == "%" and isinstance(amount, float) and cell is not None and cell.percent:
        return round(amount / 100, 4)
    return amount
