"""Every route × every role × own, sibling and foreign place: what the table of roles says.

The routes come from the URL configuration. One that is not declared below fails the suite; what
it answers is worked out from its declaration and from ``foundation.roles.ROLES``. Planted names
are looked for in every answer: nobody reads what is not his, whatever the status says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from PIL import Image

from assessments import paper_pages
from assessments.check_codes import Printed, code_of
from assessments.enums import FileFormat, PaperKey, ReportKey
from assessments.filling import files as form_files
from lawadvisor.accounts.models import User
from lawadvisor.foundation.importing import files
from lawadvisor.foundation.models import Job, JobState
from lawadvisor.foundation.office.deeds import deeds_of
from lawadvisor.foundation.roles import ROLES, Role, Scope, Thing, Verb
from lawadvisor.foundation.scoping import ScopedQuerySet
from lawadvisor.foundation.viewer import Viewer
from tests import factories
from tests.conftest import County, desk_of
from tests.factories import OCTOBER
from tests.web.conftest import Closed, signed_in
from villages.models import Bureau
from worklogs.enums import MatterKind, Recipient
from worklogs.models import Attachment, Matter, ServiceLog
from worklogs.photos import path_of

# ── the callers ─────────────────────────────────────────────────────────────────────────────────

ANONYMOUS, NOBODY = "anonymous", "nobody"
CALLERS = (ANONYMOUS, NOBODY, *Role)
SIDES = ("own", "sibling", "foreign")
#: A bureau has no sibling within itself, and what is about nothing has one side.
SIDES_OF = {"": ("own",), "bureau": ("own", "foreign")}
WHOLE = {Scope.AREA, Scope.BUREAU}
#: Which scopes reach a thing of their own place, besides the system administrator; those that
#: see the whole bureau reach the sibling's too.
REACH: dict[str, set[Scope]] = {
    "bureau": {*WHOLE},
    "township": {*WHOLE, Scope.TOWNSHIP},
    "village": {*WHOLE, Scope.TOWNSHIP, Scope.VILLAGE},
    "record": {*WHOLE, Scope.TOWNSHIP, Scope.VILLAGE, Scope.ADVISOR},
    "appointment": {*WHOLE, Scope.TOWNSHIP, Scope.VILLAGE, Scope.ORGANISATION, Scope.ADVISOR},
}


def allowed(caller: str, route: Route, side: str) -> bool:
    """What the tables say, and nothing that the code says."""
    if route.public or route.needs is None:
        return route.public or caller != ANONYMOUS
    if caller in (ANONYMOUS, NOBODY):
        return False
    rights = ROLES[Role(caller)]
    needs = {*route.needs, *([Verb.ENTER_BACK_OFFICE] if route.in_office else [])}
    may = needs <= {*rights.sees, *rights.does} or caller in route.also
    has_page = route.scopes is None or rights.scope in route.scopes
    return may and has_page and reaches(rights.scope, route.about, side)


def reaches(scope: Scope, about: str, side: str) -> bool:
    if not about or scope is Scope.ALL:
        return True
    if side == "own":
        return scope in REACH[about]
    # the sibling's advisor is of the same organisation
    shared = {Scope.ORGANISATION} if about == "appointment" else set()
    return side == "sibling" and scope in (WHOLE | shared)


# ── the routes ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Route:
    """``needs`` None: whoever is signed in. ``about``: the kind of thing that the address names.

    ``scopes``: only desks that reach so far have this page at all. ``post`` is what a write is
    sent; None for a page that is only looked at. ``args`` names the parts of the address.
    ``also``: roles that the page lets in without what it needs.
    """

    needs: tuple[Thing | Verb, ...] | None = ()
    about: str = ""
    args: tuple[str, ...] = ()
    post: dict[str, str] | None = None
    scopes: frozenset[Scope] | None = None
    also: frozenset[Role] = frozenset()
    public: bool = False
    in_office: bool = False


_MONTH = ("bureau", "month")
_REVISED = Route(
    about="record", args=("number",), scopes=frozenset({Scope.ADVISOR}), post={"reason": "重复"}
)
_PHONE = Route(scopes=frozenset({Scope.ADVISOR}))
_CLOSE = Route(needs=(Verb.CLOSE_MONTH,), about="bureau", args=_MONTH, post={"reason": "补录"})
_POLICY = Route(needs=(Thing.POLICY,), about="bureau", in_office=True, args=("policy",))
_DRAFT = Route(needs=(Verb.KEEP_POLICY,), about="bureau", in_office=True, args=("draft",), post={})
_REVIEW = Route(needs=(Verb.REVIEW,), about="township", args=("township", "month"), post={})
_LEDGER = Route(
    needs=(Thing.FIGURES, Thing.RECORDS), about="township", args=("township", "month", "ledger")
)
_JOURNAL = Route(needs=(Thing.RECORDS,), about="record", args=("appointment", "month"))
_ANSWER = Route(
    needs=(Verb.CLOSE_MONTH,), about="township", args=("township", "month"), post={"reason": "缺"}
)
_FILES = (Verb.IMPORT, Thing.UPLOADS)
_FILLS = (Verb.FILL_FORMS, Thing.FORMS)
#: Its programs read and write what is one advisor's own, at his desk alone.
_API = Route(needs=(Thing.RECORDS,), scopes=frozenset({Scope.ADVISOR}))
_OWN_LOG = replace(_API, about="record", args=("log",), post={})
ROUTES: dict[str, Route] = {
    "api:desk": _API,
    "api:logs": replace(_API, post={}),
    "api:batch": replace(_API, post={}),
    "api:log": replace(_OWN_LOG, post=None),
    "api:withdraw": _OWN_LOG,
    "api:photos": _OWN_LOG,
    "api:zero": replace(_API, post={}),
    "api:requests": Route(needs=(Thing.REQUESTS,)),
    "api:incidents": replace(_API, post={}),
    "api:tokens": replace(_API, post={}),
    "api:token": replace(_API, args=("token",), post={}),
    "api:schema": Route(needs=None),
    "account-tokens": Route(needs=None, post={"name": "平板"}),
    # the one that is asked for is the advisor's
    "account-token-revoke": replace(_API, args=("token",), post={}),
    "home": Route(needs=None),
    "desks": Route(needs=None),
    "login": Route(public=True),
    "logout": Route(needs=None),
    "account": Route(needs=None),
    "account-password": Route(needs=None, post={}),
    "account-second-factor": Route(needs=None, post={}),
    "account-everywhere": Route(needs=None),
    "feedback": Route(public=True),
    "paper-check": Route(public=True, args=("code",)),
    "healthz": Route(public=True),
    "set-up": Route(needs=(Verb.SET_UP,), post={}),
    "places": Route(needs=(Thing.FIGURES,), scopes=frozenset({Scope.ALL, *WHOLE})),
    "mine": _PHONE,
    "phone-log": _PHONE,
    "phone-saved": Route(about="record", args=("number",), scopes=frozenset({Scope.ADVISOR})),
    "phone-revise": _REVISED,
    "phone-withdraw": _REVISED,
    "phone-photos": replace(_REVISED, args=("pictured",), post={"remove": "{attachment}"}),
    "phone-zero": Route(
        about="appointment",
        scopes=frozenset({Scope.ADVISOR}),
        post={"appointment": "{appointment}", "month": "2026-10", "reason": "无需求"},
    ),
    "phone-records": _PHONE,
    "phone-month": _PHONE,
    "phone-month-file": replace(_PHONE, args=("month", "format")),
    "phone-me": _PHONE,
    "phone-size": Route(scopes=frozenset({Scope.ADVISOR}), post={"letters": "large"}),
    "phone-key": _PHONE,
    "phone-worker": Route(public=True),
    "organisation": Route(scopes=frozenset({Scope.ORGANISATION})),
    "village": Route(needs=(Thing.PLACES,), about="village", args=("village",)),
    "village-month": Route(needs=(Thing.PLACES,), about="village", args=("village", "month")),
    "bureau": Route(needs=(Thing.FIGURES,), about="bureau", args=("bureau",)),
    "bureau-months": Route(needs=(Thing.FIGURES,), about="bureau", args=("bureau",)),
    "bureau-matrix": Route(needs=(Thing.FIGURES,), about="bureau", args=("bureau",)),
    "bureau-month": Route(needs=(Thing.FIGURES,), about="bureau", args=_MONTH),
    "bureau-report": Route(needs=(Thing.FIGURES,), about="bureau", args=(*_MONTH, "report")),
    "bureau-report-json": Route(needs=(Thing.FIGURES,), about="bureau", args=(*_MONTH, "report")),
    "bureau-close": _CLOSE,
    **dict.fromkeys(("bureau-reclose", "bureau-halt", "bureau-resume", "bureau-leave"), _CLOSE),
    "bureau-changes": Route(needs=(Thing.FIGURES,), about="bureau", args=_MONTH),
    "township-changes": Route(needs=(Thing.FIGURES,), about="township", args=("township", "month")),
    "job-retry": Route(needs=(Verb.CLOSE_MONTH,), about="bureau", args=(*_MONTH, "job"), post={}),
    "township": Route(needs=(Thing.FIGURES,), about="township", args=("township",)),
    "township-month": Route(needs=(Thing.FIGURES,), about="township", args=("township", "month")),
    "review": Route(
        needs=(Thing.FIGURES, Thing.RECORDS), about="township", args=("township", "month")
    ),
    "review-all": _REVIEW,
    "check-record": replace(_REVIEW, args=("township", "month", "village")),
    "spot": Route(
        needs=(Thing.FILINGS, Thing.RECORDS), about="township", args=("township", "month")
    ),
    "spot-draw": replace(_REVIEW, also=frozenset({Role.BUREAU})),
    "spot-record": replace(
        _REVIEW, args=("township", "month", "appointment"), also=frozenset({Role.BUREAU})
    ),
    "spots": Route(needs=(Thing.FILINGS, Thing.RECORDS), about="bureau", args=_MONTH),
    "own-checks": Route(scopes=frozenset({Scope.ADVISOR})),
    "review-row": replace(_REVIEW, args=("township", "month", "appointment")),
    "review-one": replace(_REVIEW, args=("township", "month", "session")),
    **dict.fromkeys(("month-submit", "month-take-back"), _REVIEW),
    **dict.fromkeys(("month-accept", "month-return", "month-act-for"), _ANSWER),
    "month-supplements": replace(_REVIEW, post={"reason": "漏录", "village": "{village}"}),
    "month-reopen": replace(_ANSWER, post={"reason": "漏录", "village": "{village}"}),
    "report-json": Route(
        needs=(Thing.FIGURES,), about="township", args=("township", "month", "report")
    ),
    "township-report": Route(
        needs=(Thing.FIGURES,), about="township", args=("township", "month", "report")
    ),
    "bureau-bundle": Route(needs=(Thing.FIGURES,), about="bureau", args=_MONTH, post={}),
    "bureau-paper": replace(_LEDGER, about="bureau", args=("bureau", "month", "ledger")),
    "bureau-paper-file": replace(
        _LEDGER, about="bureau", args=("bureau", "month", "ledger", "pdf")
    ),
    "township-paper": _LEDGER,
    "township-paper-file": replace(_LEDGER, args=("township", "month", "ledger", "pdf")),
    "journal": _JOURNAL,
    "journal-file": _JOURNAL,
    "journal-sheet": replace(_JOURNAL, args=("session",)),
    "journal-issue": Route(
        about="record", args=("appointment", "month"), scopes=frozenset({Scope.ADVISOR}), post={}
    ),
    "journal-receive": Route(
        needs=(Verb.REVIEW,),
        about="township",
        args=("appointment", "month"),
        post={"wish": "receive", "day": "2026-11-02"},
    ),
    "lecture": replace(_JOURNAL, args=("lecture",)),
    "lecture-file": replace(_JOURNAL, args=("lecture",)),
    "file": Route(needs=(Thing.FIGURES,), about="township", args=("file", "name")),
    "verdict": Route(needs=(Thing.FIGURES,), about="township", args=("verdict",)),
    "verdict-annex": Route(needs=(Thing.FIGURES,), about="township", args=("verdict",)),
    "running-verdict": Route(
        needs=(Thing.FIGURES,), about="appointment", args=("bureau", "rule", "kind", "appointment")
    ),
    "requests": Route(needs=(Thing.REQUESTS,)),
    "request": Route(needs=(Thing.REQUESTS,), about="record", args=("request",)),
    "incidents": Route(needs=(Thing.INCIDENTS,)),
    "incident-new": Route(needs=(Verb.REPORT,), post={}),
    "incident": Route(needs=(Thing.INCIDENTS,), about="record", args=("incident",)),
    "lectures": Route(needs=(Thing.RECORDS,), about="village", args=("village",)),
    "trainings": Route(needs=(Verb.KEEP_TRAININGS,), post={}),
    "limits": Route(needs=(Thing.POLICY,), about="bureau", args=("bureau",)),
    "liaisons": Route(needs=(Thing.RECORDS,), about="township", args=("township",)),
    "liaison": Route(
        needs=(Verb.KEEP_LIAISONS,),
        about="village",
        args=("village",),
        post={"wish": "name", "name": "王五", "phone": "13600000000"},
    ),
    "matter": Route(needs=(Thing.RECORDS,), about="record", args=("matter",)),
    # the system administrator sees no marks, yet opens them for a reason that is kept
    "matter-unseal": Route(
        needs=(Verb.UNSEAL, Thing.MARKS),
        about="record",
        args=("matter", "mark"),
        post={"reason": "核对"},
        also=frozenset({Role.SYSTEM_ADMIN}),
    ),
    "privacy": Route(needs=None),
    "privacy-own-copy": Route(needs=None, post={}),
    "privacy-people": Route(needs=(Verb.ERASE,), post={"name": "吴甲明"}),
    "privacy-copy": Route(
        needs=(Verb.ERASE,), about="bureau", args=("person", "advisor"), post={"reason": "申请"}
    ),
    "privacy-client": Route(needs=(Verb.ERASE,), post={"name": "钱甲来"}),
    "attachment": Route(needs=(Thing.CLIENTS,), about="record", args=("attachment",)),
    "small-photo": Route(needs=(Thing.CLIENTS,), about="record", args=("attachment",)),
    "imports": Route(needs=_FILES),
    "import-template": Route(needs=_FILES, args=("import",)),
    "import-upload": Route(needs=_FILES, args=("import",), post={}),
    "import-export": Route(needs=_FILES, args=("import",), post={}),
    "import-batch": Route(needs=_FILES, about="bureau", args=("batch",)),
    "import-marked": Route(needs=_FILES, about="bureau", args=("batch",)),
    **dict.fromkeys(
        (*("import-accept", "import-confirm", "import-drop", "import-undo", "import-retry"),),
        Route(needs=_FILES, about="bureau", args=("batch",), post={"reason": "传错了"}),
    ),
    "forms": Route(needs=_FILLS, about="bureau", args=("bureau",)),
    "form": Route(needs=_FILLS, about="bureau", args=("form",)),
    **dict.fromkeys(
        ("form-map", "form-renew", "form-fill"),
        Route(needs=_FILLS, about="bureau", args=("form",), post={"wish": "clear"}),
    ),
    "filling": Route(needs=_FILLS, about="bureau", args=("filling",)),
    "filling-cell": Route(needs=_FILLS, about="bureau", args=("filling", "first")),
    "filling-file": Route(needs=_FILLS, about="bureau", args=("filling",)),
    "filling-grounds": Route(needs=_FILLS, about="bureau", args=("filling",)),
    "messages": Route(needs=None),
    "messages-read": Route(needs=None, post={}),
    "message-settings": Route(needs=None, post={"email": ""}),
    # the one that is asked for is the advisor's
    "message-open": replace(_API, args=("message",), post={}),
    "channels": Route(
        needs=(Thing.ACCOUNTS, Verb.KEEP_ACCOUNTS),
        about="bureau",
        args=("bureau",),
        post={"wish": "email-off"},
    ),
    "admin:index": Route(in_office=True),
    "admin:policy-copy": Route(
        needs=(Verb.KEEP_POLICY,), in_office=True, post={"source": "zx", "bureau": "{bureau_pk}"}
    ),
    "admin:policy-compare": Route(needs=(Thing.POLICY,), in_office=True),
    "admin:draft-save": _DRAFT,
    "admin:draft-numbers": _DRAFT,
    "admin:draft-adopt": _DRAFT,
    "admin:draft-discard": _DRAFT,
    "admin:draft-try": Route(
        needs=(Thing.POLICY,), about="bureau", in_office=True, args=("draft",)
    ),
}
#: Steps of signing in: whoever did not take the first is sent back to it, whatever his role.
STEPS = {"login-code", "oidc_authentication_init", "oidc_authentication_callback"}
#: Opened by a key in the address, whoever asks; their own test forges keys by the thousand.
BY_KEY = {"confirm"}
#: The doors of the back office, and Django's own that show no rows of ours.
ADMINS_OWN = {
    *(
        "admin/login/",
        "admin/logout/",
        "admin/password_change/",
        "admin:login",
        "admin:logout",
        "admin:password_change",
        "admin:password_change_done",
    ),
    *("admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list", None),
}


def lists() -> list[type[models.Model]]:
    return [model for model in admin.site._registry if model._meta.app_label != "auth"]


def admin_routes() -> Iterator[tuple[str, Route]]:
    """What Django's admin makes for each list: rows by what they hold, and no generic form."""
    for model in lists():
        stem = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        needs = (model._default_manager.all().holds,)
        row = Route(needs=needs, about="bureau", in_office=True, args=(model._meta.label_lower,))
        yield f"{stem}_changelist", Route(needs=needs, in_office=True)
        yield f"{stem}_change", row
        yield f"{stem}_history", row
        yield f"{stem}_export", Route(needs=(*needs, Verb.EXPORT), in_office=True, post={})
        yield from deed_routes(model, stem, needs)
        closed = Route(needs=(Thing.JOBS, Thing.CLIENTS), in_office=True)  # no role sees both
        yield f"{stem}_add", closed
        yield (
            f"{stem}_delete",
            Route(needs=closed.needs, about="bureau", args=(model._meta.label_lower,), post={}),
        )


