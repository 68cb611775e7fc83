"""The doors of the API: read what was sent, call one service, tell what stands now."""

from __future__ import annotations

import hashlib
import json
import logging
import uuid
from collections.abc import Sequence
from typing import Any, cast

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, status
from rest_framework import serializers as drf
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from advisors.models import Appointment
from assessments.api import serializers as told
from assessments.api.access import AtOwnDesk, BearerToken, OwnSession, PerPerson, plain, viewer
from assessments.api.bodies import log_body, whole
from assessments.api.description import CONFLICT, REFUSALS
from assessments.api.errors import FAILED, answer_to
from assessments.api.home import home_of
from assessments.api.reading import BoundedJSON, OnePhoto
from assessments.entering import enter_log, revise_entry, withdraw_entry
from assessments.notes import notes_on
from lawadvisor.accounts.requests import actor_of
from lawadvisor.foundation.errors import DomainError
from lawadvisor.foundation.periods import Period, PeriodKind
from lawadvisor.foundation.viewer import Actor
from worklogs.models import RemovedLog, ServiceLog
from worklogs.photos import store_photo
from worklogs.zero import file_zero

logger = logging.getLogger(__name__)


# without a docstring, which would be told of each operation
class OwnDesk(APIView):
    authentication_classes: Sequence[type[BaseAuthentication]] = (BearerToken, OwnSession)
    permission_classes = (AtOwnDesk,)
    throttle_classes = (PerPerson,)
    parser_classes: Sequence[type[BaseParser]] = (BoundedJSON,)

    def finalize_response(self, request: Request, response: Any, *args: Any, **given: Any) -> Any:
        response = super().finalize_response(request, response, *args, **given)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def sent(self, form: type[drf.Serializer], data: Any) -> dict[str, Any]:
        """What was sent, checked; ValidationError names every field that is wrong."""
        if data is None:  # JSON's null
            raise exceptions.ParseError
        read = form(data=data)
        read.is_valid(raise_exception=True)
        return read.validated_data

    @property
    def by(self) -> Actor:
        return actor_of(plain(self.request))

    def appointment(self, pk: int) -> Appointment:
        seen = viewer(self.request)
        own = Appointment.objects.visible_to(seen).filter(advisor=seen.advisor, pk=pk)
        found = own.select_related("village__township").first()
        if found is None:
            raise DomainError("没有这项聘任，或不是您的。", field="appointment")
        return found

    def logs(self) -> QuerySet[ServiceLog]:
        seen = viewer(self.request)
        return whole(ServiceLog.objects.visible_to(seen).filter(advisor=seen.advisor))

    def log(self, number: uuid.UUID) -> ServiceLog:
        found = self.logs().filter(client_uuid=number).first()
        if found is None:
            raise Http404
        return found

    def told(self, log: ServiceLog) -> dict[str, Any]:
        """As it stands now, read anew."""
        return log_body(self.logs().get(pk=log.pk), viewer(self.request))

    def entered(self, data: Any) -> tuple[ServiceLog, int]:
        """One record handed in, and 201, or 200 for one that is there."""
        found = self.sent(told.NewLogIn, data)
        log, new = enter_log(
            by=self.by,
            appointment=self.appointment(found["appointment"]),
            entry=told.entry_of(found),
            client_uuid=found["uuid"],
            received_at=timezone.now(),
        )
        return log, status.HTTP_201_CREATED if new else status.HTTP_200_OK


