"""Requests: raised by a village's side, taken up and answered by its advisor, timed throughout."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from advisors.models import Advisor, Appointment, Liaison
from advisors.rules import clean_reason
from lawadvisor.foundation import audit
from lawadvisor.foundation.errors import Conflict, DomainError
from lawadvisor.foundation.locks import hold
from lawadvisor.foundation.masks import masked_within
from lawadvisor.foundation.periods import local_date
from lawadvisor.foundation.roles import Role, Thing, Verb
from lawadvisor.foundation.states import check_transition
from lawadvisor.foundation.viewer import Actor, Viewer
from villages.models import Village
from worklogs import rules
from worklogs.enums import LogState, RequestKind, RequestState
from worklogs.limits import LIMIT_OF_KIND, limit_of
from worklogs.models import ServiceLog, ServiceRequest
from worklogs.states import REQUEST_TRANSITIONS

#: How far ahead a visit may be wished for.
LATEST_WISH_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked, as typed. ``wanted_on`` None: no day in particular."""

    kind: str
    text: str = ""
    wanted_on: date | None = None


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """One request that the advisor still owes, for his home screen; days are local.

    ``text`` is what was asked, as far as its reader may see it.
    """

    pk: int
    village: str
    kind: str
    text: str
    wanted_on: date | None
    raised_at: datetime
    due_on: date
    overdue: bool
    state: str
    state_label: str


def open_requests(viewer: Viewer, *, today: date | None = None) -> tuple[OpenRequest, ...]:
    """What is owed in the villages that the viewer sees, the most urgent first."""
    today = today or timezone.localdate()
    rows = ServiceRequest.objects.visible_to(viewer).owed().select_related("village")
    return tuple(
        OpenRequest(
            pk=row.pk,
            village=row.village.short_name,
            kind=row.get_kind_display(),
            text=told(row, "text", viewer),
            wanted_on=row.wanted_on,
            raised_at=row.raised_at,
            due_on=row.due_on,
            overdue=row.due_on < today,
            state=row.state,
            state_label=row.get_state_display(),
        )
        for row in rows.order_by("due_on", "raised_at", "pk")
    )


def told(row: ServiceRequest, name: str, viewer: Viewer) -> str:
    """What was asked or answered: whole for who sees clients, for others without numbers."""
    text = getattr(row, name).reveal()
    return text if viewer.sees(Thing.CLIENTS) else masked_within(text, "", "")


@transaction.atomic
def raise_request(
    *,
    by: Actor,
    village: Village,
    wish: Wish,
    role: Role | None,
    client_uuid: uuid.UUID,
    now: datetime,
    liaison: Liaison | None = None,
) -> tuple[ServiceRequest, bool]:
    """Write the request once per ``client_uuid``; True: it is new.

    ``liaison`` is who asks by his link, else ``by`` is a person with an account. Raises
    DomainError for what is refused, and Conflict where the number stands for something else.
    """
    if (by.user_id is None) == (liaison is None) or role is None:
        raise ValueError("a request is raised by one person at a desk")
    today = local_date(now)
    hold(f"request:{client_uuid}")
    row = ServiceRequest(
        client_uuid=client_uuid,
        village=village,
        kind=wish.kind,
        text=rules.clean_text(wish.text),
        wanted_on=wish.wanted_on,
        raised_as=role,
        raised_by_id=by.user_id,
        liaison=liaison,
        raised_at=now,
        due_on=today,
    )
    known = ServiceRequest.objects.filter(client_uuid=client_uuid).first()
    if known is not None:
        return _the_same(known, row), False
    _check_wish(row, today)
    days = limit_of(village.township.bureau_id, LIMIT_OF_KIND[RequestKind(wish.kind)])
    visit_on = wish.wanted_on if wish.kind == RequestKind.VISIT else None
    row.due_on = visit_on or today + timedelta(days=days)
    row.save()
    after = {"kind": row.kind, "due_on": row.due_on.isoformat()}
    _record(by, "request.raise", row, after=after)
    return row, True


@transaction.atomic
def accept_request(*, by: Actor, request: ServiceRequest, advisor: Advisor) -> ServiceRequest:
    """The advisor takes it up. Conflict when somebody did, or it is over."""
    fresh = _moving(request, RequestState.ACCEPTED)
    return _move(by, fresh, RequestState.ACCEPTED, "request.accepted", advisor=advisor)


@transaction.atomic
def answer_request(
    *,
    by: Actor,
    request: ServiceRequest,
    advisor: Advisor,
    now: datetime,
    text: str = "",
    log: ServiceLog | None = None,
) -> ServiceRequest:
    """Answer by words, by the record of a service in that village, or both.

    Raises DomainError for neither and for another village's or advisor's record, Conflict when
    it is over.
    """
    fresh = _moving(request, RequestState.ANSWERED)
    fresh.answer = rules.clean_text(text)
    rules.check_fits(fresh)
    if not fresh.answer and log is None:
        raise DomainError("请填写答复，或选择对应的服务记录。", field="answer")
    if log is not None and log not in answering_logs(fresh, advisor):
        raise DomainError("只能选择本人在该村（社区）提出请求以后的服务记录。", field="log")
    return _move(
        by,
        fresh,
        RequestState.ANSWERED,
        "request.answered",
        advisor=advisor,
        log=log,
        answered_at=now,
    )