def deed_routes(
    model: type[models.Model], stem: str, needs: tuple[Thing, ...]
) -> Iterator[tuple[str, Route]]:
    """One deed of each kind; what is done by them, ``test_deeds`` walks one by one."""
    label = model._meta.label_lower
    for deed in deeds_of(model):
        doing = Route(needs=(*needs, deed.verb), in_office=True, post={})
        if deed.makes:
            yield f"{stem}_make", replace(doing, args=("new",))
        elif deed is next(each for each in deeds_of(model) if not each.makes):
            yield f"{stem}_do", replace(doing, about="bureau", args=(label, f"{label} deed"))


def declared() -> dict[str, Route]:
    return {**ROUTES, **dict(admin_routes())}


def names(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str | None]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            name = pattern.name or (None if prefix else str(pattern.pattern))
            yield f"{prefix}{name}" if name else None
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else prefix
            yield from names(pattern.url_patterns, inner)


def test_every_route_is_declared_and_no_other() -> None:
    assert {*names(get_resolver().url_patterns)} - ADMINS_OWN - STEPS - BY_KEY == {*declared()}


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(BY_KEY))
@pytest.mark.parametrize("caller", [ANONYMOUS, *Role])
def test_a_page_with_a_key_opens_for_nobody_without_it(
    caller: str, name: str, county: County
) -> None:
    client = signed_in(None if caller == ANONYMOUS else desk_of(county, Role(caller)))
    address = reverse(name, args=["x" * 32])
    for sent in (None, {"shown": "1", "true": "1"}):
        response, writes = ask(client, address, sent)
        assert (response.status_code, writes) == (404, [])


