"""Tokens of one's own: given and revoked in the browser, never by a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api import serializers as told
from assessments.api.access import SessionOnly
from assessments.api.description import BY_SESSION, CONFLICT, REFUSALS
from assessments.api.views import OwnDesk
from lawadvisor.accounts import tokens
from lawadvisor.accounts.models import ApiToken

if TYPE_CHECKING:
    from lawadvisor.accounts.models import User


class Tokens(OwnDesk):
    authentication_classes = (SessionOnly,)

    @extend_schema(
        auth=BY_SESSION,
        operation_id="tokens",
        summary="本人的令牌，不含令牌本身",
        responses={200: told.TokenOut(many=True), **REFUSALS},
    )
    def get(self, request: Request) -> Response:
        return Response([_body(token) for token in tokens.alive(cast("User", request.user))])

    @extend_schema(
        auth=BY_SESSION,
        operation_id="give_token",
        summary="新建令牌；令牌本身只在此时显示一次",
        request=told.TokenIn,
        responses={201: told.NewTokenOut, **REFUSALS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        name = self.sent(told.TokenIn, request.data)["name"]
        token, text = tokens.give(by=self.by, user=cast("User", request.user), name=name)
        return Response({**_body(token), "token": text}, status=status.HTTP_201_CREATED)


class OneToken(OwnDesk):
    authentication_classes = (SessionOnly,)

    @extend_schema(
        auth=BY_SESSION,
        operation_id="revoke_token",
        summary="停用令牌",
        responses={204: None, **REFUSALS},
    )
    def delete(self, request: Request, pk: int) -> Response:
        token = ApiToken.objects.filter(user=cast("User", request.user), pk=pk).first()
        if token is None:
            raise Http404
        tokens.revoke(by=self.by, token=token)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _body(token: ApiToken) -> dict[str, Any]:
    used = token.used_at
    return {
        "id": token.pk,
        "name": token.name,
        "created_at": timezone.localtime(token.created_at).isoformat(timespec="seconds"),
        "expires_at": timezone.localtime(token.expires_at).isoformat(timespec="seconds"),
        "used_at": timezone.localtime(used).isoformat(timespec="seconds") if used else None,
    }
