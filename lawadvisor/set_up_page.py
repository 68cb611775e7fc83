"""Setting up a bureau as a page for the system administrator: what ``init_bureau`` does, seen
before it is done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from assessments.versions import shipped_packs
from lawadvisor.accounts.models import User
from lawadvisor.accounts.passwords import one_time_password
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import viewer_of
from lawadvisor.foundation.roles import Role, Verb
from lawadvisor.setup_bureau import (
    NAME_LENGTH,
    Account,
    SetUp,
    county_rows,
    is_there,
    pack_named,
    set_up_bureau,
    shipped_counties,
)

#: A county has some hundred villages; a whole province fits below.
FILE_LIMIT = 5 * 1024 * 1024
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SetUpForm(forms.Form):
    county = forms.CharField(
        label="县区的区划代码（6位）",
        required=False,
        max_length=6,
        widget=forms.TextInput(attrs={"list": "counties", "inputmode": "numeric"}),
    )
    file = forms.FileField(
        label="另给的村（社区）名单（CSV，随附文件中没有的县区才需要）", required=False
    )
    pack = forms.ChoiceField(label="政策", error_messages={"required": "请选择政策。"})
    policy_from = forms.DateField(
        label="政策自哪一天起适用（不填则按政策文件）",
        required=False,
        widget=_DAY,
        error_messages={"invalid": "日期应写作 2026-01-01 这样的年月日。"},
    )
    username = forms.CharField(
        label="司法局工作人员的用户名",
        max_length=NAME_LENGTH,
        error_messages={"required": "请填写用户名。"},
    )
    name = forms.CharField(
        label="司法局工作人员的姓名",
        max_length=NAME_LENGTH,
        error_messages={"required": "请填写姓名。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        packs = [(pack.name, f"{pack.place}：{pack.title}") for pack in shipped_packs()]
        self.fields["pack"].choices = [("", "请选择"), *packs]  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > FILE_LIMIT:
            raise forms.ValidationError("文件超过5MB，村（社区）名单不应这么大，请核对。")
        return file

    def clean(self) -> dict[str, Any]:
        found = self.cleaned_data
        if not (found.get("county") or found.get("file") or self.errors):
            self.add_error("county", "请填写区划代码，或者选择村（社区）名单。")
        return found


@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """A form; what would be written, by writing it and taking it back; then the writing."""
    if not viewer_of(request).may(Verb.SET_UP):
        raise PermissionDenied
    form = SetUpForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form, "counties": shipped_counties()}
    if request.method == "POST" and form.is_valid():
        for_real = "write" in request.POST
        password = _password_for(form)
        try:
            context["done"] = _carry_out(request, form, password, for_real=for_real)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            context |= {"written": for_real, "password": password if for_real else ""}
    return render(request, "set_up.html", context)


def _carry_out(request: HttpRequest, form: SetUpForm, password: str, *, for_real: bool) -> SetUp:
    asked = form.cleaned_data
    with _on_disk(asked["file"]) as path, transaction.atomic():
        done = set_up_bureau(
            rows=county_rows(asked["county"].strip(), path),
            pack_path=pack_named(asked["pack"]),
            by=actor_of(request),
            effective_from=asked["policy_from"],
            accounts=[Account(asked["username"], asked["name"], Role.BUREAU, password)],
        )
        transaction.set_rollback(not for_real)
    return done


def _password_for(form: SetUpForm) -> str:
    """ "" for an account that is there already: it keeps its own."""
    username, name = form.cleaned_data["username"], form.cleaned_data["name"]
    return "" if is_there(username) else one_time_password(User(username=username, name=name))


@contextmanager
def _on_disk(file: UploadedFile | None) -> Iterator[Path | None]:
    """Under the name that the person knows it by, for the sentences that speak of it."""
    if file is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(file.name or "名单.csv").name
        path.write_bytes(file.read())
        yield path