def test_no_role_sees_what_stands_for_nobody() -> None:
    both = {Thing.JOBS, Thing.CLIENTS}
    assert [role for role, rights in ROLES.items() if both <= rights.sees] == []


# ── the world ───────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class World:
    """Two counties with a closed month; ``args`` fills the addresses by side."""

    own: Closed
    foreign: Closed
    args: dict[str, dict[str, Any]] = field(default_factory=dict)

    def user_of(self, caller: str) -> User | None:
        if caller == ANONYMOUS:
            return None
        return factories.make_user() if caller == NOBODY else desk_of(self.own.county, Role(caller))

    def filled(self, sent: dict[str, str], side: str) -> dict[str, str]:
        return {key: value.format(**self.args[side]) for key, value in sent.items()}

    def address(self, name: str, route: Route, side: str) -> str:
        return reverse(name, args=[self.args[side][part] for part in route.args])


#: Planted on each side: who reads one of these reads what stands there.
def canaries(side: str) -> dict[str, str]:
    sign = {"own": "甲", "sibling": "乙", "foreign": "丙"}[side]
    number = {"own": 1, "sibling": 2, "foreign": 3}[side]
    return {
        "township": f"{sign}山镇",
        "village": f"{sign}水村委会",
        "advisor": f"吴{sign}明",
        "client": f"钱{sign}来",
        "phone": f"1390000000{number}",
        "mediation": f"{sign}家宅基地之争",
    }