class Home(OwnDesk):
    @extend_schema(
        operation_id="desk",
        summary="首页所需的全部内容，可留作离线使用",
        description="带上次的 ETag（If-None-Match）再取，没有变化时答304。",
        responses={200: told.HomeOut, 304: None, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        now = timezone.localtime()
        home = home_of(viewer=viewer(request), today=timezone.localdate())
        text = json.dumps(home, ensure_ascii=False, sort_keys=True)
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        head = {"ETag": tag}
        if tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers=head)
        return Response({**home, "server_time": now.isoformat(timespec="seconds")}, headers=head)


class Logs(OwnDesk):
    @extend_schema(
        operation_id="logs_since",
        summary="自上次以来变动过的本人记录，含状态变动和撤回",
        parameters=[told.SinceIn],
        responses={200: told.LogsOut, **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        asked = self.sent(told.SinceIn, request.query_params)
        logs = self.logs().filter(change_no__gt=asked["since"]).order_by("change_no")
        found = list(logs[: asked["limit"] + 1])
        told_now, more = found[: asked["limit"]], len(found) > asked["limit"]
        notes = _notes_on(told_now)
        removed, cursor = self._removed(asked["since"], told_now[-1].change_no if more else None)
        return Response(
            {
                "items": [log_body(log, viewer(request), notes) for log in told_now],
                "removed": removed,
                "cursor": max([cursor, *(log.change_no for log in told_now[-1:])]),
                "more": more,
            }
        )

    def _removed(self, since: int, until: int | None) -> tuple[list[str], int]:
        """What was taken back after ``since`` and does not stand again, and the last change that
        was looked at; ``until`` None is the newest."""
        own = Q(advisor=viewer(self.request).advisor)
        gone = RemovedLog.objects.filter(own, change_no__gt=since)
        if until is not None:
            gone = gone.filter(change_no__lt=until)
        found = list(gone.values_list("client_uuid", "change_no"))
        again = set(
            ServiceLog.objects.filter(client_uuid__in=[number for number, _ in found]).values_list(
                "client_uuid", flat=True
            )
        )
        numbers = [str(number) for number, _ in found if number not in again]
        return numbers, max((change for _, change in found), default=since)

    @extend_schema(
        operation_id="submit",
        summary="提交一条记录；同一编号的同一内容再发，答200",
        request=told.NewLogIn,
        responses={201: told.LogOut, 200: told.LogOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        log, number = self.entered(request.data)
        return Response(self.told(log), status=number)


class Batch(OwnDesk):
    #: What its items name, read once.
    served: dict[int, Appointment]

    @extend_schema(
        operation_id="submit_batch",
        summary="一次提交多条，各自成败，结果与单条提交相同",
        request=told.BatchOfLogs,
        responses={200: told.BatchOut, **REFUSALS},
    )
    def post(self, request: Request) -> Response:
        self.served = {}
        items = self.sent(told.BatchIn, request.data)["items"]
        answered = [self._answered(item) for item in items]
        stand = self.logs().in_bulk([log.pk for _, log in answered if log])
        for answer, log in answered:
            if log:
                answer["body"] = log_body(stand[log.pk], viewer(request))
        return Response({"items": [answer for answer, _ in answered]})

    def _answered(self, item: Any) -> tuple[dict[str, Any], ServiceLog | None]:
        """What is said to one, and its record, which is told with all others at the end."""
        number = str(item.get("uuid"))[:64] if isinstance(item, dict) and "uuid" in item else None
        try:
            log, state = self.entered(item)
        except Exception as fault:  # one item that we cannot take must not keep the others
            answer = answer_to(fault, viewer(self.request))
            if answer is None:
                logger.exception("an item of a batch failed")
                body = {"code": "failed", "detail": FAILED, "errors": []}
                return {"uuid": number, "status": 500, "body": body}, None
            return {"uuid": number, "status": answer.status, "body": answer.body}, None
        return {"uuid": number, "status": state}, log

    def appointment(self, pk: int) -> Appointment:
        if pk not in self.served:
            self.served[pk] = super().appointment(pk)
        return self.served[pk]


class OneLog(OwnDesk):
    @extend_schema(operation_id="log", summary="一条记录", responses={200: told.LogOut, **REFUSALS})
    def get(self, request: Request, number: uuid.UUID) -> Response:
        log = self.log(number)
        return Response(log_body(log, viewer(request), _notes_on([log])))

    @extend_schema(
        operation_id="revise",
        summary="修改未确认或被退回的记录，须带所读到的版次",
        request=told.RevisedLogIn,
        responses={200: told.LogOut, **REFUSALS, **CONFLICT},
    )
    def put(self, request: Request, number: uuid.UUID) -> Response:
        log = self.log(number)
        found = self.sent(told.RevisedLogIn, request.data)
        revised = revise_entry(
            by=self.by,
            log=log,
            appointment=self.appointment(found["appointment"]),
            entry=told.entry_of(found, revises=True),
            version=found["version"],
            received_at=timezone.now(),
        )
        return Response(self.told(revised))


class Withdrawal(OwnDesk):
    @extend_schema(
        operation_id="withdraw",
        summary="撤回未确认的记录，须写明原因；记录留存，不再计入",
        request=told.WithdrawalIn,
        responses={200: told.LogOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request, number: uuid.UUID) -> Response:
        log = self.log(number)
        reason = self.sent(told.WithdrawalIn, request.data)["reason"]
        return Response(self.told(withdraw_entry(by=self.by, log=log, reason=reason)))


class Photos(OwnDesk):
    parser_classes = (OnePhoto,)

    @extend_schema(
        operation_id="add_photo",
        summary="给一个事项添加一张照片；同一张再发，答200",
        request={"multipart/form-data": told.PhotoIn},
        responses={201: told.PhotoOut, 200: told.PhotoOut, **REFUSALS},
    )
    def post(self, request: Request, number: uuid.UUID) -> Response:
        log = self.log(number)
        found, now = self.sent(told.PhotoIn, request.data), timezone.now()
        matters = sorted(log.matters.all(), key=lambda matter: matter.pk)
        if found["matter"] >= len(matters):
            raise DomainError("该记录没有这个事项，请先提交事项，再上传照片。", field="matter")
        matter, file = matters[found["matter"]], found["file"]
        if "sha256" in found:
            _check_whole(file, found["sha256"])
        photo = store_photo(by=self.by, matter=matter, file=file, now=now)
        new = photo.added_at == now
        body = next(one for one in self.told(log)["photos"] if one["id"] == photo.pk)
        return Response(body, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)


def _notes_on(logs: Sequence[ServiceLog]) -> dict[int, str]:
    """Of the running month: a phone asks for the others by the page."""
    today = timezone.localdate()
    return notes_on(logs, Period.containing(PeriodKind.MONTH, today), today)


def _check_whole(file: Any, digest: str) -> None:
    """DomainError where the bytes are not those that the phone has."""
    got = hashlib.file_digest(cast("Any", file), "sha256").hexdigest()
    file.seek(0)
    if got != digest.lower():
        raise DomainError("照片没有完整送达，请重新发送。", field="sha256")


class Zero(OwnDesk):
    @extend_schema(
        operation_id="zero_report",
        summary="零申报：某月在某村没有服务；已有记录的不能申报，以后补录的自动撤回申报",
        request=told.ZeroIn,
        responses={201: told.ZeroOut, 200: told.ZeroOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        found = self.sent(told.ZeroIn, request.data)
        filing, new = file_zero(
            by=self.by,
            appointment=self.appointment(found["appointment"]),
            month=found["month"],
            reason=found["reason"],
            now=timezone.now(),
        )
        body = {
            "appointment": found["appointment"],
            "month": found["month"].code,
            "reason": filing.body,
            "filed_on": filing.filed_on,
        }
        return Response(body, status=status.HTTP_201_CREATED if new else status.HTTP_200_OK)
