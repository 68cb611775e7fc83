"""A bureau's own numbers where no text gives one."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from assessments.seen import bureau_seen
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import number_in, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from villages.models import Bureau
from worklogs.enums import LimitKey
from worklogs.limits import LIMITS, limits_of, set_limit
from worklogs.rules import clean_text


def limits(request: HttpRequest, code: str) -> HttpResponse:
    """Every number with its default and why it is needed; a POST sets them, all or none."""
    viewer = viewer_of(request)
    bureau = bureau_seen(request, code, Thing.POLICY)
    may_set = viewer.may(Verb.KEEP_POLICY, bureau=bureau.pk)
    own = {key.value: "" if n is None else str(n) for key, n in limits_of(bureau).items()}
    refused = None
    if request.method == "POST":
        if not may_set:
            raise Http404
        own = {key: request.POST.get(key, "") for key in own}
        try:
            _set(request, bureau, own)
        except DomainError as refusal:
            refused = refusal
        else:
            messages.success(request, "已保存。此前提出的请求和报告，期限不变。")
            return redirect("limits", code)
    rows = [(key, limit, own[key.value]) for key, limit in LIMITS.items()]
    context = {"bureau": bureau, "rows": rows, "may_set": may_set, "refused": refused}
    return render(request, "field/limits.html", context, status=400 if refused else 200)


@transaction.atomic
def _set(request: HttpRequest, bureau: Bureau, typed: dict[str, str]) -> None:
    for key, text in typed.items():
        plain = clean_text(text)
        amount = number_in(plain, digits=4)
        if plain and amount is None:
            label = LimitKey(key).label
            raise DomainError(f"“{label}”应为整数，现为“{plain[:10]}”。", field=key)
        set_limit(by=actor_of(request), bureau=bureau, key=LimitKey(key), amount=amount)
