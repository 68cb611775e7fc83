"""One's own tokens for programs: given, listed, revoked."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lawadvisor.accounts import tokens
from lawadvisor.accounts.models import ApiToken, User
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    """A new token's text stands on the answer to the request that made it, and nowhere else."""
    user, text, refused = cast(User, request.user), "", None
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            _, text = tokens.give(by=actor_of(request), user=user, name=name)
        except DomainError as refusal:
            refused = refusal
    found = {"tokens": tokens.alive(user), "text": text, "refused": refused}
    return render(request, "accounts/tokens.html", found, status=400 if refused else 200)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, user=cast(User, request.user), pk=pk)
    tokens.revoke(by=actor_of(request), token=token)
    messages.success(request, f"令牌“{token.name}”已停用。")
    return redirect("account-tokens")
