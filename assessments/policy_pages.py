"""The policy pages of the back office: read, copy, edit, compare, try and adopt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from assessments import drafting
from assessments.models import Policy, PolicyDraft
from assessments.quota.compare import compare
from assessments.quota.numbers import Number, numbers_of
from assessments.quota.packs import Pack
from assessments.quota.policy_wording import describe_settings
from assessments.tryout import MOST_MONTHS, above_the_cap, try_draft
from assessments.versions import Checked, checked, pack_of, read_rules, said, shipped_file
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau
from worklogs.rules import parse_day

_READ = "admin/assessments/policy/read.html"
_COMPARE = "admin/assessments/policy/compare.html"
_EDIT = "admin/assessments/policydraft/edit.html"
_TRY = "admin/assessments/policydraft/try.html"
_NEVER = datetime.min.replace(tzinfo=UTC)


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    frame = {**admin.site.each_context(request), "title": title}
    return render(request, template, {**frame, **context})


def _may_write(request: HttpRequest, bureau: Bureau) -> bool:
    """Only the bureau's own staff change its policies; an administrator looks."""
    viewer = viewer_of(request)
    return viewer.may(Verb.KEEP_POLICY, bureau=bureau.pk)


def _policy(request: HttpRequest, pk: int) -> Policy:
    policies = Policy.objects.visible_to(_staff(request)).select_related("bureau")
    return get_object_or_404(policies, pk=pk)


def _draft(request: HttpRequest, pk: int) -> PolicyDraft:
    drafts = PolicyDraft.objects.visible_to(_staff(request))
    return get_object_or_404(drafts.select_related("bureau", "changed_by", "based_on"), pk=pk)


