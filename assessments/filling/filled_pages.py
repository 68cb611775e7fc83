"""A filled form on the screen: every figure leads to how it was counted and to its records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from assessments.enums import FileFormat
from assessments.filling import files
from assessments.filling.counting import Known, places_of, records_of
from assessments.filling.grid import grid_of
from assessments.filling.indicators import CATALOGUE, Amount, Span
from assessments.filling.pages import filler
from assessments.models import FormFilling
from assessments.papers import CONTENT_TYPES
from lawadvisor.foundation import sheets
from lawadvisor.foundation.blanks import Cell, Layout
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.tables import Column, Document, section
from worklogs.models import Matter, ServiceLog

A_PAGE = 100
#: So many cells are also told as a list; the grid and the workbook have all of them.
LISTED = 300
_XLSX = CONTENT_TYPES[FileFormat.XLSX]


@dataclass(frozen=True, slots=True)
class Figure:
    """One filled cell as it was kept; ``number`` is its place among the filling's cells."""

    number: int
    sheet: str
    cell: str
    title: str
    where: str
    span: str
    shown: str
    around: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record behind a figure: nothing of what was said in it. ``matter`` None: a session."""

    day: date
    month: Period
    village: str
    village_code: str
    advisor: str
    what: str
    matter: int | None


def _filling(request: HttpRequest, pk: int) -> FormFilling:
    filler(request)
    seen = FormFilling.objects.visible_to(viewer_of(request))
    return get_object_or_404(seen.select_related("version__form__bureau", "close"), pk=pk)


def _figures(found: FormFilling) -> list[Figure]:
    return [
        Figure(
            number=number,
            sheet=each["sheet"],
            cell=each["cell"],
            title=each["title"],
            where=each["where"],
            span=Span(each["span"]).label,
            shown=_shown(each["amount"], each["unit"]),
            around=" ".join(filter(None, (each["row"], each["column"]))),
        )
        for number, each in enumerate(found.figures["cells"])
    ]


def _shown(amount: Amount, unit: str = "") -> str:
    return "（没有结论，未填）" if amount is None else f"{amount}{unit}"


@require_safe
def filling(request: HttpRequest, pk: int) -> HttpResponse:
    found = _filling(request, pk)
    figures = _figures(found)
    layout = _layout(found)
    context = {
        "filling": found,
        "form": found.version.form,
        "figures": figures[:LISTED],
        "unlisted": max(len(figures) - LISTED, 0),
        "grids": [
            (
                sheet.name,
                grid_of(
                    sheet,
                    {
                        each.cell: _plain(found, each.number)
                        for each in figures
                        if each.sheet == sheet.name
                    },
                    _leading(found, {e.cell: e.number for e in figures if e.sheet == sheet.name}),
                ),
            )
            for sheet in (layout.sheets if layout else ())
        ],
        "months": _months(found),
    }
    return render(request, "filling/filling.html", context)


def _layout(found: FormFilling) -> Layout | None:
    try:
        return files.layout(found.version.checksum)
    except OSError:
        return None


def _plain(found: FormFilling, number: int) -> str:
    return _shown(found.figures["cells"][number]["amount"])


def _leading(found: FormFilling, numbers: dict[str, int]) -> Callable[[Cell], str]:
    def link(cell: Cell) -> str:
        number = numbers.get(cell.place)
        return "" if number is None else reverse("filling-cell", args=[found.pk, number])

    return link


def _months(found: FormFilling) -> list[tuple[str, str]]:
    """Each month that a cell rests on, and up to when its records were counted."""
    return [(Period.parse(each["month"]).label, _until(each)) for each in found.figures["months"]]


def _until(each: dict[str, Any]) -> str:
    until = timezone.localtime(datetime.fromisoformat(each["until"]))
    said = f"关账第{each['revision']}版" if each["revision"] else "未关账"
    return f"{said}，计至{until:%Y-%m-%d %H:%M}录入的记录"


@require_safe
def cell(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One filled cell: the figure, how it is counted, by what clause, its parts, its records."""
    found = _filling(request, pk)
    if number >= len(found.figures["cells"]):
        raise Http404
    kept = found.figures["cells"][number]
    indicator = CATALOGUE.get(kept["indicator"])
    if indicator is None:
        raise Http404
    months = [each for each in found.figures["months"] if _within(each, kept, found.period)]
    known = [_known(each) for each in months]
    place = places_of(found.version.form.bureau).get((kept["place"], kept["code"]))
    rows = records_of(indicator, place.villages if place else (), known)
    context = {
        "filling": found,
        "form": found.version.form,
        "figure": _figures(found)[number],
        "indicator": indicator,
        "grounds": found.figures["grounds"].get(indicator.key, ()),
        "months": [(Period.parse(each["month"]).label, _until(each)) for each in months],
        "parts": [(name, _shown(part, kept["unit"])) for _, name, part in kept["parts"]],
        "total": len(rows),
        "changed": indicator.amount_is_count and len(rows) != kept["amount"],
        "records": Paginator([_record(row) for row in rows], A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "filling/cell.html", context)


def _within(each: dict[str, Any], kept: dict[str, Any], month: Period) -> bool:
    return Period.parse(each["month"]) in Span(kept["span"]).months(month)


def _known(each: dict[str, Any]) -> Known:
    until = datetime.fromisoformat(each["until"])
    return Known(Period.parse(each["month"]), until, each["revision"])


def _record(row: ServiceLog | Matter) -> Record:
    log = row.log if isinstance(row, Matter) else row
    village = log.appointment.village
    return Record(
        day=log.service_date,
        month=Period.containing(PeriodKind.MONTH, log.service_date),
        village=village.short_name,
        village_code=village.code,
        advisor=log.advisor.name,
        what=row.get_kind_display() if isinstance(row, Matter) else log.get_mode_display(),
        matter=row.pk if isinstance(row, Matter) else None,
    )


# ── files ───────────────────────────────────────────────────────────────────────────────────────


def file_name(found: FormFilling, what: str = "") -> str:
    draft = "（未关账）" if found.is_draft else ""
    return f"{found.version.form.name}{found.period.label}{what}{draft}_{found.number}.xlsx"


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    found = _filling(request, pk)
    try:
        content = files.path_of(found.checksum).read_bytes()
    except OSError:
        raise Http404 from None
    return _workbook(content, file_name(found))


_GROUNDS = (
    Column("sheet", "工作表", width=6),
    Column("cell", "单元格", width=4),
    Column("around", "行和列", width=14),
    Column("title", "指标", width=10),
    Column("where", "范围", width=8),
    Column("span", "期间", width=6),
    Column("shown", "填报数", width=6),
)


@require_safe
def download_grounds(request: HttpRequest, pk: int) -> HttpResponseBase:
    """填报依据: what each cell was filled with, beside the form and not in it."""
    found = _filling(request, pk)
    form = found.version.form
    rows = section(_GROUNDS, _figures(found), title="各单元格")
    months = tuple(f"{month}：{until}" for month, until in _months(found))
    document = Document(
        key="填报依据",
        title=f"{form.name}填报依据",
        issuer=form.bureau.name,
        unit=form.bureau.name,
        period=found.period.label,
        generated_at=timezone.localtime(found.made_at),
        rule_version=f"设置第{found.version.number}版",
        lead=(*months, f"填好的表校验值（SHA-256）：{found.checksum}"),
        sections=(rows,),
        watermark="未关账" if found.is_draft else "",
    )
    return _workbook(sheets.write(document), file_name(found, "填报依据"))


def _workbook(content: bytes, name: str) -> FileResponse:
    response = FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=_XLSX)
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