def _plant(side: str, appointment: Any) -> None:
    signs = canaries(side)
    village, advisor = appointment.village, appointment.advisor
    for row, name in (
        (village.township, signs["township"]),
        (village, signs["village"]),
        (advisor, signs["advisor"]),
    ):
        row.name = name
        row.save()
    log = factories.make_log(appointment=appointment, start="14:00", end="17:00")
    factories.make_matter(
        log=log,
        kind=MatterKind.MEDIATION,
        client=signs["client"],
        phone=signs["phone"],
        content=signs["mediation"],
    )
    factories.make_attachment(matter=factories.make_matter(log=log))
    factories.make_matter(log=log, kind=MatterKind.LECTURE, focus="反诈", audience=20)
    factories.make_book(appointment=appointment)


@pytest.fixture
def world(county: County, foreign: County, request: pytest.FixtureRequest) -> World:
    for bureau, code in ((county.bureau, "430499"), (foreign.bureau, "510499")):
        Bureau.objects.filter(pk=bureau.pk).update(code=code)
        bureau.code = code
    _plant("own", county.appointment)
    _plant("sibling", county.sibling_appointment)
    _plant("foreign", foreign.appointment)
    made = World(request.getfixturevalue("closed"), request.getfixturevalue("foreign_closed"))
    made.args["own"] = _arguments(made.own, county.appointment)
    made.args["sibling"] = _arguments(made.own, county.sibling_appointment)
    made.args["foreign"] = _arguments(made.foreign, foreign.appointment)
    return made


