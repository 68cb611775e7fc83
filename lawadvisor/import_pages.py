"""The bureau's pages of Excel files: bring one in, step by step, take one out."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST, require_safe

from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.importing import batches, files
from lawadvisor.foundation.importing.plans import Action, Desk, Importer, importers
from lawadvisor.foundation.importing.templates import write_template
from lawadvisor.foundation.models import BatchState, ImportBatch, Job, JobState
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Verb
from villages.models import Bureau

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Bad cells, and rows of the plan, on one page.
A_PAGE = 200
RECENT = 30
MOVING = (BatchState.UPLOADED, BatchState.WRITING)


class Progress(NamedTuple):
    """Rows done of rows in all, and the job that gave up, if one did."""

    done: int
    total: int
    failed: Job | None


# ---------------------------------------------------------------- who


def _bureau(request: HttpRequest) -> Bureau:
    """The bureau whose staff the viewer is: nobody else brings files in."""
    viewer = viewer_of(request)
    own = Bureau.objects.visible_to(viewer).filter(pk__in=viewer.bureaus)
    bureau = own.first() if viewer.may(Verb.IMPORT) else None
    if bureau is None:
        raise PermissionDenied
    return bureau


def _importer(kind: str) -> Importer:
    try:
        return importers()[kind]
    except KeyError:
        raise Http404 from None


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    """A batch of the viewer's own bureau; another's looks like one that is not there."""
    found = ImportBatch.objects.visible_to(viewer_of(request))
    return get_object_or_404(found.filter(bureau_id=_bureau(request).pk), pk=pk)


def _desk(request: HttpRequest, bureau: Bureau) -> Desk:
    return Desk(bureau_id=bureau.pk, by=actor_of(request), now=timezone.now())


# ---------------------------------------------------------------- what there is


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every kind with its template and its upload, and the latest batches."""
    bureau = _bureau(request)
    found = ImportBatch.objects.visible_to(viewer_of(request)).filter(bureau_id=bureau.pk)
    context = {
        "bureau": bureau,
        "kinds": importers().values(),
        "batches": [(batch, importers()[batch.kind].title) for batch in found[:RECENT]],
    }
    return render(request, "imports/overview.html", context)


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponseBase:
    importer, bureau = _importer(kind), _bureau(request)
    columns = importer.columns(_desk(request, bureau))
    return _workbook(write_template(importer, columns), f"{importer.title}导入模板.xlsx")


@require_POST
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What the bureau has, in the template's columns. That somebody took it is written down."""
    importer, bureau = _importer(kind), _bureau(request)
    desk = _desk(request, bureau)
    rows = list(importer.rows(desk, viewer_of(request)))
    with transaction.atomic():
        audit.record(
            by=desk.by,
            verb=f"{kind}.export",
            subject=bureau,
            bureau_id=bureau.pk,
            after={"rows": len(rows)},
        )
    content = write_template(importer, importer.columns(desk), rows)
    name = f"{bureau.name}{importer.title}{timezone.localdate():%Y%m%d}.xlsx"
    return _workbook(content, name)


@require_POST
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    importer, bureau = _importer(kind), _bureau(request)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, "请先选择要上传的文件。")
        return redirect("imports")
    try:
        opened = batches.open_batch(
            by=actor_of(request),
            bureau_id=bureau.pk,
            kind=importer.key,
            file_name=file.name or "",
            chunks=file.chunks(),
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("imports")
    return redirect("import-batch", opened.pk)


# ---------------------------------------------------------------- one batch


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Whatever step the batch is at, and what can be done next."""
    found = _batch(request, pk)
    importer = importers()[found.kind]
    bad = Paginator(found.findings.get("bad", ()), A_PAGE)
    lines = Paginator(found.findings.get("lines", ()), A_PAGE)
    counts = [(action, found.counts.get(action.value, 0)) for action in Action]
    progress = _progress(found)
    context = {
        "batch": found,
        "importer": importer,
        "bad": bad.get_page(request.GET.get("bad")),
        "notes": found.findings.get("notes", ()),
        "absent": found.findings.get("absent", ()),
        "spellings": sum(1 for each in found.findings.get("bad", ()) if each["sure"]),
        "lines": lines.get_page(request.GET.get("line")),
        "counts": counts,
        "good": sum(count for action, count in counts if action is not Action.SAME),
        "progress": progress,
        "moving": found.state in MOVING and progress.failed is None,
        "reason_length": batches.REASON_LENGTH,
        "undoable": found.state == BatchState.DONE and _is_last(found),
    }
    return render(request, "imports/batch.html", context)


def _progress(found: ImportBatch) -> Progress:
    done, total = files.progress_of(found.pk) or (0, 0)
    failed = Job.objects.filter(group=found.group, state=JobState.FAILED).last()
    return Progress(done, total, failed if found.state in MOVING else None)


def _is_last(found: ImportBatch) -> bool:
    return not ImportBatch.objects.filter(
        bureau_id=found.bureau_id, state=BatchState.DONE, finished_at__gt=found.finished_at
    ).exists()


@require_safe
def marked(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The uploaded workbook with its bad cells marked."""
    found = _batch(request, pk)
    path = files.path_of(found.marked)
    if not found.marked or not path.exists():
        raise Http404
    stem = found.file_name.rpartition(".")[0] or found.file_name
    return _workbook(path.read_bytes(), f"{stem}（已标注）.xlsx")


def _act(
    request: HttpRequest, pk: int, work: Callable[[ImportBatch], object], said: str = ""
) -> HttpResponse:
    found = _batch(request, pk)
    try:
        work(found)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        if said:
            messages.success(request, said)
    return redirect("import-batch", pk)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    return _act(request, pk, lambda found: batches.accept_spellings(by=by, batch=found))


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    by, asked = actor_of(request), request.POST
    return _act(
        request,
        pk,
        lambda found: batches.confirm(
            by=by, batch=found, digest=asked.get("digest", ""), partial="partial" in asked
        ),
    )


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    return _act(request, pk, lambda found: batches.drop(by=by, batch=found), "已放弃这次导入。")


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    by, reason = actor_of(request), request.POST.get("reason", "")
    return _act(
        request,
        pk,
        lambda found: batches.undo(by=by, batch=found, reason=reason),
        "已撤销这次导入。",
    )


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    by = actor_of(request)
    return _act(request, pk, lambda found: batches.retry(by=by, batch=found))


def _workbook(content: bytes, name: str) -> FileResponse:
    response = FileResponse(BytesIO(content), as_attachment=True, filename=name, content_type=XLSX)
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_store=True)
    return response
