"""What a clerk does on a page or a list: a form, a word of warning, one call of a service.

A deed is offered for a model, also by a floor above the model's own. It shows as a button on
the page of a row (or, one that makes a new row, on the list) where the viewer may do it, and
as an action on ticked rows where it has a ``bulk`` name. Django's own saving never takes part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse

from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.office import cells
from lawadvisor.foundation.requests import address_of, viewer_of
from lawadvisor.foundation.roles import Verb
from lawadvisor.foundation.viewer import Actor, Viewer

_TEMPLATE, _TOLD = "admin/deed.html", "admin/told.html"
#: What Django shows for no choice.
_DASHES = "---------"
#: So many rows that were skipped are named, each with its reason.
MOST_NAMED = 30


class DeedForm(forms.Form):
    """``viewer`` limits what is offered; ``row`` is what it is about, None for a new one."""

    use_required_attribute = False
    field_order: Sequence[str] | None = None

    def __init__(self, *args: Any, viewer: Viewer, row: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.viewer, self.row = viewer, row
        for name, field in self.fields.items():
            field.error_messages.setdefault("required", "")
            field.error_messages["required"] = f"请填写{field.label}。"
            if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
                field.error_messages["required"] = f"请选择{field.label}。"
                field.error_messages["invalid_choice"] = f"请从列表中选择{field.label}。"
            if isinstance(field, forms.ModelChoiceField) and field.empty_label == _DASHES:
                field.empty_label = "请选择" if field.required else "不选"
            if isinstance(field, forms.DateField):
                field.error_messages["invalid"] = f"{field.label}应为2026-01-31这样的日期。"
            if row is not None and name not in self.initial:
                self.initial[name] = self.known(name)
        self.prepare()

    def known(self, name: str) -> Any:
        """What the row says already, shown in the field."""
        return getattr(self.row, name, None)

    def prepare(self) -> None:
        """For a subclass: fill in what the viewer may choose from."""

    def said(self) -> Iterator[tuple[str, str]]:
        """What was typed, in words, for the last question before a deed."""
        for name, value in self.cleaned_data.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField) and not isinstance(value, Model):
                value = dict(_pairs(field)).get(value, value)  # noqa: PLW2901
            yield str(field.label), cells.text(cells.as_plain(value))


class DayField(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class ToTell(NamedTuple):
    """What a deed brought forth and nobody can look up again, such as a first password."""

    row: Model
    what: str
    text: str


#: Given the actor, the row (None for a new one) and the form's values: does it and returns the
#: row to show. Raises DomainError with the field that a refusal belongs to.
Run = Callable[[Actor, Any, dict[str, Any]], Model | ToTell | None]


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Deed:
    """``done`` is said afterwards; ``warning`` is asked before what cannot be taken back.

    ``makes`` marks one that needs no row. ``fits`` says whether it makes sense for a row.
    A role that has ``verb`` may do it on rows of its own bureaus, or, where ``allows`` is given,
    on those for which it holds. ``bulk`` is its name for many rows.
    """

    name: str
    label: str
    run: Run
    done: str
    form: type[DeedForm] = DeedForm
    warning: str = ""
    makes: bool = False
    fits: Callable[[Any], bool] = _always
    bulk: str = ""
    verb: Verb = Verb.KEEP_ROSTER
    allows: Callable[[Viewer, Any], bool] | None = None


_deeds: dict[str, list[Deed]] = {}


def offer(model: str, *deeds: Deed) -> None:
    """Offer deeds for the model ``app.model``, in this order."""
    _deeds.setdefault(model, []).extend(deeds)


def deeds_of(model: type[Model]) -> Sequence[Deed]:
    return _deeds.get(model._meta.label_lower, ())


class Button(NamedTuple):
    label: str
    address: str
    is_final: bool


def offered(office: Any, request: HttpRequest, row: Model | None) -> tuple[Button, ...]:
    """The buttons for a row, or, for None, those of the list."""
    route = f"admin:{office.opts.app_label}_{office.opts.model_name}"
    return tuple(
        Button(
            deed.label,
            reverse(f"{route}_make", args=[deed.name])
            if row is None
            else reverse(f"{route}_do", args=[row.pk, deed.name]),
            bool(deed.warning),
        )
        for deed in deeds_of(office.model)
        if deed.makes is (row is None)
        and (row is None or deed.fits(row))
        and office.may_do(request, deed, row)
    )


class Deeds(cells.Office):
    """Pages for deeds. ``own_by`` leads from a row to its bureau's key, as ``township.bureau_id``:
    a row may be seen without being one's own. "" is nobody's own.
    """

    own_by = ""

    def may_do(self, request: HttpRequest, deed: Deed, row: Any) -> bool:
        """Does the viewer's role do it, and is the row of his own bureau?"""
        viewer = viewer_of(request)
        if row is None:
            return viewer.may(deed.verb)
        if deed.allows is not None:
            return viewer.may(deed.verb) and deed.allows(viewer, row)
        owner = attrgetter(self.own_by)(row) if self.own_by else None
        return owner is not None and viewer.may(deed.verb, bureau=owner)

    def get_urls(self) -> list[URLPattern]:
        route = f"{self.opts.app_label}_{self.opts.model_name}"
        guarded = self.admin_site.admin_view(self.deed_view)
        kinds = {deed.makes for deed in deeds_of(self.model)}
        make = path("do/<slug:name>/", guarded, name=f"{route}_make")
        do = path("<int:object_id>/do/<slug:name>/", guarded, name=f"{route}_do")
        own = [*([make] if True in kinds else []), *([do] if False in kinds else [])]
        return [*own, *super().get_urls()]

    def deed_view(
        self, request: HttpRequest, name: str, object_id: int | None = None
    ) -> HttpResponse:
        """The form of one deed; what cannot be taken back is asked a second time."""
        deed = next((d for d in deeds_of(self.model) if d.name == name), None)
        row = None if object_id is None else self.get_object(request, str(object_id))
        if deed is None or deed.makes is not (object_id is None):
            raise Http404
        if object_id is not None and row is None:
            raise Http404
        if not self.may_do(request, deed, row):
            raise PermissionDenied
        if row is not None and not deed.fits(row):
            messages.error(request, f"“{row}”现在不能“{deed.label}”，可能已经办理过。")
            return redirect(_page(self, row))
        if request.method != "POST":
            return self._ask(request, deed, row, _form(request, deed, row, None))
        form = _form(request, deed, row, request.POST)
        if not form.is_valid() or "back" in request.POST:
            return self._ask(request, deed, row, form)
        if deed.warning and "sure" not in request.POST:
            return self._ask(request, deed, row, form, is_sure=False)
        try:
            found = deed.run(_actor(request), row, form.cleaned_data)
        except (DomainError, ValidationError) as refusal:
            _blame(form, refusal)
            return self._ask(request, deed, row, form)
        if isinstance(found, ToTell):
            return self._tell(request, deed, found)
        messages.success(request, deed.done.format(found if found is not None else row))
        return redirect(self._after(request, found, row))

    def _tell(self, request: HttpRequest, deed: Deed, told: ToTell) -> HttpResponse:
        """On the answer itself, and nowhere else: no message, cookie or address holds it."""
        context = {
            **self.admin_site.each_context(request),
            "title": deed.label,
            "opts": self.opts,
            "original": told.row,
            "done": deed.done.format(told.row),
            "told": told,
            "about": self._after(request, told.row, None),
        }
        response = render(request, _TOLD, context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _after(self, request: HttpRequest, found: Model | None, row: Any) -> str:
        for each in (found, row):
            if isinstance(each, self.model) and self.get_object(request, str(each.pk)):
                return _page(self, each)
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _ask(
        self, request: HttpRequest, deed: Deed, row: Any, form: DeedForm, *, is_sure: bool = True
    ) -> HttpResponse:
        """The form, or with ``is_sure`` False what was typed and the last question."""
        about = _page(self, row) if row is not None else None
        context = {
            **self.admin_site.each_context(request),
            "title": deed.label,
            "opts": self.opts,
            "deed": deed,
            "original": row,
            "about": about,
            "form": form,
            "asks": not is_sure,
            "rows": (),
            "action": "",
        }
        status = 422 if form.errors and "back" not in request.POST else 200
        return render(request, _TEMPLATE, context, status=status)

    # ---------------------------------------------------------------- many rows at once

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {
            f"do-{deed.name}": (_many(deed), f"do-{deed.name}", deed.bulk)
            for deed in deeds_of(self.model)
            if deed.bulk and self.may_do(request, deed, None)
        }

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: list[tuple[str, str]] = models.BLANK_CHOICE_DASH,  # noqa: ARG002
    ) -> list[tuple[str, str]]:
        """In our words, not as percent formats of Django's."""
        named = [(name, label) for _, name, label in self.get_actions(request).values()]
        return [("", "选择批量操作"), *named]

    def do_many(self, request: HttpRequest, deed: Deed, rows: QuerySet[Any]) -> HttpResponse | None:
        """Each row by itself: one that cannot is skipped and named with its reason."""
        form = _form(request, deed, None, request.POST if "go" in request.POST else None)
        if "go" not in request.POST or "back" in request.POST or not form.is_valid():
            return self._ask_many(request, deed, rows, form)
        if deed.warning and "sure" not in request.POST:
            return self._ask_many(request, deed, rows, form, is_sure=False)
        done, skipped = 0, []
        for row in rows:
            sentence = self._one_of_many(request, deed, row, form.cleaned_data)
            done += not sentence
            skipped += [f"{row}：{sentence}"] if sentence else []
        if done:
            messages.success(request, f"{deed.bulk}：已办理{done}条。")
        if skipped:
            more = f"\n……另有{len(skipped) - MOST_NAMED}条" if len(skipped) > MOST_NAMED else ""
            named = "\n".join(skipped[:MOST_NAMED])
            messages.warning(request, f"以下{len(skipped)}条没有办理：\n{named}{more}")
        return None

    def _one_of_many(
        self, request: HttpRequest, deed: Deed, row: Any, typed: dict[str, Any]
    ) -> str:
        """The reason why it was not done, "" when it was."""
        if not self.may_do(request, deed, row):
            return "不属于本局，不能办理。"
        if not deed.fits(row):
            return "当前状态不能办理。"
        try:
            with transaction.atomic():
                deed.run(_actor(request), row, typed)
        except DomainError as refusal:
            return str(refusal)
        except ValidationError as refusal:
            return "；".join(refusal.messages)
        return ""

    def _ask_many(
        self,
        request: HttpRequest,
        deed: Deed,
        rows: QuerySet[Any],
        form: DeedForm,
        *,
        is_sure: bool = True,
    ) -> HttpResponse:
        keys = request.POST.getlist("_selected_action")
        across = request.POST.get("select_across", "0")
        carried = [("action", request.POST["action"]), ("select_across", across), ("index", "0")]
        context = {
            **self.admin_site.each_context(request),
            "title": deed.bulk,
            "opts": self.opts,
            "deed": deed,
            "original": None,
            "about": None,
            "form": form,
            "asks": not is_sure,
            "rows": rows[:MOST_NAMED],
            "count": rows.count(),
            "carried": [*carried, *(("_selected_action", key) for key in keys)],
            "action": request.get_full_path(),
        }
        return render(request, _TEMPLATE, context)


def _many(deed: Deed) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    def action(office: Deeds, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse | None:
        return office.do_many(request, deed, rows)

    return action


def _pairs(field: Any) -> Any:
    return field.choices


def _form(request: HttpRequest, deed: Deed, row: Any, typed: Any) -> DeedForm:
    return deed.form(typed, viewer=viewer_of(request), row=row)


def _blame(form: DeedForm, refusal: DomainError | ValidationError) -> None:
    """Say it at its field, where the form has that field."""
    if isinstance(refusal, DomainError):
        said = {refusal.field: [str(refusal)]}
    else:
        said = getattr(refusal, "message_dict", {"": refusal.messages})
    for field, sentences in said.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)


def _actor(request: HttpRequest) -> Actor:
    viewer = viewer_of(request)
    return Actor(viewer.user_id, viewer.name, address_of(request))


def _page(office: Any, row: Model) -> str:
    return reverse(f"admin:{office.opts.app_label}_{office.opts.model_name}_change", args=[row.pk])