def _arguments(closed: Closed, appointment: Any) -> dict[str, Any]:
    village, close = appointment.village, closed.close
    job = Job.objects.create(
        kind="judge_desk",
        key=f"failed {appointment.pk}",
        group=close.group,
        state=JobState.FAILED,
        finished_at=close.closed_at,
    )
    marked, _ = files.keep([f"marked {appointment.pk}".encode()])
    photo = _filed(Attachment.objects.get(matter__log__appointment=appointment))
    found: dict[str, Any] = {
        "bureau": close.bureau.code,
        "bureau_pk": close.bureau_id,
        "township": village.township.code,
        "village": village.code,
        "month": OCTOBER,
        "format": "xlsx",
        "report": ReportKey.MONTHLY_SUMMARY,
        "ledger": PaperKey.LEDGER,
        "code": code_of(Printed("R1", "b", close.bureau_id, OCTOBER.code, "r1")),
        "pdf": FileFormat.PDF,
        "lecture": Matter.objects.get(log__appointment=appointment, kind=MatterKind.LECTURE).pk,
        "job": job.pk,
        "file": close.files.filter(township=village.township)[0].pk,
        "name": "报表.pdf",
        "verdict": close.verdicts.filter(village=village)[0].pk,
        "rule": "ZX-34",
        "kind": "appointment",
        "appointment": appointment.pk,
        "policy": close.policy_id,
        "draft": close.bureau.policy_drafts.get().pk,
        "session": appointment.logs.order_by("pk")[0].pk,
        "matter": Matter.objects.get(log__appointment=appointment, kind=MatterKind.MEDIATION).pk,
        "person": "advisor",
        "advisor": appointment.advisor_id,
        "log": ServiceLog.objects.filter(appointment=appointment)[0].client_uuid,
        "token": factories.make_api_token(user=closed.county.advisor_user).pk,
        "mark": Thing.MARKS.name.lower(),
        "number": ServiceLog.objects.filter(appointment=appointment).latest("pk").client_uuid,
        "incident": factories.make_incident(
            appointment=appointment, recipients=Recipient.values
        ).pk,
        "request": factories.make_request(village=village).pk,
        "attachment": photo.pk,
        "pictured": photo.matter.log.client_uuid,
        "message": factories.make_message(user=closed.county.advisor_user, bureau=close.bureau).pk,
        **_filled_form(close.bureau),
        "import": "records",
        "batch": factories.make_batch(bureau=close.bureau, marked=marked).pk,
    }
    rows = {model._meta.label_lower: _row_of(model, closed) for model in lists()}
    deeds = {
        f"{model._meta.label_lower} deed": deed.name
        for model in lists()
        for deed in reversed(deeds_of(model))
        if not deed.makes
    }
    return {**found, **rows, **deeds, "new": "new"}


