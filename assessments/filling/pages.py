"""The bureau's pages of its superior's forms: take one in, set its cells by clicking, fill it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from assessments.desk import MONTH_CODE, last_full_month
from assessments.filling import files, services
from assessments.filling.counting import newest_finished
from assessments.filling.grid import grid_of
from assessments.filling.indicators import CATALOGUE, Span, grouped
from assessments.filling.labels import Entry, entries_of
from assessments.filling.services import Wish, newest_version
from assessments.models import FormFilling, FormTemplate, FormVersion
from assessments.seen import bureau_seen
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.blanks import Cell, Layout, Sheet, column_number
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import number_in, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Bureau, Township

logger = logging.getLogger(__name__)

#: So many months can be filled from the form's page, the running one first.
MONTHS = 13
_HEAD_TEXT = 12


def filler(request: HttpRequest) -> None:
    """PermissionDenied for whoever fills no forms."""
    viewer = viewer_of(request)
    if not (viewer.may(Verb.FILL_FORMS) and viewer.sees(Thing.FORMS)):
        raise PermissionDenied


def _form(request: HttpRequest, pk: int) -> FormTemplate:
    filler(request)
    seen = FormTemplate.objects.visible_to(viewer_of(request)).select_related("bureau")
    return get_object_or_404(seen, pk=pk)


def forms(request: HttpRequest, code: str) -> HttpResponse:
    """The bureau's forms; a POST takes a new one in."""
    filler(request)
    bureau = bureau_seen(request, code)
    refused = None
    if request.method == "POST":
        try:
            return _taken_in(request, bureau)
        except DomainError as refusal:
            refused = refusal
    rows = [
        (form, newest_version(form), form_fillings(form).first())
        for form in FormTemplate.objects.visible_to(viewer_of(request)).filter(bureau=bureau)
    ]
    context = {
        "bureau": bureau,
        "rows": rows,
        "refused": refused,
        "name": request.POST.get("name", ""),
        "name_length": services.NAME_LENGTH,
    }
    return render(request, "filling/forms.html", context, status=400 if refused else 200)


def _taken_in(request: HttpRequest, bureau: Bureau) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None:
        raise DomainError("请选择上级发来的空白表（.xlsx）。", field="file")
    made = services.open_form(
        by=actor_of(request),
        bureau=bureau,
        name=request.POST.get("name", ""),
        file_name=file.name or "",
        chunks=file.chunks(),
    )
    messages.success(request, "已收下空白表。请在表上点选要填的单元格，选择指标。")
    return redirect("form", made.form_id)


def form_fillings(form: FormTemplate) -> QuerySet[FormFilling]:
    """Newest first."""
    rows = FormFilling.objects.filter(version__form=form).select_related("version", "close")
    return rows.order_by("-month", "-number")


# ── one form ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Chosen:
    """The cell that was clicked; ``heads`` are the columns whose texts may name the rows."""

    place: str
    text: str
    entry: Entry | None
    title: str
    where: str
    heads: tuple[tuple[str, str], ...]


@require_safe
def form(request: HttpRequest, pk: int) -> HttpResponse:
    """The newest version as a grid. ``?sheet=1&cell=C5`` chooses one of its cells."""
    found = _form(request, pk)
    version = newest_version(found)
    layout = _layout(version)
    number = number_in(request.GET.get("sheet", "0"), digits=3) or 0
    if number >= len(layout.sheets):
        raise Http404
    sheet = layout.sheets[number]
    entries = {e.cell: e for e in entries_of(version.cells) if e.sheet == sheet.name}
    places = services.place_names(found.bureau)
    chosen = _chosen(sheet, entries, request.GET.get("cell", ""), places)
    context = {
        "form": found,
        "version": version,
        "lost": layout.lost,
        "sheets": [(n, each.name) for n, each in enumerate(layout.sheets)],
        "number": number,
        "sheet": sheet,
        "grid": grid_of(
            sheet,
            {place: CATALOGUE[e.indicator].title for place, e in entries.items()},
            lambda cell: _link(number, cell),
            chosen.place if chosen else "",
        ),
        "chosen": chosen,
        "catalogue": grouped(),
        "spans": list(Span),
        "townships": Township.objects.filter(bureau=found.bureau).order_by("code"),
        "runs": _runs(entries, places),
        "set": len(entries),
        "months": _months(found.bureau),
        "fillings": form_fillings(found)[:50],
        "asked_month": last_full_month(timezone.localdate()).code,
    }
    return render(request, "filling/form.html", context)


def _layout(version: FormVersion) -> Layout:
    try:
        return files.layout(version.checksum)
    except OSError:
        logger.exception("the blank of %s is gone", version)
        raise Http404 from None


def _link(number: int, cell: Cell) -> str:
    if not cell.fillable:
        return ""
    return f"?sheet={number}&cell={cell.place}#choose"


def _chosen(
    sheet: Sheet, entries: dict[str, Entry], place: str, places: dict[tuple[str, str], str]
) -> Chosen | None:
    cell = sheet.at(place)
    if cell is None or not cell.fillable:
        return None
    entry = entries.get(place)
    return Chosen(
        place=place,
        text=cell.text,
        entry=entry,
        title=CATALOGUE[entry.indicator].title if entry else "",
        where=places.get((entry.place, entry.code), "—") if entry else "",
        heads=_heads(sheet, cell),
    )


