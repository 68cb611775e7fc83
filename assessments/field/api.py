"""Requests and reports of grave matters for phones and other programs, below ``/api/v1/``."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.access import SignedIn, viewer
from assessments.api.bodies import request_body
from assessments.api.description import CONFLICT, REFUSALS
from assessments.api.serializers import ClockField, RequestOut
from assessments.api.views import OwnDesk
from assessments.field.incidents import recipients_of
from assessments.field.requests import village_of
from lawadvisor.foundation.roles import Thing, Verb
from lawadvisor.foundation.viewer import Viewer
from worklogs import incidents
from worklogs.asking import OpenRequest, Wish, open_requests, raise_request, told
from worklogs.enums import (
    OWED_REQUESTS,
    IncidentKind,
    IncidentLevel,
    Recipient,
    RequestKind,
)
from worklogs.incidents import Report, moment
from worklogs.models import Incident, ServiceRequest

_BIGGEST_COUNT = 2**31 - 1


class RequestsOut(serializers.Serializer):
    items = RequestOut(many=True)


class RequestIn(serializers.Serializer):
    uuid = serializers.UUIDField()
    village = serializers.RegexField(r"^[0-9]{12}$")
    kind = serializers.ChoiceField(RequestKind.choices)
    text = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    wanted_on = serializers.DateField(required=False, allow_null=True, default=None)


class IncidentIn(serializers.Serializer):
    uuid = serializers.UUIDField()
    appointment = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    kind = serializers.ChoiceField(IncidentKind.choices)
    level = serializers.ChoiceField(IncidentLevel.choices)
    day = serializers.DateField()
    time = ClockField()
    place = serializers.CharField(max_length=80)
    people = serializers.IntegerField(
        min_value=0, max_value=_BIGGEST_COUNT, required=False, allow_null=True, default=None
    )
    facts = serializers.CharField(max_length=1000)


class NoticeOut(serializers.Serializer):
    recipient = serializers.ChoiceField(Recipient.choices)
    due_at = serializers.DateTimeField()
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class IncidentOut(serializers.Serializer):
    uuid = serializers.UUIDField()
    id = serializers.IntegerField()
    village = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    notices = NoticeOut(many=True)


class Requests(OwnDesk):
    permission_classes = (SignedIn,)  # type: ignore[assignment]

    def seeing(self) -> Viewer:
        seen = viewer(self.request)
        if not seen.sees(Thing.REQUESTS):
            raise exceptions.PermissionDenied
        return seen

    @extend_schema(
        operation_id="requests",
        summary="本岗位所见的待办服务请求，最急的在前",
        responses={200: RequestsOut, **REFUSALS},
    )
    def get(self, request: Request) -> Response:  # noqa: ARG002
        return Response({"items": [request_body(row) for row in open_requests(self.seeing())]})

    @extend_schema(
        operation_id="raise_request",
        summary="提出服务请求；同一编号的同一内容再发，答200",
        request=RequestIn,
        responses={201: RequestOut, 200: RequestOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        seen = self.seeing()
        if not seen.may(Verb.ASK):
            raise exceptions.PermissionDenied
        sent = self.sent(RequestIn, request.data)
        made, new = raise_request(
            by=self.by,
            village=village_of(sent, seen),
            wish=Wish(kind=sent["kind"], text=sent["text"], wanted_on=sent["wanted_on"]),
            role=seen.role,
            client_uuid=sent["uuid"],
            now=timezone.now(),
        )
        number = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response(request_body(_shown(made, seen)), status=number)


def _shown(row: ServiceRequest, seen: Viewer) -> OpenRequest:
    return OpenRequest(
        pk=row.pk,
        village=row.village.short_name,
        kind=row.get_kind_display(),
        text=told(row, "text", seen),
        wanted_on=row.wanted_on,
        raised_at=row.raised_at,
        due_on=row.due_on,
        overdue=row.due_on < timezone.localdate() and row.state in OWED_REQUESTS,
        state=row.state,
        state_label=row.get_state_display(),
    )


class Incidents(OwnDesk):
    @extend_schema(
        operation_id="report_incident",
        summary="报告重大事项，报送对象按当地政策；同一编号的同一内容再发，答200",
        request=IncidentIn,
        responses={201: IncidentOut, 200: IncidentOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        sent = self.sent(IncidentIn, request.data)
        appointment = self.appointment(sent["appointment"])
        made, new = incidents.report_incident(
            by=self.by,
            appointment=appointment,
            report=Report(
                kind=sent["kind"],
                level=sent["level"],
                happened_at=moment(sent["day"], sent["time"]),
                place=sent["place"],
                facts=sent["facts"],
                people=sent["people"],
            ),
            recipients=recipients_of(appointment.village.township.bureau),
            client_uuid=sent["uuid"],
            now=timezone.now(),
        )
        number = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response(_incident_body(made, sent["uuid"]), status=number)


def _incident_body(row: Incident, number: uuid.UUID) -> dict[str, Any]:
    notices = row.notices.order_by("pk")
    return {
        "uuid": str(number),
        "id": row.pk,
        "village": row.village.short_name,
        "submitted_at": timezone.localtime(row.submitted_at).isoformat(timespec="seconds"),
        "notices": [
            {
                "recipient": each.recipient,
                "due_at": timezone.localtime(each.due_at).isoformat(timespec="seconds"),
                "acknowledged_at": each.acknowledged_at
                and timezone.localtime(each.acknowledged_at).isoformat(timespec="seconds"),
            }
            for each in notices
        ],
    }