def _filled_form(bureau: Bureau) -> dict[str, int]:
    """A form, a filling of it and its first cell, with both files in their places."""
    version = factories.make_form_version(bureau=bureau)
    filling = factories.make_filling(version=version)
    blank = form_files.path_of(version.checksum)
    blank.parent.mkdir(parents=True, exist_ok=True)
    blank.with_suffix(".json").write_text(
        '{"sheets": [{"name": "表", "rows": 1, "columns": 1, "widths": [9], "cells": []}],'
        ' "lost": []}',
        encoding="utf-8",
    )
    filled = form_files.path_of(filling.checksum)
    filled.parent.mkdir(parents=True, exist_ok=True)
    filled.write_bytes(b"filled")
    return {"form": version.form_id, "filling": filling.pk, "first": 0}


def _filed(photo: Attachment) -> Attachment:
    path_of(photo).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path_of(photo), "JPEG")
    return photo


def _row_of(model: type[models.Model], closed: Closed) -> Any:
    """A row that stands in this county; of a list without places just one."""
    from advisors.viewers import viewer_for

    whole = viewer_for(closed.county.bureau_user)
    row = model._default_manager.visible_to(whole).order_by("pk").first()
    return (row or model._default_manager.order_by("pk").first() or factories.make_job()).pk