def _staff(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    if not (viewer.may(Verb.ENTER_BACK_OFFICE) and viewer.sees(Thing.POLICY)):
        raise PermissionDenied
    return viewer


def _own_draft(request: HttpRequest, pk: int) -> PolicyDraft:
    draft = _draft(request, pk)
    if not _may_write(request, draft.bureau):
        raise PermissionDenied
    return draft


# ---------------------------------------------------------------- versions


@require_safe
def read_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """A version beside the words of its text."""
    policy = _policy(request, pk)
    pack = pack_of(policy)
    return _page(
        request,
        _READ,
        str(policy),
        policy=policy,
        rules=read_rules(pack.rules),
        settings=said(describe_settings(pack.settings)),
        others=Policy.objects.filter(bureau=policy.bureau).exclude(pk=policy.pk),
        may_write=_may_write(request, policy.bureau),
    )


@require_POST
def copy_policy(request: HttpRequest) -> HttpResponse:
    """Begin a draft from ``source``: ``v12`` is a version, ``zx`` the shipped file."""
    viewer = viewer_of(request)
    bureau = get_object_or_404(
        Bureau.objects.visible_to(viewer), pk=_number(request.POST.get("bureau"))
    )
    if not _may_write(request, bureau):
        raise PermissionDenied
    asked = request.POST.get("source", "")
    source = _policy(request, _number(asked[1:])) if asked[1:].isdigit() else shipped_file(asked)
    if source is None or (isinstance(source, Policy) and source.bureau_id != bureau.pk):
        raise Http404
    title = request.POST.get("title", "").strip() or "未命名草稿"
    try:
        draft = drafting.begin_draft(
            by=actor_of(request), bureau=bureau, title=title, source=source
        )
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("admin:assessments_policy_changelist")
    messages.success(request, "已建立草稿。草稿不影响任何核算，采用后才生效。")
    return redirect("admin:assessments_policydraft_change", draft.pk)


class Side(NamedTuple):
    """One of two that are compared: a version or a draft, with its address as ``v1``, ``d2``."""

    code: str
    name: str
    bureau: int
    read: Callable[[], Pack | None]


@require_safe
def compare_policies(request: HttpRequest) -> HttpResponse:
    """Two of ``?old=v1&new=d2``, of one bureau; without both a page to choose them."""
    sides = _sides(request)
    chosen = [sides.get(request.GET.get(name, "")) for name in ("old", "new")]
    old, new = chosen
    comparison, problem = None, ""
    if old and new and old.bureau != new.bureau:
        problem = "请选择同一司法局的两个版本。"
    elif old and new:
        packs = old.read(), new.read()
        if packs[0] is None or packs[1] is None:
            problem = "草稿中有错误，改正后才能比较。"
        else:
            comparison = compare(packs[0], packs[1])
    return _page(
        request,
        _COMPARE,
        "比较两个版本",
        sides=sides.values(),
        old=old,
        new=new,
        comparison=comparison,
        problem=problem,
    )


def _sides(request: HttpRequest) -> dict[str, Side]:
    viewer = _staff(request)
    found: dict[str, Side] = {}
    for policy in Policy.objects.visible_to(viewer).select_related("bureau"):
        code = f"v{policy.pk}"
        name = f"{policy.bureau} {policy.effective_from:%Y-%m-%d}起的版本"
        found[code] = Side(code, name, policy.bureau_id, lambda p=policy: pack_of(p))  # type: ignore[misc]
    for draft in PolicyDraft.objects.visible_to(viewer).select_related("bureau"):
        code = f"d{draft.pk}"
        name = f"{draft.bureau} 草稿：{draft.title}"
        found[code] = Side(code, name, draft.bureau_id, lambda d=draft: checked(d.text).pack)  # type: ignore[misc]
    return found


# ---------------------------------------------------------------- drafts


class Typed(NamedTuple):
    """What is shown in the fields: the draft's own, or what was typed and refused."""

    title: str
    text: str


@require_safe
def edit_draft(request: HttpRequest, pk: int) -> HttpResponse:
    return _edit_page(request, _draft(request, pk))


def _edit_page(
    request: HttpRequest,
    draft: PolicyDraft,
    *,
    typed: Typed | None = None,
    wanted: Mapping[str, str] | None = None,
    refused: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """``wanted``: numbers that were typed and refused, by key; ``refused``: a sentence by
    field (title, text, effective_from, a number's key).
    """
    found: Checked = checked(draft.text)
    refused = refused or {}
    on = _next_first()
    response = _page(
        request,
        _EDIT,
        f"草稿：{draft.title}",
        draft=draft,
        typed=typed or Typed(draft.title, draft.text),
        found=found,
        numbers=_rows(found.pack, wanted or {}, refused) if found.pack else (),
        refused=refused,
        effective_from=request.POST.get("effective_from", f"{on:%Y-%m-%d}"),
        adopted_title=found.pack.title if found.pack else "",
        above=above_the_cap(bureau=draft.bureau, pack=found.pack, on=on) if found.pack else (),
        may_write=_may_write(request, draft.bureau),
    )
    response.status_code = status
    return response


class NumberRow(NamedTuple):
    """The numbers of one rule, by what they are; None where it has none of that kind."""

    key: str
    title: str
    target: Number
    min_minutes: Number | None
    min_share: Number | None
    refused: str


def _rows(
    pack: Pack, wanted: Mapping[str, str], refused: Mapping[str, str]
) -> tuple[NumberRow, ...]:
    numbers = {
        number.key: number._replace(value=wanted.get(number.key, number.value))
        for number in numbers_of(pack)
    }
    return tuple(
        NumberRow(
            rule.key,
            rule.title,
            numbers[f"{rule.key}.target"],
            numbers.get(f"{rule.key}.min_minutes"),
            numbers.get(f"{rule.key}.min_share"),
            "；".join(text for key, text in refused.items() if key.startswith(f"{rule.key}.")),
        )
        for rule in pack.rules
    )


@require_POST
def save_draft(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _own_draft(request, pk)
    typed = Typed(request.POST.get("title", ""), request.POST.get("text", ""))
    try:
        drafting.save_draft(
            by=actor_of(request),
            draft=draft,
            title=typed.title,
            text=typed.text,
            seen=_seen(request),
        )
    except DomainError as refusal:
        refused = {refusal.field or "text": str(refusal)}
        return _edit_page(request, draft, typed=typed, refused=refused, status=409)
    messages.success(request, "已保存。")
    return redirect("admin:assessments_policydraft_change", pk)


@require_POST
def save_numbers(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _own_draft(request, pk)
    wanted = {
        key.removeprefix("number-"): str(value)
        for key, value in request.POST.items()
        if key.startswith("number-")
    }
    try:
        drafting.set_numbers(by=actor_of(request), draft=draft, wanted=wanted, seen=_seen(request))
    except DomainError as refusal:
        refused = {refusal.field or "numbers": str(refusal)}
        return _edit_page(request, draft, wanted=wanted, refused=refused, status=409)
    messages.success(request, "数值已写入草稿。")
    return redirect("admin:assessments_policydraft_change", pk)


@require_POST
def adopt_draft(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _own_draft(request, pk)
    try:
        on = parse_day(request.POST.get("effective_from", ""), field="effective_from")
        policy = drafting.adopt_draft(
            by=actor_of(request),
            draft=draft,
            title=request.POST.get("adopted_title", ""),
            effective_from=on,
        )
    except DomainError as refusal:
        refused = {refusal.field or "pack": str(refusal)}
        return _edit_page(request, draft, refused=refused, status=409)
    messages.success(request, f"已采用，自{policy.effective_from:%Y-%m-%d}起生效。")
    return redirect("admin:assessments_policy_change", policy.pk)


@require_POST
def discard_draft(request: HttpRequest, pk: int) -> HttpResponse:
    draft = _own_draft(request, pk)
    title = draft.title
    try:
        drafting.discard_draft(by=actor_of(request), draft=draft)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已删除草稿“{title}”。")
    return redirect("admin:assessments_policydraft_changelist")


@require_safe
def try_policy(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft on months that are over: ``?last=2026-10&months=3``; nothing is written."""
    draft = _draft(request, pk)
    pack = checked(draft.text).pack
    latest = Period.containing(PeriodKind.MONTH, timezone.localdate()).previous()
    last, problem = _month(request.GET.get("last", ""), latest)
    count = min(MOST_MONTHS, max(1, _number(request.GET.get("months"), 3)))
    months = [last]
    while len(months) < count:
        months.append(months[-1].previous())
    trial = None
    if pack is not None and "last" in request.GET and not problem:
        trial = try_draft(bureau=draft.bureau, pack=pack, months=months[::-1])
    return _page(
        request,
        _TRY,
        f"试算：{draft.title}",
        draft=draft,
        is_sound=pack is not None,
        trial=trial,
        last=last,
        count=count,
        problem=problem,
        counts=range(1, MOST_MONTHS + 1),
    )


# ---------------------------------------------------------------- what addresses and forms say


def _number(text: str | None, other: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else other


def _month(text: str, latest: Period) -> tuple[Period, str]:
    if not text:
        return latest, ""
    try:
        month = Period.parse(text)
    except ValueError:
        month = None
    if month is None or month.kind is not PeriodKind.MONTH or month.start > latest.start:
        return latest, f"月份“{text[:20]}”不正确，应为{latest.code}或更早的年月。"
    return month, ""


def _seen(request: HttpRequest) -> datetime:
    """What the writer had before him; a form without it never wins."""
    try:
        return parse_datetime(request.POST.get("seen", "")) or _NEVER
    except ValueError:
        return _NEVER


def _next_first() -> date:
    """The first day of the next month: what a clerk most often means."""
    return Period.containing(PeriodKind.MONTH, timezone.localdate()).end
