"""A row's own page: looked at by GET, and by POST something is wished for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.viewer import Viewer

M = TypeVar("M", bound=Model)
M_contra = TypeVar("M_contra", bound=Model, contravariant=True)


class Page(Protocol[M_contra]):
    """The page of a row; ``refused`` is the sentence with which a wish was refused."""

    def __call__(
        self,
        request: HttpRequest,
        viewer: Viewer,
        found: M_contra,
        *,
        refused: DomainError | None = None,
    ) -> HttpResponse: ...


def shown_or_done(
    request: HttpRequest,
    viewer: Viewer,
    found: M,
    *,
    page: Page[M],
    do: Callable[[HttpRequest, Viewer, M, str], str],
    name: str,
) -> HttpResponse:
    """The page, or the wish done and the page ``name`` asked for anew.

    ``do`` answers with the sentence that tells of it, and raises DomainError for a refusal.
    """
    if request.method != "POST":
        return page(request, viewer, found)
    try:
        said = do(request, viewer, found, request.POST.get("wish", ""))
    except DomainError as refusal:
        return page(request, viewer, found, refused=refusal)
    messages.success(request, said)
    return redirect(name, found.pk)
