"""Grave matters on pages: reported on one screen, acknowledged and followed up at each desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from advisors.models import Appointment
from assessments.field.requests import number_of
from assessments.field.wishes import shown_or_done
from assessments.selectors import policy_for
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.requests import number_in, unkept, viewer_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from villages.models import Bureau
from worklogs import incidents as services
from worklogs.enums import OPINIONS, IncidentKind, IncidentLevel, IncidentState, NoteKind
from worklogs.incidents import CLOSING, DESK_OF, Report, moment
from worklogs.models import Incident, IncidentNotice
from worklogs.rules import clean_text, parse_clock, parse_day

_SHOWN = 100
_TYPED = ("appointment", "kind", "level", "day", "clock", "place", "people", "facts")


@dataclass(frozen=True, slots=True)
class Clock:
    """One recipient's acknowledgement; ``late``: not read in time, or still not read."""

    recipient: str
    due_at: datetime
    read_at: datetime | None
    read_by: str
    late: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One report in a list: nothing of what happened, and nobody's name but the advisor's."""

    pk: int
    village: str
    advisor: str
    kind: str
    level: str
    submitted_at: datetime
    state: str
    state_label: str
    clocks: tuple[Clock, ...]


def recipients_of(bureau: Bureau) -> tuple[str, ...]:
    """Whom the policy in force names; () where there is none, for the portal's own default."""
    policy = policy_for(bureau, timezone.localdate())
    return tuple(policy.settings.get("incident_recipients", ())) if policy else ()


def listed(viewer: Viewer, *, now: datetime) -> tuple[Row, ...]:
    """The newest reports that the viewer sees, open ones first, in a fixed number of queries."""
    notices = IncidentNotice.objects.select_related("acknowledged_by")
    rows = (
        Incident.objects.visible_to(viewer)
        .select_related("village", "advisor")
        .prefetch_related(Prefetch("notices", notices))
        .order_by("-state", "-submitted_at")[:_SHOWN]
    )
    return tuple(
        Row(
            pk=row.pk,
            village=row.village.short_name,
            advisor=row.advisor.name,
            kind=row.get_kind_display(),
            level=row.get_level_display(),
            submitted_at=row.submitted_at,
            state=row.state,
            state_label=row.get_state_display(),
            clocks=_clocks(row, now),
        )
        for row in rows
    )


def _clocks(row: Incident, now: datetime) -> tuple[Clock, ...]:
    return tuple(
        Clock(
            recipient=notice.get_recipient_display(),
            due_at=notice.due_at,
            read_at=notice.acknowledged_at,
            read_by=notice.acknowledged_by.name if notice.acknowledged_by else "",
            late=(notice.acknowledged_at or now) > notice.due_at,
        )
        for notice in row.notices.all()
    )


# ---------------------------------------------------------------- pages


def _seeing(request: HttpRequest) -> Viewer:
    viewer = viewer_of(request)
    if not viewer.sees(Thing.INCIDENTS):
        raise PermissionDenied
    return viewer


@unkept
def incidents(request: HttpRequest) -> HttpResponse:
    viewer = _seeing(request)
    context = {
        "rows": listed(viewer, now=timezone.now()),
        "may_report": viewer.may(Verb.REPORT),
    }
    return render(request, "field/incidents.html", context)


@unkept
@sensitive_post_parameters()
def new(request: HttpRequest) -> HttpResponse:
    """One screen for a report; nothing is asked that is known."""
    viewer = _seeing(request)
    if not viewer.may(Verb.REPORT):
        raise PermissionDenied
    own = list(_serving(viewer))
    if request.method != "POST":
        return _form(request, own)
    try:
        made, _ = report_sent(request, viewer, request.POST)
    except DomainError as refusal:
        return _form(request, own, refused=refusal)
    told = "、".join(notice.get_recipient_display() for notice in made.notices.all())
    messages.success(request, f"已报送{told}。")
    return redirect("incident", made.pk)


def report_sent(
    request: HttpRequest, viewer: Viewer, sent: Mapping[str, str]
) -> tuple[Incident, bool]:
    """Write what was sent; DomainError naming its field for what is refused."""
    chosen = next(
        (each for each in _serving(viewer) if str(each.pk) == sent.get("appointment")), None
    )
    if chosen is None:
        raise DomainError("请选择村（社区）。", field="appointment")
    return services.report_incident(
        by=actor_of(request),
        appointment=chosen,
        report=report_of(sent),
        recipients=recipients_of(chosen.village.township.bureau),
        client_uuid=number_of(sent),
        now=timezone.now(),
    )