def _heads(sheet: Sheet, cell: Cell) -> tuple[tuple[str, str], ...]:
    """The columns left of a cell in which its row or one below says something."""
    found = []
    for column in range(1, cell.column):
        rows = range(cell.row, sheet.rows + 1)
        texts = [sheet.by_place.get((row, column)) for row in rows]
        first = next((each for each in texts if each and each.kind == "text"), None)
        if first is not None:
            letter = "".join(c for c in Cell(1, column, "", "").place if c.isalpha())
            found.append((letter, first.text[:_HEAD_TEXT]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Run:
    """Cells of one column that are filled with the same figure: ``C5`` to ``C24``."""

    first: str
    last: str
    title: str
    how: str
    span: str
    where: str


def _runs(entries: dict[str, Entry], places: dict[tuple[str, str], str]) -> list[Run]:
    """What is set, by column, each in the order of its rows."""

    def by_column(entry: Entry) -> tuple[int, str, str, int]:
        letters = entry.cell.rstrip("0123456789")
        row = int(entry.cell[len(letters) :])
        return column_number(letters), entry.indicator, entry.span, row

    found = []
    ordered = sorted(entries.values(), key=by_column)
    for (_, key, span), group in groupby(ordered, key=lambda entry: by_column(entry)[:3]):
        own, indicator = list(group), CATALOGUE[key]
        alone = places.get((own[0].place, own[0].code), "—") if len(own) == 1 else ""
        where = alone or f"{len(own)}行，各按名称"
        found.append(
            Run(
                first=own[0].cell,
                last=own[-1].cell,
                title=indicator.title,
                how=indicator.how,
                span=Span(span).label,
                where=where,
            )
        )
    return found


def _months(bureau: Bureau) -> list[tuple[Period, str]]:
    """The months that can be filled, newest first, each with how it stands."""
    month = Period.containing(PeriodKind.MONTH, timezone.localdate())
    found = []
    for _ in range(MONTHS):
        close = newest_finished(bureau, month)
        word = "未关账" if close is None else "已关账"
        if close is not None and close.revision > 1:
            word = f"已关账，第{close.revision}版"
        found.append((month, word))
        month = month.previous()
    return found


# ── what is done to it ──────────────────────────────────────────────────────────────────────────


def _done(request: HttpRequest, found: FormTemplate, work: Callable[[], str]) -> HttpResponse:
    """Do it and go back to the sheet; a refusal is said there and the cell stays chosen."""
    sheet, cell = request.POST.get("number", "0"), request.POST.get("cell", "")
    try:
        messages.success(request, work())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        back = urlencode({"sheet": sheet, "cell": cell})
        return redirect(f"{reverse('form', args=[found.pk])}?{back}#choose")
    return redirect(f"{reverse('form', args=[found.pk])}?{urlencode({'sheet': sheet})}#{cell}")


@require_POST
def map_form(request: HttpRequest, pk: int) -> HttpResponse:
    """``wish`` is ``cell``, ``rows`` or ``clear``."""
    found, sent = _form(request, pk), request.POST
    wish = sent.get("wish", "")
    if wish not in ("cell", "rows", "clear"):
        raise Http404
    based_on = sent.get("version", "")
    where: dict[str, Any] = {
        "by": actor_of(request),
        "form": found,
        "based_on": int(based_on) if based_on.isdecimal() and len(based_on) < 9 else 0,
        "sheet": sent.get("sheet", ""),
    }
    place, _, code = sent.get("place", "").partition(":")
    asked = Wish(sent.get("indicator", ""), sent.get("span", ""), place, code)
    cell = sent.get("cell", "")

    def work() -> str:
        if wish == "clear":
            services.unmap(**where, cells=[cell])
            return f"{cell}不再填报。"
        if wish == "cell":
            services.map_cell(**where, cell=cell, wish=asked)
            return f"{cell}已设为“{CATALOGUE[asked.indicator].title}”。"
        _, unknown = services.map_rows(
            **where, cell=cell, key_column=sent.get("key_column", ""), wish=asked
        )
        said = f"已按行设置“{CATALOGUE[asked.indicator].title}”。"
        if unknown:
            names = "、".join(unknown[:20])
            said += f"以下名称不是本局的镇街或村（社区），或有重名，没有设置：{names}。"
        return said

    return _done(request, found, work)


@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    found, file = _form(request, pk), request.FILES.get("file")
    based_on = request.POST.get("version", "")

    def work() -> str:
        if file is None:
            raise DomainError("请选择新的空白表（.xlsx）。", field="file")
        made = services.renew_blank(
            by=actor_of(request),
            form=found,
            based_on=int(based_on) if based_on.isdecimal() and len(based_on) < 9 else 0,
            file_name=file.name or "",
            chunks=file.chunks(),
        )
        lost = sum("未沿用" in note for note in made.notes)
        said = f"已换成新表样，沿用{len(made.cells)}格"
        return f"{said}，{lost}格没有沿用，见下面的核对结果。" if lost else f"{said}。"

    return _done(request, found, work)


@require_POST
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    found, asked = _form(request, pk), request.POST.get("month", "")
    if not re.fullmatch(MONTH_CODE, asked):
        messages.error(request, "请选择要填报的月份。")
        return redirect("form", found.pk)
    month = Period.parse(asked)
    try:
        made = services.fill_form(
            by=actor_of(request),
            version=newest_version(found),
            month=month,
            now=timezone.now(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("form", found.pk)
    messages.success(request, f"已填好{month.label}的“{found.name}”。")
    return redirect("filling", made.pk)
