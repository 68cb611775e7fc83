"""Two pages of the back office that grow with the county: the matrix, and a long workbook."""

from __future__ import annotations

import io

from django.contrib import admin
from django.db import transaction
from django.shortcuts import render
from django.test import RequestFactory
from django.utils import timezone
from openpyxl import Workbook

from advisors.viewers import viewer_for
from assessments.closing import judge_into
from assessments.facts import Desk
from assessments.matrix import MONTHS, Asked, matrix
from assessments.models import MonthClose
from assessments.quota.rules import Subject
from benchmarks.data import MONTH, TODAY, Scale
from benchmarks.ratio import Row, Work, in_turns, medians
from benchmarks.verdicts import clean, queries_of
from lawadvisor.accounts.models import User
from lawadvisor.foundation.office import cells
from lawadvisor.foundation.office.export import Listing, write
from lawadvisor.foundation.roles import Role
from villages.models import Bureau
from worklogs.models import ServiceLog

#: A page is there within this time (seconds).
_PAGE_TARGET = 1.0
#: So many rows are exported; a smaller county has fewer.
_ROWS = 20_000


def measure(county: Bureau, scale: Scale) -> list[Row]:
    return [_matrix(county, scale), _workbook(county, scale)]


def _matrix(county: Bureau, scale: Scale) -> Row:
    """Eleven closed months and the running one, judged on the spot; page and all."""
    clean()
    _close_the_year(county)
    show = _page_of(county)
    ours = medians(in_turns({"ours": show}, scale.repeats))["ours"]
    queries = queries_of(show)
    clean()
    return Row(
        what=f"all villages × {MONTHS} months, a page",
        size=f"{scale.villages} villages",
        floor=_PAGE_TARGET,
        ours=ours,
        target=1,
        queries=f"{queries}",
    )


def _close_the_year(county: Bureau) -> None:
    month = MONTH
    for _ in range(MONTHS - 1):
        close = MonthClose.objects.create(
            bureau=county,
            policy=county.policies.get(),
            month=month.start,
            revision=1 + MonthClose.objects.filter(bureau=county, month=month.start).count(),
            reason="测速",
            planned=1,
            opened_by="bench",
            closed_at=timezone.now(),
        )
        with transaction.atomic():
            judge_into(close, Desk(county.pk), Subject)
        month = month.previous()


def _page_of(county: Bureau) -> Work:
    user = User.objects.create_user(username="matrix", name="测速")
    user.posts.create(role=Role.BUREAU, bureau=county, term=(TODAY, None))
    request = RequestFactory().get("/")
    request.user, request.viewer = user, viewer_for(user)
    asked = Asked(until=MONTH.next())

    def show() -> None:
        page = matrix(bureau=county, asked=asked, today=TODAY, viewer=request.viewer)
        render(request, "assessments/matrix.html", {"page": page})

    return show


def _workbook(county: Bureau, scale: Scale) -> Row:
    """The list of service records, against the same cells written by bare openpyxl."""
    office = admin.site.get_model_admin(ServiceLog)
    columns = (*office.list_display, *office.export_columns)
    logs = ServiceLog.objects.filter(appointment__village__township__bureau=county)
    rows = logs.select_related(*office.list_select_related)
    most = list(logs.order_by("pk").values_list("pk", flat=True)[:_ROWS])
    listing = Listing(office, columns, rows.filter(pk__lte=most[-1]), ())

    def ours() -> None:
        write(io.BytesIO(), listing, by="测速", at=timezone.localtime())

    read = [[cells.plain(office, name, row) for name in columns] for row in listing.rows]

    def bare() -> None:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for values in read:
            sheet.append(values)
        book.save(io.BytesIO())

    times = medians(in_turns({"floor": bare, "ours": ours}, max(1, scale.repeats // 2)))
    return Row(
        what="service records as a workbook",
        size=f"{len(most)} rows",
        floor=times["floor"],
        ours=times["ours"],
        target=2,
        queries=f"{queries_of(ours)}",
    )