def report_of(sent: Mapping[str, str]) -> Report:
    """The report as typed; DomainError for a day, a time or a number that is none."""
    day = parse_day(sent.get("day", ""), field="day")
    minutes = parse_clock(sent.get("clock", ""), field="clock")
    people = clean_text(sent.get("people", ""))
    if people and number_in(people, digits=6) is None:
        raise DomainError(f"涉及人数应为整数，现为“{people[:10]}”。", field="people")
    return Report(
        kind=sent.get("kind", ""),
        level=sent.get("level", ""),
        happened_at=moment(day, minutes),
        place=sent.get("place", ""),
        facts=sent.get("facts", ""),
        people=int(people) if people else None,
    )


def _serving(viewer: Viewer) -> list[Appointment]:
    own = Appointment.objects.visible_to(viewer).filter(advisor=viewer.advisor)
    rows = own.serving_on(timezone.localdate()).select_related("village__township__bureau")
    return list(rows.order_by("village__code"))


def _form(
    request: HttpRequest, own: list[Appointment], *, refused: DomainError | None = None
) -> HttpResponse:
    now = timezone.localtime()
    typed = {name: request.POST.get(name, "") for name in _TYPED}
    if refused is None:
        typed |= {"day": now.date().isoformat(), "clock": f"{now:%H:%M}"}
        typed |= {"kind": IncidentKind.MASS_INCIDENT.value, "level": IncidentLevel.GENERAL.value}
        typed["appointment"] = str(own[0].pk) if own else ""
    context = {
        "own": [(str(each.pk), each.village.short_name) for each in own],
        "kinds": IncidentKind.choices,
        "levels": IncidentLevel.choices,
        "typed": typed,
        "uuid": request.POST.get("uuid") or uuid.uuid4(),
        "refused": refused,
    }
    return render(request, "field/incident_new.html", context, status=400 if refused else 200)


@unkept
@sensitive_post_parameters()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One report; a POST acknowledges it, adds a note, ends it or takes it up again."""
    viewer = _seeing(request)
    rows = Incident.objects.visible_to(viewer).select_related(
        "village__township__bureau", "advisor"
    )
    found = get_object_or_404(rows, pk=pk)
    return shown_or_done(request, viewer, found, page=_page, do=_do, name="incident")


def _do(request: HttpRequest, viewer: Viewer, found: Incident, wish: str) -> str:
    """What was done, in a sentence; PermissionDenied for who may not, Http404 for no wish."""
    by, now = actor_of(request), timezone.now()
    reason = request.POST.get("reason", "")
    if wish == "acknowledge":
        recipient = DESK_OF.get(viewer.role) if viewer.role else None
        if recipient is None or not viewer.may(Verb.ACKNOWLEDGE):
            raise PermissionDenied
        services.acknowledge(by=by, incident=found, recipient=recipient, now=now)
        return "已签收。"
    if wish == "note":
        kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
        if kind not in dict(_notes_of(viewer)):
            raise PermissionDenied
        services.add_note(by=by, incident=found, kind=kind, text=text, now=now)
        return "已记下。"
    if wish in ("close", "reopen"):
        if viewer.role not in CLOSING:
            raise PermissionDenied
        act = services.close_incident if wish == "close" else services.reopen_incident
        act(by=by, incident=found, reason=reason)
        return "已办结。" if wish == "close" else "已重新处置。"
    raise Http404


def _notes_of(viewer: Viewer) -> list[tuple[str, str]]:
    """The kinds of notes that this desk writes: a legal opinion is the advisor's."""
    if viewer.may(Verb.REPORT):
        return [(kind.value, kind.label) for kind in NoteKind]
    if viewer.may(Verb.ACKNOWLEDGE):
        return [(kind.value, kind.label) for kind in NoteKind if kind not in OPINIONS]
    return []


def _page(
    request: HttpRequest, viewer: Viewer, found: Incident, *, refused: DomainError | None = None
) -> HttpResponse:
    now = timezone.now()
    own = DESK_OF.get(viewer.role) if viewer.role else None
    notices = found.notices.filter(recipient=own, acknowledged_at__isnull=True) if own else None
    is_open = found.state == IncidentState.OPEN
    notes = found.notes.select_related("by").order_by("at", "pk")
    context = {
        "row": found,
        "facts": services.told(found, viewer),
        "clocks": _clocks(found, now),
        "notes": [(note, services.told(note, viewer)) for note in notes],
        "may_acknowledge": notices is not None and notices.exists(),
        "note_kinds": _notes_of(viewer) if is_open else (),
        "may_close": viewer.role in CLOSING and is_open,
        "may_reopen": viewer.role in CLOSING and not is_open,
        "typed": request.POST.get("text", ""),
        "refused": refused,
    }
    return render(request, "field/incident.html", context, status=400 if refused else 200)