# ── the walk ────────────────────────────────────────────────────────────────────────────────────

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|COPY|TRUNCATE)\b(?!.*django_session)", re.DOTALL)


def refused(response: HttpResponse, address: str) -> bool:
    """Whoever is not signed in goes to the door; others are told no, or that nothing is there."""
    if response.status_code in (401, 403, 404):
        return True
    if response.status_code != 302:
        return False
    if address.startswith("/admin/") and response.url == "/admin/":
        return True  # no such row
    return response.url.startswith(("/login/", "/admin/login/"))


def body(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode("utf-8", errors="ignore")


def hidden_from(caller: str) -> dict[str, str]:
    """The planted words that this caller never reads, on whatever page."""
    rights = ROLES[Role(caller)] if caller in set(Role) else None
    hidden: dict[str, str] = {}
    for side in SIDES:
        seen = set()
        if rights and reaches(rights.scope, "appointment", side):
            seen = {"township", "village", "advisor"}
            seen |= {"client", "phone"} if Thing.CLIENTS in rights.sees else set()
        words = canaries(side).items()
        hidden |= {f"{side} {what}": word for what, word in words if what not in seen}
    return hidden


def ask(
    client: Client, address: str, data: dict[str, str] | None
) -> tuple[HttpResponse, list[str]]:
    """The answer and what it wrote; nothing of it stays."""
    with transaction.atomic(), CaptureQueriesContext(connection) as ran:
        response = client.get(address) if data is None else client.post(address, data)
        text = body(response)
        transaction.set_rollback(True)
    response.text_read = text
    return response, [q["sql"] for q in ran if WRITES.match(q["sql"])]


def faults(caller: str, client: Client, world: World, name: str, side: str) -> Iterator[str]:
    """What is wrong with the answers of one address; GET, and POST where it has one."""
    route = declared()[name]
    address, may = world.address(name, route, side), allowed(caller, route, side)
    for sent in (None,) if route.post is None else (None, world.filled(route.post, side)):
        response, writes = ask(client, address, sent)
        where = f"{'GET' if sent is None else 'POST'} {name} of {side}: {response.status_code}"
        only_post = sent is None and route.post is not None and response.status_code == 405
        if response.status_code >= 500 or (refused(response, address) == may and not only_post):
            yield f"{where}, allowed={may}"
        if writes and (sent is None or not may):
            yield f"{where} wrote {writes[0][:80]}"
        for what, word in hidden_from(caller).items():
            if word in response.text_read:
                yield f"{where} shows {what}"


def _as_text(template: str, context: dict[str, Any], **_: Any) -> bytes:
    return render_to_string(template, {**context, "substituted": ""}).encode()


@pytest.fixture
def legible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers are answered as the text that would be printed: quick, and open to a look."""
    monkeypatch.setattr("assessments.journals.pages.print_sheet", _as_text)
    monkeypatch.setitem(
        paper_pages._WRITERS,
        FileFormat.PDF,
        lambda document: _as_text("reports/paper.html", {"document": document, "qr": ""}),
    )


@pytest.mark.usefixtures("legible")
@pytest.mark.parametrize("caller", CALLERS)
def test_every_route_answers_as_the_table_of_roles_says(caller: str, world: World) -> None:
    client = signed_in(world.user_of(caller))
    walked = [
        (name, side)
        for name, route in declared().items()
        for side in SIDES_OF.get(route.about, SIDES)
    ]
    assert len(walked) > 100
    assert [fault for step in walked for fault in faults(caller, client, world, *step)] == []


def test_the_walk_finds_a_scope_that_is_left_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a guard that is switched off is found by status and by planted word."""
    monkeypatch.setattr(ScopedQuerySet, "_reach", lambda *_: models.Q(pk__gt=0))
    client = signed_in(world.user_of(Role.TOWNSHIP))
    found = [*faults(Role.TOWNSHIP, client, world, "township-month", "foreign")]
    assert "GET township-month of foreign: 200 shows foreign township" in found
    assert "GET township-month of foreign: 200, allowed=False" in found


def test_the_walk_finds_a_role_that_is_not_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Viewer, "may", lambda *_, **__: True)
    client = signed_in(world.user_of(Role.FINANCE))
    found = [*faults(Role.FINANCE, client, world, "bureau-reclose", "own")]
    assert any(fault.startswith("POST bureau-reclose of own: 302, allowed=") for fault in found)
    assert any("POST bureau-reclose of own: 302 wrote" in fault for fault in found)