@transaction.atomic
def decline_request(
    *, by: Actor, request: ServiceRequest, advisor: Advisor, reason: str
) -> ServiceRequest:
    """Say why it cannot be done. DomainError without a reason."""
    fresh = _moving(request, RequestState.DECLINED)
    reason = _needed(reason, "请写明不能办理的原因。")
    values = {"advisor": advisor, "declined_reason": reason}
    return _move(by, fresh, RequestState.DECLINED, "request.declined", reason, **values)


@transaction.atomic
def close_request(*, by: Actor, request: ServiceRequest, reason: str = "") -> ServiceRequest:
    """It is done, or no longer asked for; the latter says why."""
    fresh = _moving(request, RequestState.CLOSED)
    if fresh.state != RequestState.ANSWERED:
        reason = _needed(reason, "还没有答复，请写明不再需要的原因。")
    said = clean_reason(rules.clean_text(reason), field="reason")
    return _move(by, fresh, RequestState.CLOSED, "request.closed", said)


@transaction.atomic
def reopen_request(*, by: Actor, request: ServiceRequest, reason: str) -> ServiceRequest:
    """Ask again for what was declined, with what speaks for it; its due day stays."""
    fresh = _moving(request, RequestState.OPEN)
    reason = _needed(reason, "请写明再次提出的理由。")
    return _move(by, fresh, RequestState.OPEN, "request.open", reason)


def answering_logs(request: ServiceRequest, advisor: Advisor) -> list[ServiceLog]:
    """The advisor's records of that village from the day of the request on, newest first."""
    logs = ServiceLog.objects.filter(
        advisor=advisor,
        appointment__village=request.village_id,
        service_date__gte=local_date(request.raised_at),
    ).exclude(state=LogState.DRAFT)
    return list(logs.order_by("-service_date", "-started_at")[:20])


def answering(viewer: Viewer, request: ServiceRequest, *, today: date) -> Advisor | None:
    """The viewer as the advisor who serves the village today, or who took the request up."""
    if not viewer.may(Verb.ANSWER) or viewer.advisor is None:
        return None
    serving = Appointment.objects.serving_on(today).filter(
        advisor=viewer.advisor, village=request.village_id
    )
    if request.advisor_id != viewer.advisor and not serving.exists():
        return None
    return Advisor.objects.get(pk=viewer.advisor)


def raised_by_link(liaison: Liaison) -> list[ServiceRequest]:
    """What the village's contacts asked for by their links, the newest five."""
    rows = ServiceRequest.objects.filter(
        Q(liaison__village=liaison.village_id), liaison__isnull=False
    )
    return list(rows.order_by("-raised_at")[:5])


def _the_same(known: ServiceRequest, sent: ServiceRequest) -> ServiceRequest:
    body = ("village_id", "kind", "text", "wanted_on", "raised_by_id", "liaison_id")
    if any(getattr(known, name) != getattr(sent, name) for name in body):
        raise Conflict("该请求编号已被使用，请重新填写后提交。")
    return known


def _check_wish(row: ServiceRequest, today: date) -> None:
    rules.check_fits(row)
    if row.kind != RequestKind.VISIT and not row.text:
        raise DomainError("请写明要咨询的问题。", field="text")
    wanted, last = row.wanted_on, today + timedelta(days=LATEST_WISH_DAYS)
    if wanted is not None and not today <= wanted <= last:
        raise DomainError(
            f"希望日期应在今天至{last:%Y-%m-%d}之间，现为{wanted:%Y-%m-%d}。", field="wanted_on"
        )


def _moving(request: ServiceRequest, to: RequestState) -> ServiceRequest:
    """The row as it stands, locked, if it may go there; else Conflict."""
    fresh = ServiceRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    check_transition(REQUEST_TRANSITIONS, fresh.state, to, dict(RequestState.choices))
    return fresh


def _move(
    by: Actor, row: ServiceRequest, to: RequestState, verb: str, reason: str = "", **values: Any
) -> ServiceRequest:
    before = row.state
    row.state = to
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    change = {"before": {"state": before}, "after": {"state": to.value}, "reason": reason}
    _record(by, verb, row, **change)
    return row


def _needed(reason: str, sentence: str) -> str:
    reason = clean_reason(rules.clean_text(reason), field="reason")
    if not reason:
        raise DomainError(sentence, field="reason")
    return reason


def _record(by: Actor, verb: str, row: ServiceRequest, **change: Any) -> None:
    bureau_id = row.village.township.bureau_id
    audit.record(by=by, verb=verb, subject=row, bureau_id=bureau_id, **change)
